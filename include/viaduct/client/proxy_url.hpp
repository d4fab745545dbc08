#ifndef VIADUCT_CLIENT_PROXY_URL_HPP
#define VIADUCT_CLIENT_PROXY_URL_HPP

#include <viaduct/auth/basic.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace viaduct {

/// Where a proxy is and who asks it: `http://[user[:password]@]host[:port]`.
struct proxy_url
{
    authority endpoint;               ///< The proxy's host and port.
    std::optional<credentials> who{}; ///< From the URL, percent-decoded.
};

/// Reads a proxy URL.
/**
 * The scheme may be missing (`host:port` means http, as in HTTPS_PROXY); then the port may not. The last `@`
 * ends the user information, its first `:` ends the user name, and each part is percent-decoded on its own; a
 * `%` without two hex digits stands for itself. A single `/` may end the URL.
 *
 * @param text The URL; not kept.
 * @param default_port The port of a URL that names none; 0 stands for the scheme's own (80 for http).
 * @param ec `errc::proxy_scheme_unsupported` for another scheme than http; `errc::proxy_url_invalid`,
 * `errc::credentials_invalid`, or what `parse_authority` reports.
 */
[[nodiscard]] VIADUCT_DECL std::optional<proxy_url>
parse_proxy_url(std::string_view text, std::uint16_t default_port, error_code& ec);

/// The same with the scheme's own port and the error as an exception.
/** @throws system_error */
[[nodiscard]] VIADUCT_DECL proxy_url parse_proxy_url(std::string_view text);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/proxy_url.ipp>
#endif

#endif
