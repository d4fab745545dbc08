#ifndef VIADUCT_CLIENT_ENVIRONMENT_HPP
#define VIADUCT_CLIENT_ENVIRONMENT_HPP

#include <viaduct/detail/config.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct {

/// Where the value of an environment variable comes from; null if it is not set.
using environment = std::function<char const*(char const* name)>;

/// The environment of this process.
/** As `getenv`: do not change the environment in another thread meanwhile. */
[[nodiscard]] VIADUCT_DECL environment process_environment();

/// A variable that names a proxy.
struct proxy_variable
{
    std::string name;  ///< As it was found: `HTTPS_PROXY`.
    std::string value; ///< Not empty. It may hold a password.
};

/// The variable that names the proxy for the URLs of a scheme, by curl's rules.
/**
 * The first of these that is set and not empty:
 *
 *   - `http_proxy` for `http`. Only in lower-case: a CGI program's `HTTP_PROXY` is whatever a client sent as
 * its field `Proxy`. Where names have no case, `http_proxy` is passed over in a CGI program for the same
 * reason;
 *   - `<scheme>_proxy`, then `<SCHEME>_PROXY`, for any other scheme;
 *   - those of `http` and `https` for `ws` and `wss`;
 *   - `all_proxy`, then `ALL_PROXY`.
 *
 * @param scheme Of the URL, such as `https`; in any case.
 * @param variables Where to look.
 * @return The variable, whose value is a text for `parse_proxy_url`. Whether a host is excepted is for
 * `no_proxy_rules` to say; `proxies_from_environment` puts both together.
 */
[[nodiscard]] VIADUCT_DECL std::optional<proxy_variable>
find_proxy_variable(std::string_view scheme, environment const& variables = process_environment());

/// The value of that variable; it may hold a password.
[[nodiscard]] VIADUCT_DECL std::optional<std::string>
proxy_from_environment(std::string_view scheme, environment const& variables = process_environment());

/// The text of `no_proxy`, or else of `NO_PROXY`, for `no_proxy_rules`; empty if neither is set.
[[nodiscard]] VIADUCT_DECL std::string
no_proxy_from_environment(environment const& variables = process_environment());

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/environment.ipp>
#endif

#endif
