#ifndef VIADUCT_SERVER_PARENT_REFUSAL_HPP
#define VIADUCT_SERVER_PARENT_REFUSAL_HPP

#include <viaduct/client/dial_report.hpp>
#include <viaduct/error.hpp>
#include <viaduct/server/refusal.hpp>

namespace viaduct {

/// What our client is told when a dial through parents has failed.
/**
 * The parent's 403, 404, 410, 429, 451 and everything from 500 are told on with the same status, for it knows
 * the target better than we do; of its content and its fields nothing, for they are written for us. Any other
 * status is 502, and a 407 above all: it asks for our credentials, not for the client's. Parents that cannot
 * be reached are 502, or 504 if it was a matter of time.
 *
 * Proxy-Status names the parent as `next-hop`, and its answer as `received-status` (RFC 9209 section 2.1).
 *
 * @param ec, report The outcome of `dialer::async_dial`; of the direct way, what `refusal_for` says.
 * @param profile Whose statuses; what is said here of them is `status_profile::standard`.
 */
[[nodiscard]] VIADUCT_DECL refusal parent_refusal(error_code ec, dial_report const& report,
                                                  status_profile profile = status_profile::standard);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/parent_refusal.ipp>
#endif

#endif
