#ifndef VIADUCT_CLIENT_PROXY_URL_HPP
#define VIADUCT_CLIENT_PROXY_URL_HPP

#include <viaduct/auth/basic.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct {

/// How a proxy is spoken to.
enum class proxy_scheme : unsigned char
{
    http,    ///< CONNECT over plain TCP.
    https,   ///< CONNECT within TLS to the proxy.
    socks5,  ///< SOCKS5 with the address of the target, which is looked up here.
    socks5h, ///< SOCKS5 with the name of the target, which the proxy looks up.
    socks4,  ///< SOCKS4 with the IPv4 address of the target, which is looked up here.
    socks4a, ///< SOCKS4A with the name of the target, which the proxy looks up.
    direct   ///< No proxy at all.
};

/// The scheme as it stands in a URL: `http`, `https`, `socks5`, `socks5h`, `socks4`, `socks4a`,
/// `direct`.
[[nodiscard]] VIADUCT_DECL std::string_view name_of(proxy_scheme scheme) noexcept;

/// Where a proxy is, what it speaks and who asks it: `[scheme://][user[:password]@]host[:port]`.
struct proxy_url
{
    authority endpoint;               ///< The proxy's host and port; without meaning where `is_direct()`.
    std::optional<credentials> who{}; ///< From the URL, percent-decoded.
    proxy_scheme scheme = proxy_scheme::http;

    /// Whether this stands for no proxy; then `endpoint` is an empty one, and neither dialled nor shown.
    [[nodiscard]] bool is_direct() const noexcept { return scheme == proxy_scheme::direct; }

    friend bool operator==(proxy_url const&, proxy_url const&) = default;
};

/// Reads a proxy URL.
/**
 * The scheme may be missing (`host:port` means http, as in HTTPS_PROXY); then the port may not. The last `@`
 * ends the user information, its first `:` ends the user name, and each part is percent-decoded on its own; a
 * `%` without two hex digits stands for itself. User information without a character means no credentials. A
 * single `/` may end the URL. `direct`, `direct:` and `direct://` stand for no proxy.
 *
 * What credentials may hold is one rule for all schemes, that of Basic: although SOCKS5 could send a user
 * name with a colon, it is refused. SOCKS4 has user names alone: a password is read, and goes nowhere.
 *
 * @param text The URL; not kept.
 * @param default_port The port of a URL that names none; 0 stands for the scheme's own: 80 for http, 443 for
 * https, 1080 for those of SOCKS.
 * @param ec `errc::proxy_scheme_unsupported` for a scheme that is not in `proxy_scheme`;
 * `errc::proxy_url_invalid`, `errc::credentials_invalid`, or what `parse_authority` reports.
 */
[[nodiscard]] VIADUCT_DECL std::optional<proxy_url>
parse_proxy_url(std::string_view text, std::uint16_t default_port, error_code& ec);

/// The same with the scheme's own port and the error as an exception.
/** @throws system_error */
[[nodiscard]] VIADUCT_DECL proxy_url parse_proxy_url(std::string_view text);

/// The URL without its credentials, for messages, logs and keys: `https://proxy.example:443`, or `direct`.
/** Always with scheme and port; `parse_proxy_url` reads it back. */
[[nodiscard]] VIADUCT_DECL std::string to_text(proxy_url const& url);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/proxy_url.ipp>
#endif

#endif
