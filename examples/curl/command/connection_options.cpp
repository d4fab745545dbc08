#include "command/values.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace viaduct_curl {
namespace {

template <CURLoption Option>
void direct_flag(given& g)
{
    g.now.direct.set(Option, g.name, g.on ? 1 : 0);
}

/// c-ares can be told whom to ask, and the system cannot.
template <CURLoption Option>
void take_dns(given& g)
{
    auto const* const libcurl = curl_version_info(CURLVERSION_NOW);
    if (libcurl->ares_num == 0) misuse(g, "the installed libcurl version doesn't support this");
    g.now.passed.set(Option, g.name, g.value);
}

void take_resolve(given& g)
{
    g.now.way.resolve.push_back(g.value);
    g.now.direct.append(CURLOPT_RESOLVE, g.name, g.value);
}

void take_connect_to(given& g)
{
    g.now.way.connect_to.push_back(g.value);
    g.now.direct.append(CURLOPT_CONNECT_TO, g.name, g.value);
}

void take_interface(given& g)
{
    g.now.way.interface = g.value;
    g.now.direct.set(CURLOPT_INTERFACE, g.name, g.value);
}

/// FROM[-TO]
void take_local_port(given& g)
{
    auto const dash = g.value.find('-');
    auto first = g;
    first.value = g.value.substr(0, dash);
    auto const from = read_number(first);
    auto last = g;
    last.value = dash == std::string::npos ? first.value : g.value.substr(dash + 1);
    auto const to = read_number(last);
    if (to > 65535 || to < from) misuse(g, "bad range");
    g.now.direct.set(CURLOPT_LOCALPORT, g.name, from);
    g.now.direct.set(CURLOPT_LOCALPORTRANGE, g.name, to - from + 1);
}

template <int Family>
void take_family(given& g)
{
    g.now.way.family = g.on ? Family : 0;
    g.now.direct.set(CURLOPT_IPRESOLVE, g.name,
                     std::int64_t{!g.on         ? CURL_IPRESOLVE_WHATEVER
                                  : Family == 4 ? CURL_IPRESOLVE_V4
                                                : CURL_IPRESOLVE_V6});
}

void take_head_start(given& g)
{
    constexpr std::int64_t longest = 24 * 60 * 60 * 1000;
    auto const time = std::min(read_number(g), longest);
    g.now.way.head_start = std::chrono::milliseconds{time};
    g.now.direct.set(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, g.name, time);
}

void take_no_delay(given& g)
{
    g.now.way.no_delay = g.on;
    direct_flag<CURLOPT_TCP_NODELAY>(g);
}

void take_keep_alive(given& g)
{
    g.now.way.keep_alive = g.on;
    direct_flag<CURLOPT_TCP_KEEPALIVE>(g);
}

void take_keep_alive_time(given& g)
{
    auto const seconds = read_number(g);
    if (seconds > std::numeric_limits<int>::max()) misuse(g, "too large number");
    g.now.way.keep_alive_time = static_cast<int>(seconds);
    g.now.direct.set(CURLOPT_TCP_KEEPIDLE, g.name, seconds);
    g.now.direct.set(CURLOPT_TCP_KEEPINTVL, g.name, seconds);
}

constexpr std::array rows{
    option{"max-time", 'm', "seconds", [](given& g) { g.now.max_time = read_seconds(g); },
           "How long everything may take"},
    option{"connect-timeout", 0, "seconds", [](given& g) { g.now.connect_timeout = read_seconds(g); },
           "How long it may take until the tunnel is open"},
    option{"resolve", 0, "[+]host:port:address[,address]...", take_resolve,
           "Addresses of a name, which is not looked up then"},
    option{"connect-to", 0, "host:port:host2:port2", take_connect_to,
           "Go to the second host and port for the first ones; by a tunnel, if there is a proxy"},
    option{"interface", 0, "name", take_interface,
           "An interface, an address or a name of this machine to leave from"},
    option{"local-port", 0, "number[-number]", take_local_port,
           "The port to leave from, where there is no tunnel"},
    option{"ipv4", '4', "", take_family<4>, "Use no IPv6 addresses of names"},
    option{"ipv6", '6', "", take_family<6>, "Use no IPv4 addresses of names"},
    option{"happy-eyeballs-timeout-ms", 0, "milliseconds", take_head_start,
           "How long one address is tried before the next"},
    option{"tcp-nodelay", 0, "", take_no_delay, "Send small pieces at once; the default"},
    option{"tcp-fastopen", 0, "", direct_flag<CURLOPT_TCP_FASTOPEN>,
           "Send with the connection's first packet, where there is no tunnel"},
    option{"keepalive", 0, "", take_keep_alive, "Probe silent connections; the default"},
    option{"keepalive-time", 0, "seconds", take_keep_alive_time, "How long one is silent before that"},
    option{"dns-servers", 0, "addresses", take_dns<CURLOPT_DNS_SERVERS>, "The servers to ask for names"},
    option{"dns-interface", 0, "interface", take_dns<CURLOPT_DNS_INTERFACE>,
           "Ask for names from this interface"},
    option{"dns-ipv4-addr", 0, "address", take_dns<CURLOPT_DNS_LOCAL_IP4>,
           "Ask for names from this IPv4 address"},
    option{"dns-ipv6-addr", 0, "address", take_dns<CURLOPT_DNS_LOCAL_IP6>,
           "Ask for names from this IPv6 address"},
    option{"unix-socket", 0, "path",
           [](given& g) { g.now.direct.set(CURLOPT_UNIX_SOCKET_PATH, g.name, g.value); },
           "Connect to a socket of this machine, and to no proxy"},
    option{"abstract-unix-socket", 0, "name",
           [](given& g) { g.now.direct.set(CURLOPT_ABSTRACT_UNIX_SOCKET, g.name, g.value); },
           "The same by a name that is no file's"},
};

} // namespace

topic connection_options()
{
    return {"Connections", rows};
}

} // namespace viaduct_curl
