#ifndef VIADUCT_AUTH_BASIC_HPP
#define VIADUCT_AUTH_BASIC_HPP

#include <viaduct/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace viaduct {

/// A user name and a password.
struct credentials
{
    std::string user;
    std::string password;

    friend bool operator==(credentials const&, credentials const&) = default;
};

/// The value of an Authorization or Proxy-Authorization field for the Basic scheme (RFC 7617).
/**
 * @param who The octets are taken as they are; RFC 7617 suggests UTF-8.
 * @param ec `errc::credentials_invalid` if the user name holds a colon or either part a control character.
 * @return `Basic ` and the encoded pair; empty on an error. A secret: never log it.
 */
[[nodiscard]] VIADUCT_DECL std::string basic_authorization(credentials const& who, error_code& ec);

/// Reads such a value back, as a server does.
/**
 * @return Nothing if it is not of the Basic scheme, not base64, without a colon, or holds a control
 * character.
 */
[[nodiscard]] VIADUCT_DECL std::optional<credentials> parse_basic_authorization(std::string_view value);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/basic.ipp>
#endif

#endif
