#ifndef VIADUCT_CLIENT_PROXY_LIST_HPP
#define VIADUCT_CLIENT_PROXY_LIST_HPP

#include <viaduct/client/proxy_url.hpp>
#include <viaduct/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// One way to a target: the proxies in the order in which the tunnel passes them; none is the direct way.
using proxy_route = std::vector<proxy_url>;

/// Ways to a target in the order in which they are tried; the direct one only if it is listed.
using proxy_list = std::vector<proxy_route>;

/// Reads ways, each as a proxy's URL or as several with arrows between them.
/**
 *   `http://a:3128, http://b:3128`          a, and b if a cannot be reached
 *   `https://user:pass@a -> socks5h://b`    through a to b, and from there to the target
 *   `http://a:3128 direct`                  a, and the direct way if a cannot be reached
 *
 * Ways are separated by commas, blanks or line ends, as many as one likes; around an arrow there may be
 * blanks. `direct` stands alone, never next to an arrow. A URL is what `parse_proxy_url` takes with its
 * scheme's own port, but for two things: one with user information needs its scheme, and a comma, a blank or
 * an arrow in a password must be percent-encoded (`%2C`, `%20`, `-%3E`). A password that a raw one has cut in
 * two is reported and not sent anywhere, unless both parts are good URLs.
 *
 * @param text The list; not kept.
 * @param ec `errc::proxy_list_invalid` for a list without a way, an arrow that leads nowhere or `direct` next
 * to an arrow; otherwise what `parse_proxy_url` reports for the first URL that is wrong.
 * @param offender On an error the part of `text` at fault, without user information, for a message: the URL
 * or what follows its `@`. Empty if the list is, and on a success.
 * @return The list; empty on an error.
 */
[[nodiscard]] VIADUCT_DECL proxy_list parse_proxy_list(std::string_view text, error_code& ec,
                                                       std::string_view& offender);

/// The same for whom the error is enough.
[[nodiscard]] VIADUCT_DECL proxy_list parse_proxy_list(std::string_view text, error_code& ec);

/// The same, with the error as an exception that tells the part at fault.
/** @throws system_error */
[[nodiscard]] VIADUCT_DECL proxy_list parse_proxy_list(std::string_view text);

/// Reads what the function FindProxyForURL of a PAC file returns: `PROXY a:3128; SOCKS5 b; DIRECT`.
/**
 * Members are separated by `;`, and empty ones are passed over. The words, in any case, with their ports
 * where a member names none:
 *
 *   `PROXY`, `HTTP`     an http proxy, 80
 *   `HTTPS`             an https proxy, 443
 *   `SOCKS5`            a SOCKS5 proxy that looks up the target's name (`proxy_scheme::socks5h`), 1080
 *   `SOCKS`, `SOCKS4`   a SOCKS4 proxy (`proxy_scheme::socks4`), 1080: `SOCKS` is older than SOCKS5
 *   `DIRECT`            the direct way
 *
 * Nothing is passed over for being unknown: that could make the direct way the first one.
 *
 * @param text What the function returned; not kept.
 * @param ec `errc::proxy_list_invalid` for a text without members, another word, a word without its host or
 * `DIRECT` with one; otherwise what `parse_authority` reports for a host and port.
 * @param offender On an error the member at fault, or what follows an `@` in it; empty if there is none, and
 * on a success.
 * @return The list; empty on an error.
 */
[[nodiscard]] VIADUCT_DECL proxy_list parse_pac_result(std::string_view text, error_code& ec,
                                                       std::string_view& offender);

/// The same for whom the error is enough.
[[nodiscard]] VIADUCT_DECL proxy_list parse_pac_result(std::string_view text, error_code& ec);

/// The same, with the error as an exception that tells the member at fault.
/** @throws system_error */
[[nodiscard]] VIADUCT_DECL proxy_list parse_pac_result(std::string_view text);

/// A way without its credentials, for messages and logs: `http://a:3128 -> socks5h://b:1080`, or `direct`.
[[nodiscard]] VIADUCT_DECL std::string to_text(proxy_route const& route);

/// A list without its credentials: `http://a:3128, direct`. `parse_proxy_list` reads it back.
[[nodiscard]] VIADUCT_DECL std::string to_text(proxy_list const& ways);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/proxy_list.ipp>
#endif

#endif
