#ifndef VIADUCT_LOG_HAPROXY_TCP_HPP
#define VIADUCT_LOG_HAPROXY_TCP_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/record_format.hpp>

#include <string>

namespace viaduct {

/// What a HAProxy has names for in its configuration.
struct haproxy_names
{
    std::string frontend{}; ///< The listener's name where it is empty.
    std::string backend{};  ///< The parent's name where it is empty, or `direct`.
};

/// Lines as HAProxy's `option tcplog` writes them, without what syslog puts before them.
/**
 * `CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER Tw/Tc/Tt BYTES STATE ACTCONN/FECONN/BECONN/SRVCONN/RETRIES
 * SRVQUEUE/BACKENDQUEUE`, where
 *
 * - TIME is when the connection was accepted, in local time, as HAProxy has it;
 * - SERVER is the target, and `<NOSRV>` if no connection was tried;
 * - Tw is the time that rules, credentials and limits took, Tc how long connecting took, Tt the whole, all in
 *   milliseconds; -1 for what it did not come to;
 * - BYTES is everything that was sent to the client; STATE is the `termination_state`;
 * - RETRIES is how many connections were tried but for one. A record knows nothing of other tunnels, so the
 *   counts of connections and queues are those of a HAProxy that has this one alone: `1/1/0/0` and `0/0`.
 *
 * A tunnel that is still open has a `+` before Tt and BYTES, as with `option logasap`. Names and the target
 * are escaped by `escape::column`.
 */
[[nodiscard]] VIADUCT_DECL record_format_ptr haproxy_tcp(haproxy_names names = {});

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/haproxy_tcp.ipp>
#endif

#endif
