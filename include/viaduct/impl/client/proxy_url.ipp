#ifndef VIADUCT_IMPL_CLIENT_PROXY_URL_IPP
#define VIADUCT_IMPL_CLIENT_PROXY_URL_IPP

#include <viaduct/client/proxy_url.hpp>
#include <viaduct/http/characters.hpp>

#include <charconv>
#include <string>
#include <tuple>
#include <utility>

namespace viaduct {
namespace detail {

[[nodiscard]] inline std::string percent_decode(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        bool const escape = text[at] == '%' && at + 2 < text.size() && characters::is_hex(text[at + 1]) &&
                            characters::is_hex(text[at + 2]);
        if (!escape) {
            out += text[at];
            continue;
        }
        unsigned octet = 0;
        std::from_chars(text.data() + at + 1, text.data() + at + 3, octet, 16);
        out += static_cast<char>(octet);
        at += 2;
    }
    return out;
}

[[nodiscard]] inline credentials parse_userinfo(std::string_view text)
{
    auto const colon = text.find(':');
    credentials who{percent_decode(text.substr(0, colon)), {}};
    if (colon != std::string_view::npos) who.password = percent_decode(text.substr(colon + 1));
    return who;
}

[[nodiscard]] inline std::optional<proxy_scheme> find_scheme(std::string_view name)
{
    for (auto const scheme :
         {proxy_scheme::http, proxy_scheme::https, proxy_scheme::socks5, proxy_scheme::socks5h,
          proxy_scheme::socks4, proxy_scheme::socks4a, proxy_scheme::direct})
        if (characters::iequals(name, name_of(scheme))) return scheme;
    return std::nullopt;
}

[[nodiscard]] inline std::uint16_t port_of(proxy_scheme scheme)
{
    switch (scheme) {
    case proxy_scheme::http: return 80;
    case proxy_scheme::https: return 443;
    default: return 1080;
    }
}

[[nodiscard]] inline bool is_direct_text(std::string_view text)
{
    auto const is = [text](std::string_view form) { return characters::iequals(text, form); };
    return is("direct") || is("direct:") || is("direct://");
}

/// An authority without a host comes from a failure only, so that nobody makes one by mistake.
[[nodiscard]] inline proxy_url direct_url()
{
    error_code ignored;
    return {parse_authority({}, ignored), {}, proxy_scheme::direct};
}

/// Cuts `scheme://` off; nothing if it was not there.
[[nodiscard]] inline std::optional<proxy_scheme> take_scheme(std::string_view& text, error_code& ec)
{
    auto const end = text.find("://");
    ec = {};
    if (end == std::string_view::npos) return std::nullopt;
    auto const scheme = find_scheme(text.substr(0, end));
    if (!scheme) ec = errc::proxy_scheme_unsupported;
    if (scheme == proxy_scheme::direct) ec = errc::proxy_url_invalid; // with a host, as it is not bare
    text.remove_prefix(end + 3);
    return scheme;
}

/// Cuts `user:password@` off; nothing if it was not there, or empty.
[[nodiscard]] inline std::optional<credentials> take_userinfo(std::string_view& text, error_code& ec)
{
    auto const at = text.rfind('@');
    if (at == std::string_view::npos) return std::nullopt;
    auto const userinfo = text.substr(0, at);
    text.remove_prefix(at + 1);
    if (userinfo.empty()) return std::nullopt;
    auto who = parse_userinfo(userinfo);
    std::ignore = basic_authorization(who, ec);
    return who;
}

[[nodiscard]] inline bool has_port(std::string_view text)
{
    auto const bracket = text.rfind(']');
    return text.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
}

/// Reads `host[:port]`; a default port of 0 is none.
[[nodiscard]] inline authority parse_endpoint(std::string_view text, std::uint16_t default_port,
                                              error_code& ec)
{
    std::string endpoint{text};
    if (!has_port(text) && default_port != 0) endpoint += ':' + std::to_string(default_port);
    return parse_authority(endpoint, ec);
}

} // namespace detail

VIADUCT_DECL std::string_view name_of(proxy_scheme scheme) noexcept
{
    switch (scheme) {
    case proxy_scheme::http: return "http";
    case proxy_scheme::https: return "https";
    case proxy_scheme::socks5: return "socks5";
    case proxy_scheme::socks5h: return "socks5h";
    case proxy_scheme::socks4: return "socks4";
    case proxy_scheme::socks4a: return "socks4a";
    case proxy_scheme::direct: return "direct";
    }
    return {};
}

VIADUCT_DECL std::optional<proxy_url> parse_proxy_url(std::string_view text, std::uint16_t default_port,
                                                      error_code& ec)
{
    ec = {};
    if (detail::is_direct_text(text)) return detail::direct_url();
    auto const scheme = detail::take_scheme(text, ec);
    if (ec) return std::nullopt;
    auto who = detail::take_userinfo(text, ec);
    if (ec) return std::nullopt;
    if (text.ends_with('/')) text.remove_suffix(1);
    if (text.empty()) {
        ec = errc::proxy_url_invalid;
        return std::nullopt;
    }
    if (default_port == 0 && scheme) default_port = detail::port_of(*scheme);
    auto endpoint = detail::parse_endpoint(text, default_port, ec);
    if (ec) return std::nullopt;
    return proxy_url{std::move(endpoint), std::move(who), scheme.value_or(proxy_scheme::http)};
}

VIADUCT_DECL proxy_url parse_proxy_url(std::string_view text)
{
    error_code ec;
    auto url = parse_proxy_url(text, 0, ec);
    if (ec) throw system_error(ec, "parse_proxy_url");
    return std::move(*url);
}

VIADUCT_DECL std::string to_text(proxy_url const& url)
{
    std::string text{name_of(url.scheme)};
    return url.is_direct() ? text : text + "://" + url.endpoint.text();
}

} // namespace viaduct

#endif
