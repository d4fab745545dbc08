#ifndef VIADUCT_DETAIL_STREAM_OUTLET_HPP
#define VIADUCT_DETAIL_STREAM_OUTLET_HPP

#include <viaduct/detail/sink_socket.hpp>
#include <viaduct/log/sink_health.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// How a `stream_outlet` gets its stream: by a connection, or from a program that it starts.
class stream_opener
{
public:
    stream_opener() = default;
    stream_opener(stream_opener const&) = delete;
    stream_opener& operator=(stream_opener const&) = delete;
    [[nodiscard]] virtual error_code open(sink_socket& socket, sink_socket::clock::time_point until) = 0;

protected:
    ~stream_opener() = default;
};

/// Connects to a host.
class target_opener final : public stream_opener
{
public:
    explicit target_opener(sink_target target) : target_{std::move(target)} {}

    [[nodiscard]] error_code open(sink_socket& socket, sink_socket::clock::time_point until) override
    {
        return socket.connect(target_, until);
    }

private:
    sink_target target_;
};

/// Sends messages through a stream, and keeps what it cannot send now: up to a bound, then it is lost.
/**
 * A stream that has ended is opened anew, but not more often than once in a pause. The message in the midst
 * of which it ended is sent again from its beginning. A receiver that does not read holds up the thread until
 * the deadline once, and then not before it reads again. As Squid's `tcp` module does, `on_log_error::die`
 * wants the program to end when the first line is lost, not already when there is no connection.
 */
class stream_outlet
{
public:
    using clock = sink_socket::clock;

    struct settings
    {
        std::chrono::milliseconds timeout{}; ///< For sending what is there, opening included.
        std::chrono::milliseconds pause{};   ///< At least, from one opening to the next.
        std::size_t most = 0;                ///< Octets that are kept.
        log_failure_options failure{};
    };

    /// @param opener Must outlive it.
    VIADUCT_DECL stream_outlet(settings options, std::string where, stream_opener& opener);

    /// Opens the stream, if it is not open and it is time to. @return What is wrong with it.
    VIADUCT_DECL error_code open() noexcept;

    /// Keeps one message; sends what is there if there is no room for it.
    /** @param lines How many are lost if it is: 0 for a command. */
    VIADUCT_DECL void put(std::string_view message, std::uint32_t lines = 1) noexcept;

    /// Sends what is kept, as far as it is possible in time.
    VIADUCT_DECL void send() noexcept;

    /// Sends what is kept, closes the stream, and opens it anew with the next message.
    VIADUCT_DECL void reopen() noexcept;

    /// Sends what is kept, at once and for the last time; what is left is lost.
    VIADUCT_DECL void finish() noexcept;

    /// Accounts for a line that was lost before it could get here.
    void lose(error_code why) noexcept { health_.on_lost(why); }

    [[nodiscard]] std::size_t kept() const noexcept { return octets_.size(); }
    [[nodiscard]] std::uint64_t lost() const noexcept { return health_.lost(); }
    [[nodiscard]] sink_socket& socket() noexcept { return socket_; }

private:
    struct piece
    {
        std::uint32_t size;
        std::uint32_t lines;
    };

    [[nodiscard]] error_code open(clock::time_point now) noexcept;
    [[nodiscard]] error_code send_kept(clock::time_point now) noexcept;
    void forget_sent() noexcept;
    void on_trouble(error_code why) noexcept;
    void disconnect() noexcept;

    settings options_;
    sink_health health_;
    stream_opener& opener_;
    sink_socket socket_;
    std::string octets_;
    std::deque<piece> messages_; // of octets_
    std::size_t sent_ = 0;       // of the first message, on this connection
    error_code trouble_{};
    clock::time_point open_again_at_{};
    bool stalled_ = false;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/stream_outlet.ipp>
#endif

#endif
