#ifndef VIADUCT_LOG_SQUID_NATIVE_HPP
#define VIADUCT_LOG_SQUID_NATIVE_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/record_format.hpp>

#include <string>

namespace viaduct {

/// Squid's native access-log line, byte for byte (`%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a
/// %mt`).
/**
 * `TIME ELAPSED CLIENT TAG/STATUS BYTES METHOD TARGET USER HIERARCHY/PEER TYPE`, where
 *
 *   - ELAPSED counts from the complete head to the end, or from the accepted connection if there was none;
 *   - TAG is `TCP_TUNNEL`, also for a tunnel that failed (as of Squid 6), `TCP_DENIED` or `NONE_NONE`, and
 *     never `_ABORTED` or `_TIMEDOUT`: Squid marks no tunnel so, however it ends;
 *   - TARGET has its host in small letters, without the dot of an absolute name, and ends with the `?` of a
 *     query, which may hold secrets; for a request that could not be read it is `error:invalid-request`,
 *     `error:request-too-large` for a 414 or a 431, or `error:transaction-end-before-headers` if its head was
 *     never complete;
 *   - USER is encoded as Squid does it, and its blanks and quotes as well; what else came from a client is
 *     percent-encoded so that it can neither end a line nor look like another column.
 */
VIADUCT_DECL void format_squid_native(tunnel_record const& record, std::string& line);

/// The same as a format for a log.
[[nodiscard]] VIADUCT_DECL record_format_ptr squid_native();

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/squid_native.ipp>
#endif

#endif
