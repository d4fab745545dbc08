#ifndef VIADUCT_DETAIL_SINK_SOCKET_HPP
#define VIADUCT_DETAIL_SINK_SOCKET_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/detail/later.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// Where a sink's lines go.
struct sink_target
{
    enum class kind : unsigned char
    {
        udp,
        tcp,
        local ///< A Unix socket; of datagrams or, if that is what it is, a stream.
    };

    kind how = kind::udp;
    std::string host{}; ///< A name or an address, without brackets; of a Unix socket its path.
    std::uint16_t port = 0;

    /// As an operator writes it: `tcp://[::1]:514`, or the path.
    [[nodiscard]] VIADUCT_DECL std::string text() const;
};

/// An error of the system's, by its value of `errno`.
[[nodiscard]] VIADUCT_DECL error_code system_code_of(int value) noexcept;

/// A blocking socket with deadlines, for a thread that has nothing else to do. It never raises SIGPIPE.
/** Shared objects: unsafe. */
class sink_socket
{
public:
    using clock = std::chrono::steady_clock;

    sink_socket() = default;
    sink_socket(sink_socket const&) = delete;
    sink_socket& operator=(sink_socket const&) = delete;
    ~sink_socket() { close(); }

    /// Closes what is open, looks the host up and connects to the first of its addresses that answers.
    /** Only the look-up may last longer: the system's resolver has clocks of its own. */
    [[nodiscard]] VIADUCT_DECL error_code connect(sink_target const& target, clock::time_point until);

    /// Takes over one end of a pair of stream sockets; closes what is open.
    VIADUCT_DECL void adopt(int descriptor) noexcept;

    VIADUCT_DECL void close() noexcept;

    /// Tells the other end that nothing more will come.
    VIADUCT_DECL void end_sending() noexcept;

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ != -1; }
    [[nodiscard]] bool is_stream() const noexcept { return is_stream_; }

    /// Sends one datagram, or all octets into a stream.
    /**
     * @param sent How many octets the system has taken, also if it fails.
     * @return The system's error; ETIMEDOUT if it did not take all of them in time.
     */
    [[nodiscard]] VIADUCT_DECL error_code send(std::string_view octets, clock::time_point until,
                                               std::size_t& sent) noexcept;

    /// Whether the other end of a stream has gone. Throws away what has come from there; never blocks.
    [[nodiscard]] VIADUCT_DECL bool has_ended() noexcept;

    /// Waits until the other end of a stream has gone, as `has_ended`.
    /** @return Whether it has, in time. */
    VIADUCT_DECL bool await_end(clock::time_point until) noexcept;

private:
    [[nodiscard]] error_code connect_local(std::string const& path, clock::time_point until) noexcept;
    [[nodiscard]] error_code connect_host(sink_target const& target, clock::time_point until);
    [[nodiscard]] error_code connect_one(int family, int type, void const* address, std::size_t size,
                                         clock::time_point until) noexcept;

    int descriptor_ = -1;
    bool is_stream_ = false;
};

/// When to connect again after an attempt that began at `begin` and ends now: not before the pause is over,
/// and not so soon that a name service which answers late would take more than half of the thread's time.
[[nodiscard]] inline sink_socket::clock::time_point next_attempt(sink_socket::clock::time_point begin,
                                                                 std::chrono::milliseconds pause) noexcept
{
    auto const end = sink_socket::clock::now();
    return std::max(later(begin, pause), end + (end - begin));
}

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/sink_socket.ipp>
#endif

#endif
