#ifndef VIADUCT_IMPL_HTTP_AUTHORITY_IPP
#define VIADUCT_IMPL_HTTP_AUTHORITY_IPP

#include <viaduct/http/authority.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#if defined(_WIN32)
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

namespace viaduct {
namespace detail {

inline constexpr std::size_t max_name = 253;
inline constexpr std::size_t max_label = 63;
inline constexpr std::size_t max_authority =
    max_name + 1 + 1 + 5; // the name, its final dot, the colon, the port

/// The octets of an address of family `Family`, or nothing if `text` is not one.
template <int Family, std::size_t Octets>
[[nodiscard]] std::optional<std::array<unsigned char, Octets>> address_octets(std::string_view text)
{
    std::array<char, 64> copy{}; // inet_pton wants a terminator; no address is this long
    if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
    std::copy(text.begin(), text.end(), copy.begin());
    std::array<unsigned char, Octets> octets{};
    if (::inet_pton(Family, copy.data(), octets.data()) != 1) return std::nullopt;
    return octets;
}

/// The canonical text of an IPv6 address (RFC 5952), or nothing if `text` is not one.
[[nodiscard]] inline std::optional<std::string> canonical_ipv6(std::string_view text)
{
    auto const octets = address_octets<AF_INET6, 16>(text);
    std::array<char, 64> canonical{};
    if (!octets || !::inet_ntop(AF_INET6, octets->data(), canonical.data(), canonical.size()))
        return std::nullopt;
    return std::string{canonical.data()};
}

/// Whether a resolver could take the name for an IPv4 address: its last label is a number, decimal or 0x.
/** The "ends in a number" rule of the WHATWG URL standard; inet_aton and getaddrinfo read such names as
 * addresses. */
[[nodiscard]] inline bool looks_numeric(std::string_view name)
{
    auto const last = name.substr(name.rfind('.') + 1); // all of it, if there is no dot
    auto const all = [](std::string_view text, auto predicate) {
        return std::all_of(text.begin(), text.end(), predicate);
    };
    if (!last.empty() && all(last, characters::is_digit)) return true;
    return last.size() >= 2 && last[0] == '0' && characters::to_lower(last[1]) == 'x' &&
           all(last.substr(2), characters::is_hex);
}

[[nodiscard]] inline error_code check_label(std::string_view label)
{
    if (label.empty()) return errc::host_label_empty;
    if (label.size() > max_label) return errc::host_label_too_long;
    if (label.front() == '-') return errc::host_label_starts_with_hyphen;
    return {};
}

/// Checks a DNS name whose characters are known to be good and whose final dot is gone.
[[nodiscard]] inline error_code check_name(std::string_view name)
{
    if (name.size() > max_name) return errc::host_too_long;
    for (;;) {
        auto const dot = name.find('.');
        if (auto ec = check_label(name.substr(0, dot))) return ec;
        if (dot == std::string_view::npos) return {};
        name.remove_prefix(dot + 1);
    }
}

[[nodiscard]] constexpr bool is_name_character(char c) noexcept
{
    return characters::is_alpha(c) || characters::is_digit(c) || c == '-' || c == '_' || c == '.';
}

[[nodiscard]] inline error_code check_host_characters(std::string_view host)
{
    if (std::all_of(host.begin(), host.end(), is_name_character)) return {};
    return errc::target_has_invalid_character;
}

struct host_parts
{
    std::string text;
    host_kind kind = host_kind::name;
};

/// What stands between the brackets.
[[nodiscard]] inline host_parts parse_ip_literal(std::string_view text, error_code& ec)
{
    if (text.find('%') != std::string_view::npos)
        ec = errc::host_ipv6_has_zone;
    else if (!text.empty() && characters::to_lower(text.front()) == 'v')
        ec = errc::host_ipvfuture_unsupported;
    else if (auto address = canonical_ipv6(text))
        return {std::move(*address), host_kind::ipv6};
    else
        ec = errc::host_ipv6_invalid;
    return {};
}

[[nodiscard]] inline host_parts parse_name_or_ipv4(std::string_view text, error_code& ec)
{
    ec = check_host_characters(text);
    if (ec) return {};
    // What inet_pton takes of IPv4 has no other spelling.
    if (address_octets<AF_INET, 4>(text)) return {std::string{text}, host_kind::ipv4};
    if (text.ends_with('.')) text.remove_suffix(1);
    ec = text.empty() ? error_code{errc::host_empty} : check_name(text);
    if (!ec && looks_numeric(text)) ec = errc::host_numeric_not_canonical;
    if (ec) return {};
    std::string name{text};
    std::transform(name.begin(), name.end(), name.begin(), characters::to_lower);
    return {std::move(name), host_kind::name};
}

[[nodiscard]] inline host_parts parse_host(std::string_view text, error_code& ec)
{
    ec = {};
    if (text.starts_with('[')) {
        if (text.ends_with(']')) return parse_ip_literal(text.substr(1, text.size() - 2), ec);
        ec = errc::host_ipv6_invalid;
        return {};
    }
    if (text.empty())
        ec = errc::host_empty;
    else
        return parse_name_or_ipv4(text, ec);
    return {};
}

[[nodiscard]] inline std::uint16_t parse_port(std::string_view text, error_code& ec)
{
    unsigned value = 0;
    ec = {};
    if (text.empty())
        ec = errc::port_empty;
    else if (!std::all_of(text.begin(), text.end(), characters::is_digit))
        ec = errc::port_not_a_number;
    else if (text.size() > 1 && text.front() == '0')
        ec = errc::port_not_canonical;
    if (ec) return 0;
    for (char const c : text) {
        value = value * 10 + static_cast<unsigned>(c - '0');
        if (value > 65535) break;
    }
    if (value == 0 || value > 65535) ec = errc::port_out_of_range;
    return static_cast<std::uint16_t>(value);
}

/// Where the port's colon stands: behind the brackets if there are any. `npos` if there is none.
[[nodiscard]] inline std::size_t find_port_colon(std::string_view text)
{
    if (!text.starts_with('[')) return text.rfind(':');
    auto const bracket = text.rfind(']');
    return bracket == std::string_view::npos ? bracket : text.find(':', bracket);
}

/// What only shows on the target as a whole.
[[nodiscard]] inline error_code check_target_shape(std::string_view text)
{
    if (text.empty()) return errc::target_empty;
    if (std::any_of(text.begin(), text.end(), [](char c) {
            return c == ' ' || c == '\t' || characters::is_forbidden_control(c) ||
                   static_cast<signed char>(c) < 0;
        }))
        return errc::target_has_invalid_character;
    if (text.find("://") != std::string_view::npos) return errc::target_has_scheme;
    if (text.find('@') != std::string_view::npos) return errc::target_has_userinfo;
    if (std::any_of(text.begin(), text.end(), [](char c) { return c == '/' || c == '?' || c == '#'; }))
        return errc::target_has_path;
    return {};
}

[[nodiscard]] inline error_code check_colons(std::string_view text, std::size_t colon)
{
    bool const bracketed = text.starts_with('[');
    if (bracketed && text.rfind(']') == std::string_view::npos) return errc::host_ipv6_invalid;
    if (!bracketed && colon != std::string_view::npos && text.find(':') != colon)
        return errc::host_ipv6_unbracketed;
    if (colon == std::string_view::npos) {
        if (!bracketed)
            if (auto ec = check_host_characters(text)) return ec;
        return errc::port_missing;
    }
    return {};
}

} // namespace detail

VIADUCT_DECL authority parse_authority(std::string_view text, error_code& ec)
{
    authority result;
    ec = detail::check_target_shape(text);
    if (ec) return result;
    auto const colon = detail::find_port_colon(text);
    ec = detail::check_colons(text, colon);
    if (ec) return result;
    // The length comes last: a target that is long because it is a URL is better told so.
    if (text.size() > detail::max_authority) ec = errc::target_too_long;
    if (ec) return result;
    auto host = detail::parse_host(text.substr(0, colon), ec);
    if (ec) return result;
    auto const port = detail::parse_port(text.substr(colon + 1), ec);
    if (ec) return result;
    result.host_ = std::move(host.text);
    result.kind_ = host.kind;
    result.port_ = port;
    return result;
}

VIADUCT_DECL authority parse_authority(std::string_view text)
{
    error_code ec;
    auto result = parse_authority(text, ec);
    if (ec) throw system_error(ec, "parse_authority");
    return result;
}

VIADUCT_DECL authority::authority(std::string_view host, std::uint16_t port)
{
    error_code ec;
    bool const bare_ipv6 = !host.starts_with('[') && host.find(':') != std::string_view::npos;
    auto parts = bare_ipv6 ? detail::parse_ip_literal(host, ec) : detail::parse_host(host, ec);
    if (!ec && port == 0) ec = errc::port_out_of_range;
    if (ec) throw system_error(ec, "authority");
    host_ = std::move(parts.text);
    kind_ = parts.kind;
    port_ = port;
}

VIADUCT_DECL std::string authority::text() const
{
    auto const port = std::to_string(port_);
    return kind_ == host_kind::ipv6 ? '[' + host_ + "]:" + port : host_ + ':' + port;
}

} // namespace viaduct

#endif
