#include "command/values.hpp"

#include <array>
#include <sstream>
#include <string>

namespace viaduct_curl {
namespace {

void take_exit_compat(given& g)
{
    if (g.value != "7" && g.value != "56") misuse(g, "expected 56, or 7 for what is the default");
    g.now.way.refused_exit = g.value == "56" ? CURLE_RECV_ERROR : CURLE_COULDNT_CONNECT;
}

/// A field, or for `@file` one a line.
void take_proxy_header(given& g)
{
    if (!g.value.starts_with('@')) return g.now.way.proxy_headers.push_back(g.value);
    std::istringstream lines{value_or_file(g)};
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) g.now.way.proxy_headers.push_back(line);
    }
}

void take_haproxy_protocol(given& g)
{
    g.now.way.haproxy_protocol = g.on;
    g.now.direct.set(CURLOPT_HAPROXYPROTOCOL, g.name, g.on ? 1 : 0);
}

void refuse_http2(given& g)
{
    misuse(g, "proxies are spoken to in HTTP/1.1; leave the switch out, they know that, too");
}

constexpr std::array rows{
    option{"proxy", 'x', "[scheme://][user:password@]host[:port]",
           [](given& g) { g.now.way.proxies.push_back(g.value); },
           "http, https, socks4, socks4a, socks5 or socks5h; \"\": none; again: the next one to try"},
    option{"preproxy", 0, "[scheme://]host[:port]", [](given& g) { g.now.way.preproxy = g.value; },
           "A proxy in front of the proxy"},
    option{"socks4", 0, "host[:port]", [](given& g) { g.now.way.proxies.push_back("socks4://" + g.value); },
           "A SOCKS4 proxy, which is told addresses"},
    option{"socks4a", 0, "host[:port]", [](given& g) { g.now.way.proxies.push_back("socks4a://" + g.value); },
           "A SOCKS4A proxy, which is told names"},
    option{"socks5", 0, "host[:port]", [](given& g) { g.now.way.proxies.push_back("socks5://" + g.value); },
           "A SOCKS5 proxy that is told addresses"},
    option{"socks5-hostname", 0, "host[:port]",
           [](given& g) { g.now.way.proxies.push_back("socks5h://" + g.value); },
           "A SOCKS5 proxy that is told names"},
    option{"proxytunnel", 'p', "", [](given& g) { g.now.way.tunnel = g.on; }, "Use CONNECT for http, too"},
    option{"proxy1.0", 0, "host[:port]",
           [](given& g) {
               g.now.way.http_1_0 = true;
               g.now.way.proxies.push_back(g.value);
           },
           "A proxy that is spoken to in HTTP/1.0"},
    option{"proxy-header", 0, "field|@file", take_proxy_header, "A field for the proxy"},
    option{"haproxy-protocol", 0, "", take_haproxy_protocol, "Send the PROXY protocol's header first"},
    option{"haproxy-clientip", 0, "address", [](given& g) { g.now.way.haproxy_client = g.value; },
           "The address in that header"},
    option{"proxy-http2", 0, "", refuse_http2, "Refused: proxies are spoken to in HTTP/1.1"},
    option{"proxy-http3", 0, "", refuse_http2, "Refused: proxies are spoken to in HTTP/1.1"},
    option{"noproxy", 0, "hosts", [](given& g) { g.now.way.no_proxy = g.value; },
           "Hosts that are reached without the proxy"},
    option{"exit-compat", 0, "56", take_exit_compat,
           "Exit with 56 where a CONNECT is refused, as curl did before 8.20"},
};

} // namespace

topic way_options()
{
    return {"The way to the origin", rows};
}

} // namespace viaduct_curl
