#ifndef VIADUCT_LOG_TUNNEL_COURSE_HPP
#define VIADUCT_LOG_TUNNEL_COURSE_HPP

#include <chrono>
#include <string>

namespace viaduct {

/// What a record tells of.
enum class record_event : unsigned char
{
    end,     ///< The request is over: exactly one such record each.
    start,   ///< Its tunnel is open, from now on.
    progress ///< Its tunnel is still open; what it says of octets is how many there were so far.
};

/// What became of a request.
enum class request_outcome : unsigned char
{
    unread, ///< No valid request came: garbage, silence, an early end.
    denied, ///< A valid request that was refused before anything was tried: by a rule, by a limit, or because
            ///< nobody could tell.
    tunnel, ///< The target was tried, if nobody gave it up before; the status tells whether it was reached.
    page    ///< A page of the proxy's own was asked for, and rules allowed it; the status is the page's.
};

/// How far a request had come.
enum class request_phase : unsigned char
{
    arrival,    ///< Its head was not complete: a PROXY header, TLS, the head itself.
    decision,   ///< Rules, credentials, limits.
    resolving,  ///< The look-up of the target's name.
    connecting, ///< The connection to the target, or the conversation with a parent.
    answering,  ///< The way was there; the 200 had not got through.
    tunnel      ///< The tunnel was open.
};

/// Who did something.
enum class tunnel_party : unsigned char
{
    nobody,
    client,
    upstream, ///< The target, or the parent that leads to it.
    proxy     ///< We did: a refusal, a clock, a limit, a shutdown.
};

/// When a request had come how far, from the moment its connection was accepted; `never` for what was not.
/** A request that is the second on its connection counts from the 407 to the first. */
struct request_times
{
    using duration = std::chrono::steady_clock::duration;

    static constexpr duration never{-1};

    duration head = never;                ///< Its head was complete.
    duration decided = never;             ///< It was allowed, or refused.
    duration connected = never;           ///< The way to the target was open.
    duration answered = never;            ///< The answer was sent.
    duration first_from_client = never;   ///< The first octet of the client's was delivered to the target.
    duration first_from_upstream = never; ///< The first octet of the target's was delivered to the client.
    duration last_octet = never;          ///< The last one so far, either way.

    duration lookup = never;  ///< Not a moment: how long names were looked up.
    duration connect = never; ///< Not a moment: how long connecting took, until it was done or given up.
};

/// What a TLS handshake has told of a client; all empty without TLS.
struct tls_of_client
{
    std::string protocol{};    ///< `TLSv1.3`.
    std::string cipher{};      ///< `TLS_AES_256_GCM_SHA384`.
    std::string server_name{}; ///< The name that the client asked for. Untrusted.
    std::string subject{};     ///< Of the client's certificate, which has been verified.
};

} // namespace viaduct

#endif
