#include "path/route.hpp"

#include "failure.hpp"
#include "path/connection_settings.hpp"
#include <viaduct/auth/basic.hpp>
#include <viaduct/client/environment.hpp>
#include <viaduct/client/no_proxy.hpp>
#include <viaduct/http/characters.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace viaduct_curl {
namespace {

constexpr std::uint16_t default_port = 1080; // curl's, for a proxy without a port

[[noreturn]] void refuse(std::string const& text, viaduct::error_code why)
{
    auto const shown = without_credentials(text);
    if (why == viaduct::errc::credentials_invalid)
        throw failure{CURLE_BAD_FUNCTION_ARGUMENT,
                      "The proxy's user name or password holds a character that cannot be sent"};
    auto const scheme = text.substr(0, text.find("://"));
    bool const is_word = std::all_of(scheme.begin(), scheme.end(), viaduct::characters::is_alpha);
    bool const is_scheme = (is_word && !scheme.empty()) || scheme.starts_with("socks");
    if (why != viaduct::errc::proxy_scheme_unsupported)
        throw failure{CURLE_COULDNT_RESOLVE_PROXY,
                      fmt::format("Unsupported proxy syntax in '{}': {}", shown, why.message())};
    if (!is_scheme)
        throw failure{CURLE_COULDNT_RESOLVE_PROXY, fmt::format("Unsupported proxy syntax in '{}'", shown)};
    throw failure{CURLE_COULDNT_CONNECT, fmt::format("Unsupported proxy scheme for '{}'", shown)};
}

/// user:password as -U gives it; nothing in it is encoded.
[[nodiscard]] viaduct::credentials split_credentials(std::string const& text)
{
    auto const colon = std::min(text.find(':'), text.size());
    return {text.substr(0, colon), text.substr(std::min(colon + 1, text.size()))};
}

[[nodiscard]] std::vector<std::string> proxy_texts(operation const& wanted, url const& to)
{
    if (!wanted.way.proxies.empty()) return wanted.way.proxies;
    auto const named = viaduct::proxy_from_environment(to.scheme);
    return named ? std::vector{*named} : std::vector<std::string>{};
}

[[nodiscard]] viaduct::proxy_url parse_proxy(std::string const& text)
{
    viaduct::error_code ec;
    bool const is_https = viaduct::characters::iequals(text.substr(0, 8), "https://");
    auto proxy = viaduct::parse_proxy_url(text, is_https ? 443 : default_port, ec);
    if (ec) refuse(text, ec);
    return *proxy;
}

/// -U is for the proxy that -x names, and for it alone, unless its URL says who asks.
void add_user(operation const& wanted, viaduct::proxy_url& proxy)
{
    if (proxy.who || !wanted.identity.user || proxy.is_direct()) return;
    proxy.who = split_credentials(*wanted.identity.user);
    viaduct::error_code ec;
    std::ignore = viaduct::basic_authorization(*proxy.who, ec); // a URL's have been through this
    if (ec) refuse(to_text(proxy), ec);
}

} // namespace

viaduct::proxy_url read_proxy(operation const& wanted, std::string const& text)
{
    auto proxy = parse_proxy(text);
    add_user(wanted, proxy);
    return proxy;
}

namespace {

/// The proxies of the command line or the environment, one behind the other.
[[nodiscard]] viaduct::proxy_list read_ways(operation const& wanted, std::vector<std::string> const& texts)
{
    viaduct::proxy_list ways;
    for (auto const& text : texts) {
        viaduct::proxy_route way;
        auto proxy = read_proxy(wanted, text.empty() ? "direct" : text);
        if (wanted.way.preproxy) way.push_back(parse_proxy(*wanted.way.preproxy));
        if (!proxy.is_direct()) way.push_back(std::move(proxy));
        ways.push_back(std::move(way));
    }
    return ways;
}

/// --connect-to takes the URL elsewhere, which only a tunnel's proxy can be told.
[[nodiscard]] bool is_mapped(operation const& wanted, url const& to)
{
    if (wanted.way.connect_to.empty()) return false;
    viaduct::error_code ec;
    auto const target = viaduct::parse_authority(fmt::format("{}:{}", to.host, to.port), ec);
    return !ec && connect_target(wanted, target) != target;
}

/// libcurl forwards through a SOCKS proxy as well.
[[nodiscard]] bool has_socks_in_front(viaduct::proxy_route const& way)
{
    return way.size() == 2 && to_text(way.front()).starts_with("socks");
}

[[nodiscard]] route::kind kind_of(operation const& wanted, url const& to, viaduct::proxy_list const& ways)
{
    using viaduct::proxy_scheme;
    bool const one = ways.size() == 1 && (ways.front().size() == 1 || has_socks_in_front(ways.front()));
    bool const has_header = wanted.way.haproxy_protocol || wanted.way.haproxy_client;
    bool const wants_tunnel =
        to.is_https() || wanted.way.tunnel || has_header || !one || is_mapped(wanted, to);
    auto const scheme = one ? ways.front().back().scheme : proxy_scheme::http;
    bool const is_http = scheme == proxy_scheme::http || scheme == proxy_scheme::https;
    return wants_tunnel || !is_http ? route::kind::tunnel : route::kind::forward;
}

/// Whether the URL's host is excepted from the proxy.
[[nodiscard]] bool is_excepted(operation const& wanted, url const& to, verbose const& log)
{
    auto const text = wanted.way.no_proxy ? *wanted.way.no_proxy : viaduct::no_proxy_from_environment();
    viaduct::no_proxy_rules const rules{text};
    for (auto const& entry : rules.invalid_entries())
        log.note(fmt::format("'{}' in the list of hosts without a proxy matches no host", entry));
    auto const entry = rules.explain(to.host, to.port);
    if (entry) log.note(fmt::format("No proxy for {}, because of '{}'", to.host, *entry));
    return entry.has_value();
}

} // namespace

/// Switches hold for a whole operation, so its place in memory stands for all of them.
std::string to_key(route const& way, operation const& wanted)
{
    auto key = fmt::format("{}", static_cast<void const*>(&wanted));
    for (auto const& one : way.ways) {
        key += '\n';
        for (auto const& proxy : one)
            key += fmt::format(" {} {}", to_text(proxy),
                               proxy.who ? proxy.who->user + '\t' + proxy.who->password : "");
    }
    return key;
}

route choose_route(operation const& wanted, url const& to, verbose const& log)
{
    bool const is_local =
        wanted.direct.find(CURLOPT_UNIX_SOCKET_PATH) || wanted.direct.find(CURLOPT_ABSTRACT_UNIX_SOCKET);
    if (is_local) return {}; // as libcurl, which then takes no proxy
    auto texts = proxy_texts(wanted, to);
    if (texts.empty() && wanted.way.preproxy)
        texts = {"direct"}; // which the preproxy then stands in front of
    bool const none = texts.empty() || (texts.size() == 1 && texts.front().empty() && !wanted.way.preproxy);
    if (none || is_excepted(wanted, to, log)) return {};
    auto ways = read_ways(wanted, texts);
    auto const how = kind_of(wanted, to, ways);
    return {how, std::move(ways)};
}

} // namespace viaduct_curl
