#ifndef VIADUCT_NET_TCP_LIVENESS_HPP
#define VIADUCT_NET_TCP_LIVENESS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

#include <algorithm>
#include <chrono>

namespace viaduct {

/// How the system finds out that a TCP peer is gone which has said nothing of it: its machine, or the way.
/**
 * A connection that is ended so fails with `net::error::timed_out` (`condition::timed_out`), or with what the
 * network had to say about it, such as `host_unreachable`.
 *
 * Where nothing is under way the peer is probed (SO_KEEPALIVE; RFC 9293 section 3.8.4); what has been sent
 * and is not acknowledged has a time of its own (TCP_USER_TIMEOUT; RFC 5482), which Linux and FreeBSD have.
 * On Linux that time also decides, in place of `count`, when probes have been in vain.
 *
 * A peer that is there answers probes however long it has nothing to say. One that is there and does not read
 * is not told from one that is gone by `user_timeout`: once its window has been closed for so long, its
 * connection ends, too. So this is not to be shorter than a reader may pause.
 *
 * The defaults end nothing that `relay_options::idle_timeout` with its default would let live.
 */
struct tcp_liveness
{
    bool probes = true;                ///< Whether an idle peer is probed at all.
    std::chrono::seconds idle{180};    ///< TCP_KEEPIDLE: silence before the first probe; 1 to 32767.
    std::chrono::seconds interval{90}; ///< TCP_KEEPINTVL: between one probe and the next; 1 to 32767.
    int count = 8;                     ///< TCP_KEEPCNT: probes without an answer; 1 to 127.

    /// TCP_USER_TIMEOUT: how long what has been sent may stay unacknowledged. Zero: as long as the system
    /// sends it again, on Linux some 15 minutes (`tcp_retries2`).
    std::chrono::milliseconds user_timeout = std::chrono::minutes{15};

    /// A peer that nothing is heard of for so long is gone, whether something is under way to it or not.
    /** Zero or less: the system's own patience, without probes. Probes are counted in whole seconds. */
    [[nodiscard]] static constexpr tcp_liveness within(std::chrono::milliseconds silence) noexcept
    {
        using std::chrono::seconds;
        if (silence.count() <= 0) return {.probes = false, .user_timeout = {}};
        auto const all = std::chrono::ceil<seconds>(silence);
        auto const idle = std::max(all / 5, seconds{1});
        auto const interval = std::max(all / 10, seconds{1});
        auto const count = (all - idle + interval - seconds{1}) / interval;
        return {.idle = idle,
                .interval = interval,
                .count = std::max(static_cast<int>(count), 1),
                .user_timeout = silence};
    }

    friend bool operator==(tcp_liveness const&, tcp_liveness const&) = default;
};

/// Has the system watch the peer of a connection from now on.
/**
 * What is out of its range becomes the nearest value that is in it.
 *
 * @param socket Open; of TCP. Connected or not; what a listening one is told, those that it accepts begin
 * with.
 * @return The system's error for the first of the options that it did not take; `operation_not_supported` for
 * one that it has not. All others are set.
 */
VIADUCT_DECL error_code set_tcp_liveness(net::ip::tcp::socket& socket, tcp_liveness const& wanted);

/// The same for a listening socket.
VIADUCT_DECL error_code set_tcp_liveness(net::ip::tcp::acceptor& socket, tcp_liveness const& wanted);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/tcp_liveness.ipp>
#endif

#endif
