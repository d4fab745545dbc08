#ifndef VIADUCT_LOG_UDP_LINE_SINK_HPP
#define VIADUCT_LOG_UDP_LINE_SINK_HPP

#include <viaduct/detail/packet_outlet.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/sink_health.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct {

/// Of a `udp_line_sink`.
struct udp_line_options
{
    std::string host{}; ///< Name or address.
    std::uint16_t port = 0;

    /// How many octets of lines are collected into one datagram; 1400 at most count, as in Squid, so that
    /// none is fragmented. 0: each line is sent at once.
    std::size_t datagram_size = 0;

    std::chrono::milliseconds timeout{500};      ///< How long one call may take, but for looking up the name.
    std::chrono::milliseconds retry_pause{1000}; ///< From a refusal to its end; and between look-ups.
    log_failure_options failure{};
};

/// Sends lines as they are, with their line feeds, in datagrams: Squid's `udp:` module.
/**
 * A datagram holds whole lines only; one that is longer than `datagram_size` has a datagram to itself, and is
 * cut off at what a datagram can hold, at a whole character. Control characters other than tabs become `#`
 * with three octal digits.
 *
 * Whether a datagram arrives, nobody tells; that nobody listens, the receiver's machine usually does, and
 * then the lines that it refused are counted as lost. The host's name is looked up at the start, and again
 * after failures; of its addresses, the first that there is a route to gets the lines. It blocks, for at most
 * the timeout: meant to stand behind an `async_sink`, whose flushing sends what is collected.
 *
 * Shared objects: unsafe, but for `lost`.
 */
class udp_line_sink final : public line_sink
{
public:
    /// Opens the socket; if that fails, `on_trouble` is told, and it is tried again.
    VIADUCT_DECL explicit udp_line_sink(udp_line_options options);

    /// Sends what is collected.
    ~udp_line_sink() override { flush(); }

    VIADUCT_DECL void write_line(std::string_view line) noexcept override;
    VIADUCT_DECL void flush() noexcept override;

    /// Sends what is collected, and looks the name up anew.
    VIADUCT_DECL void reopen() noexcept override;

    [[nodiscard]] std::uint64_t lost() const noexcept override { return packets_.lost(); }

private:
    detail::packet_outlet packets_;
    std::size_t datagram_size_;
    std::string datagram_;
    std::string line_;
    std::uint64_t lines_ = 0; // in datagram_
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/udp_line_sink.ipp>
#endif

#endif
