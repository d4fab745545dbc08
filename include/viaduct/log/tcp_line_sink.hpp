#ifndef VIADUCT_LOG_TCP_LINE_SINK_HPP
#define VIADUCT_LOG_TCP_LINE_SINK_HPP

#include <viaduct/detail/stream_outlet.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/sink_health.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct {

/// Of a `tcp_line_sink`.
struct tcp_line_options
{
    std::string host{}; ///< Name or address.
    std::uint16_t port = 0;

    /// Octets that are kept while they cannot be sent: Squid's `buffer-size`.
    std::size_t buffer_size = 64 * 1024;

    /// How many octets are collected before they are sent; 0: lines are sent at once. It is Squid's
    /// `buffered_logs` that makes this worth something else.
    std::size_t send_at = 0;

    std::chrono::milliseconds timeout{500}; ///< How long one call may take, but for looking up the name.
    std::chrono::milliseconds reconnect_pause{500}; ///< At least, from one attempt to connect to the next.
    log_failure_options failure{};
};

/// Sends lines as they are, with their line feeds, through a TCP connection: Squid's `tcp:` module.
/**
 * While there is no connection, or the receiver does not read, lines are kept, up to `buffer_size`; those
 * above are lost and counted. The connection is made anew, at most once in `reconnect_pause`, and what is
 * kept goes first, beginning with the line in the midst of which the one before ended. What the system had
 * taken before that and the receiver had not read, nobody knows of. A receiver that ends its own sending is
 * taken for gone. Control characters other than tabs become `#` with three octal digits; a line is cut off at
 * `buffer_size`, at a whole character.
 *
 * `on_trouble` hears once of a connection that cannot be made, or else of the first line that is lost; with
 * `on_log_error::die` always of the latter only, as Squid dies when its buffer overflows. The host's name is
 * looked up at the start, and again with each new connection. A call blocks for at most the timeout, and then
 * no other one before the receiver reads again: meant to stand behind an `async_sink`.
 *
 * Shared objects: unsafe, but for `lost`.
 */
class tcp_line_sink final : public line_sink
{
public:
    /// Connects; if that fails, `on_trouble` is told, and it is tried again.
    VIADUCT_DECL explicit tcp_line_sink(tcp_line_options options);

    /// Sends what is kept, for the timeout at most; what is left is lost, and told of.
    VIADUCT_DECL ~tcp_line_sink() override;

    VIADUCT_DECL void write_line(std::string_view line) noexcept override;
    VIADUCT_DECL void write_lines(std::string_view lines) noexcept override;
    void flush() noexcept override { outlet_.send(); }

    /// Sends what is kept, and connects anew with the next line.
    void reopen() noexcept override { outlet_.reopen(); }

    [[nodiscard]] std::uint64_t lost() const noexcept override { return outlet_.lost(); }

private:
    void keep(std::string_view line) noexcept;

    std::size_t max_line_;
    std::size_t send_at_;
    std::string line_;
    detail::target_opener opener_;
    detail::stream_outlet outlet_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/tcp_line_sink.ipp>
#endif

#endif
