#include "listener_port.hpp"

#include "say.hpp"
#include "words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace viaduct_proxy {
namespace {

using viaduct::net::ip::tcp;

/// An option that takes a value, and what it fills.
struct tls_option
{
    std::string_view name;
    std::optional<typed> tls_wishes::*target;
};

constexpr std::array<tls_option, 11> tls_options{{{"tls-cert", &tls_wishes::certificate},
                                                  {"cert", &tls_wishes::certificate},
                                                  {"tls-key", &tls_wishes::key},
                                                  {"key", &tls_wishes::key},
                                                  {"clientca", &tls_wishes::client_ca},
                                                  {"tls-clientca", &tls_wishes::client_ca},
                                                  {"capath", &tls_wishes::client_ca_path},
                                                  {"crlfile", &tls_wishes::crl},
                                                  {"cipher", &tls_wishes::ciphers},
                                                  {"tls-min-version", &tls_wishes::min_version},
                                                  {"min-version", &tls_wishes::min_version}}};

/// What makes no difference to tunnels, or what is so in any case.
constexpr std::array<std::string_view, 21> idle_options{"connection-auth",
                                                        "no-connection-auth",
                                                        "disable-pmtu-discovery",
                                                        "ignore-cc",
                                                        "http11",
                                                        "vport",
                                                        "vhost",
                                                        "no-vhost",
                                                        "worker-queues",
                                                        "generate-host-certificates",
                                                        "dynamic_cert_mem_cache_size",
                                                        "allow-direct",
                                                        "protocol",
                                                        "dhparams",
                                                        "tls-dh",
                                                        "dh",
                                                        "sslcontext",
                                                        "tls-default-ca",
                                                        "options",
                                                        "cafile",
                                                        "tls-cafile"};

/// What would make it another kind of proxy.
constexpr std::array<std::string_view, 8> foreign_options{
    "accel", "act-as-origin", "defaultsite", "intercept", "transparent", "ssl-bump", "tproxy", "version"};

[[nodiscard]] bool is_one_of(std::string_view name, auto const& names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Every address of this machine: of both families where there is IPv6.
[[nodiscard]] viaduct::net::ip::address any_address()
{
    viaduct::net::io_context context;
    tcp::acceptor probe{context};
    viaduct::error_code ec;
    probe.open(tcp::v6(), ec);
    if (!ec) probe.bind({viaduct::net::ip::address_v6::loopback(), 0}, ec);
    if (ec) return viaduct::net::ip::address_v4::any();
    return viaduct::net::ip::address_v6::any();
}

[[nodiscard]] tcp::endpoint read_endpoint(typed const& what, std::string const& text)
{
    if (auto const port = to_port(text)) return {any_address(), *port};
    return to_endpoint(what.where(), text);
}

constexpr std::string_view keepalive_form =
    "write tcpkeepalive=IDLE,INTERVAL,TIMEOUT, in seconds from 1 to 32767";

/// `tcpkeepalive[=idle[,interval[,timeout]]]`: what is left out is as systems have it.
[[nodiscard]] viaduct::tcp_liveness read_keepalive(typed const& what, std::string_view value)
{
    std::array<std::uint64_t, 3> seconds{7200, 75, 675};
    bool goes_on = !value.empty();
    for (std::size_t i = 0; goes_on; ++i) {
        auto const comma = value.find(',');
        auto const number = to_number(value.substr(0, comma));
        if (i == seconds.size() || !number || *number == 0 || *number > 32767) reject(what, keepalive_form);
        seconds[i] = *number;
        goes_on = comma != value.npos;
        if (goes_on) value.remove_prefix(comma + 1);
    }
    auto const [idle, interval, timeout] = seconds;
    return {.idle = std::chrono::seconds{idle},
            .interval = std::chrono::seconds{interval},
            .count = static_cast<int>((timeout + interval - 1) / interval), // as Squid counts
            .user_timeout = {}};
}

void read_option(listener_port& to, std::string_view word)
{
    auto const parts = as_setting(word);
    auto const name = parts ? parts->first : word;
    auto const value = with_value(to.what, std::string{parts ? parts->second : std::string_view{}});
    auto const tls = std::find_if(tls_options.begin(), tls_options.end(),
                                  [&](auto const& each) { return each.name == name; });
    if (name == "name")
        to.name = value.value;
    else if (name == "require-proxy-header")
        to.requires_proxy_header = true;
    else if (name == "tcpkeepalive")
        to.liveness = read_keepalive(to.what, value.value);
    else if (tls != tls_options.end())
        to.tls.*tls->target = value;
    else if (is_one_of(name, foreign_options))
        reject(to.what, fmt::format("'{}': this proxy is asked by CONNECT only, it neither intercepts, "
                                    "decrypts nor stands in front of servers: leave the line out",
                                    name));
    else if (is_one_of(name, idle_options))
        tell(fmt::format("{}: '{}' is of no use here, ignored", to.what.where(), name));
    else
        reject(to.what,
               fmt::format(
                   "'{}' is no option of a port; {}see name=, tcpkeepalive=, tls-cert=, tls-key=, clientca=, "
                   "require-proxy-header",
                   name,
                   guess(name, {"name", "tcpkeepalive", "tls-cert", "tls-key", "clientca", "crlfile",
                                "cipher", "tls-min-version", "require-proxy-header"})));
}

} // namespace

listener_port read_squid_port(typed const& what, bool has_tls)
{
    auto const words = split_plain(what);
    if (words.empty()) reject(what, "write PORT or ADDRESS:PORT");
    listener_port made;
    made.what = what;
    made.has_tls = has_tls;
    made.endpoint = read_endpoint(what, words.front());
    made.name = words.front();
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "sslflags=DELAYED_AUTH")
            made.tls.client_certificate = with_value(what, std::string{"optional"});
        else
            read_option(made, words[i]);
    }
    return made;
}

} // namespace viaduct_proxy
