#ifndef VIADUCT_DETAIL_PACKET_OUTLET_HPP
#define VIADUCT_DETAIL_PACKET_OUTLET_HPP

#include <viaduct/detail/sink_socket.hpp>
#include <viaduct/log/sink_health.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// Sends messages one by one, and keeps none: what cannot be sent is lost, and accounted for.
/**
 * Over UDP, or to a Unix socket; if that is a stream, a NUL ends each message, as libc does it. A receiver
 * that does not read holds up the first message until the deadline, and no other one until it reads again.
 */
class packet_outlet
{
public:
    using clock = sink_socket::clock;

    struct settings
    {
        sink_target target{};
        std::chrono::milliseconds timeout{}; ///< For one message, connecting included.
        std::chrono::milliseconds pause{};   ///< Over UDP: between look-ups, and from a refusal to its end.
        log_failure_options failure{};
    };

    /// Connects; a failure is told of, and tried again with the first message.
    VIADUCT_DECL packet_outlet(settings options, std::string where);

    /// Sends one message that holds so many lines.
    VIADUCT_DECL void send(std::string_view message, std::uint64_t lines) noexcept;

    /// Closes what is open; connects anew with the next message.
    VIADUCT_DECL void reopen() noexcept;

    /// Accounts for a line that was lost before it could get here.
    void lose(error_code why) noexcept { health_.on_lost(why); }

    [[nodiscard]] std::uint64_t lost() const noexcept { return health_.lost(); }

private:
    [[nodiscard]] bool is_local() const noexcept { return options_.target.how == sink_target::kind::local; }
    [[nodiscard]] error_code open(clock::time_point now, clock::time_point until) noexcept;
    [[nodiscard]] error_code attempt(std::string_view message, clock::time_point now) noexcept;
    [[nodiscard]] error_code send_stream(std::string_view message, clock::time_point until) noexcept;
    void on_receiver_gone(error_code why, clock::time_point now) noexcept;
    void on_sent(std::uint64_t lines, clock::time_point now) noexcept;

    settings options_;
    sink_health health_;
    sink_socket socket_;
    error_code unopened_{};             // why there is no connection
    clock::time_point open_again_at_{}; // not looked up before
    clock::time_point refused_at_{};
    std::uint64_t lines_before_ = 0; // in the datagram that was sent last
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/packet_outlet.ipp>
#endif

#endif
