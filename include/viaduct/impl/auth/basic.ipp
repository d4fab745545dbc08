#ifndef VIADUCT_IMPL_AUTH_BASIC_IPP
#define VIADUCT_IMPL_AUTH_BASIC_IPP

#include <viaduct/auth/basic.hpp>
#include <viaduct/http/characters.hpp>
#include <viaduct/impl/auth/base64.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

/// Whether RFC 7617 section 2 forbids an octet of the pair.
[[nodiscard]] inline bool has_control(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return c == '\t' || characters::is_forbidden_control(c); });
}

} // namespace detail

VIADUCT_DECL std::string basic_authorization(credentials const& who, error_code& ec)
{
    ec = {};
    if (who.user.find(':') != std::string::npos || detail::has_control(who.user) ||
        detail::has_control(who.password)) {
        ec = errc::credentials_invalid;
        return {};
    }
    return "Basic " + detail::base64_encode(who.user + ':' + who.password);
}

VIADUCT_DECL std::optional<credentials> parse_basic_authorization(std::string_view value)
{
    auto const space = value.find(' ');
    if (space == std::string_view::npos || !characters::iequals(value.substr(0, space), "Basic"))
        return std::nullopt;
    auto const pair = detail::base64_decode(characters::trim(value.substr(space)));
    if (!pair || detail::has_control(*pair)) return std::nullopt;
    auto const colon = pair->find(':');
    if (colon == std::string::npos) return std::nullopt;
    return credentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

} // namespace viaduct

#endif
