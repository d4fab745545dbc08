#ifndef VIADUCT_LOG_SQUID_NATIVE_HPP
#define VIADUCT_LOG_SQUID_NATIVE_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/record_format.hpp>

#include <string>

namespace viaduct {

/// Squid's native access-log line, byte for byte (`%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %un %Sh/%<a
/// %mt`).
/**
 * `TIME ELAPSED CLIENT TAG/STATUS BYTES METHOD TARGET USER HIERARCHY/PEER TYPE`, where TAG is `TCP_TUNNEL`,
 * `TCP_DENIED` or `NONE_NONE`, a request that could not be read has the target `error:invalid-request` or
 * `error:transaction-end-before-headers`, and what came from a client is percent-encoded so that it can
 * neither end a line nor look like another column.
 */
VIADUCT_DECL void format_squid_native(tunnel_record const& record, std::string& line);

/// The same as a format for a log.
[[nodiscard]] VIADUCT_DECL record_format_ptr squid_native();

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/squid_native.ipp>
#endif

#endif
