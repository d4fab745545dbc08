#ifndef VIADUCT_CLIENT_REFUSAL_ERROR_HPP
#define VIADUCT_CLIENT_REFUSAL_ERROR_HPP

#include <viaduct/error.hpp>
#include <viaduct/http/fields.hpp>

namespace viaduct {

/// Names the cause of a refusal: what its Proxy-Status says (RFC 9209), or else what its status is used for.
/**
 * 403, 405 and 451 deny; 404, 502 and 503 are what proxies answer when a name or a connection fails; 504 is
 * their clock. A proxy that explains itself is believed before its status.
 *
 * @return `errc::proxy_denied`, `target_unreachable`, `target_timeout`, or `proxy_refused` for all others.
 */
[[nodiscard]] VIADUCT_DECL errc refusal_error(unsigned status, field_list answer);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/refusal_error.ipp>
#endif

#endif
