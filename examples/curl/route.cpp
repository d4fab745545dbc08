#include "route.hpp"

#include "failure.hpp"
#include <viaduct/client/environment.hpp>
#include <viaduct/client/no_proxy.hpp>
#include <viaduct/http/characters.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace viaduct_curl {
namespace {

constexpr std::uint16_t default_port = 1080; // curl's, for a proxy without a port

/// The text without a user name and a password.
[[nodiscard]] std::string without_credentials(std::string const& text)
{
    auto const at = text.rfind('@');
    if (at == std::string::npos) return text;
    auto const scheme = text.find("://");
    return (scheme == std::string::npos ? std::string{} : text.substr(0, scheme + 3)) + text.substr(at + 1);
}

[[noreturn]] void refuse(std::string const& text, viaduct::error_code why)
{
    auto const shown = without_credentials(text);
    if (why == viaduct::errc::credentials_invalid)
        throw failure{CURLE_BAD_FUNCTION_ARGUMENT,
                      "The proxy's user name or password holds a character that cannot be sent"};
    auto const scheme = text.substr(0, text.find("://"));
    bool const is_scheme = std::all_of(scheme.begin(), scheme.end(), viaduct::characters::is_alpha) ||
                           scheme.starts_with("socks");
    if (why != viaduct::errc::proxy_scheme_unsupported)
        throw failure{CURLE_COULDNT_RESOLVE_PROXY,
                      fmt::format("Unsupported proxy syntax in '{}': {}", shown, why.message())};
    if (!is_scheme)
        throw failure{CURLE_COULDNT_RESOLVE_PROXY, fmt::format("Unsupported proxy syntax in '{}'", shown)};
    if (scheme == "https" || scheme.starts_with("socks"))
        throw failure{CURLE_NOT_BUILT_IN,
                      fmt::format("Unsupported proxy '{}': only http:// proxies are spoken to", shown)};
    throw failure{CURLE_COULDNT_CONNECT, fmt::format("Unsupported proxy scheme for '{}'", shown)};
}

/// user:password as -U gives it; nothing in it is encoded.
[[nodiscard]] viaduct::credentials split_credentials(std::string const& text)
{
    auto const colon = std::min(text.find(':'), text.size());
    return {text.substr(0, colon), text.substr(std::min(colon + 1, text.size()))};
}

[[nodiscard]] std::string proxy_text(command_line const& command, url const& to)
{
    if (command.proxy) return *command.proxy;
    return viaduct::proxy_from_environment(to.scheme).value_or("");
}

/// Whether the URL's host is excepted from the proxy.
[[nodiscard]] bool is_excepted(command_line const& command, url const& to, verbose const& log)
{
    auto const text = command.no_proxy ? *command.no_proxy : viaduct::no_proxy_from_environment();
    viaduct::no_proxy_rules const rules{text};
    auto const entry = rules.explain(to.host, to.port);
    if (entry) log.note(fmt::format("No proxy for {}, because of '{}'", to.host, *entry));
    return entry.has_value();
}

} // namespace

route choose_route(command_line const& command, url const& to, verbose const& log)
{
    auto const text = proxy_text(command, to);
    if (text.empty() || is_excepted(command, to, log)) return {};
    viaduct::error_code ec;
    route result{viaduct::parse_proxy_url(text, default_port, ec), to.is_https() || command.tunnel};
    if (ec) refuse(text, ec);
    if (!result.proxy->who && command.proxy_user) result.proxy->who = split_credentials(*command.proxy_user);
    return result;
}

} // namespace viaduct_curl
