#ifndef VIADUCT_IMPL_CLIENT_PROXY_URL_IPP
#define VIADUCT_IMPL_CLIENT_PROXY_URL_IPP

#include <viaduct/client/proxy_url.hpp>
#include <viaduct/http/characters.hpp>

#include <charconv>
#include <string>
#include <tuple>

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

/// Cuts `scheme://` off; true if it was there.
[[nodiscard]] inline bool take_scheme(std::string_view& text, error_code& ec)
{
    auto const end = text.find("://");
    ec = {};
    if (end == std::string_view::npos) return false;
    if (!characters::iequals(text.substr(0, end), "http")) ec = errc::proxy_scheme_unsupported;
    text.remove_prefix(end + 3);
    return true;
}

[[nodiscard]] inline bool has_port(std::string_view text)
{
    auto const bracket = text.rfind(']');
    return text.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
}

} // namespace detail

VIADUCT_DECL std::optional<proxy_url> parse_proxy_url(std::string_view text, std::uint16_t default_port,
                                                      error_code& ec)
{
    bool const has_scheme = detail::take_scheme(text, ec);
    if (ec) return std::nullopt;
    std::optional<credentials> who;
    if (auto const at = text.rfind('@'); at != std::string_view::npos) {
        who = detail::parse_userinfo(text.substr(0, at));
        if (std::ignore = basic_authorization(*who, ec); ec) return std::nullopt;
        text.remove_prefix(at + 1);
    }
    if (text.ends_with('/')) text.remove_suffix(1);
    if (text.empty()) {
        ec = errc::proxy_url_invalid;
        return std::nullopt;
    }
    std::string endpoint{text};
    if (!detail::has_port(text)) {
        if (!has_scheme && default_port == 0) {
            ec = errc::port_missing;
            return std::nullopt;
        }
        endpoint += ':' + std::to_string(default_port == 0 ? 80 : default_port);
    }
    auto where = parse_authority(endpoint, ec);
    if (ec) return std::nullopt;
    return proxy_url{std::move(where), std::move(who)};
}

VIADUCT_DECL proxy_url parse_proxy_url(std::string_view text)
{
    error_code ec;
    auto url = parse_proxy_url(text, 0, ec);
    if (ec) throw system_error(ec, "parse_proxy_url");
    return std::move(*url);
}

} // namespace viaduct

#endif
