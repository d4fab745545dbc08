#ifndef VIADUCT_LOG_SYSLOG_LINE_SINK_HPP
#define VIADUCT_LOG_SYSLOG_LINE_SINK_HPP

#include <viaduct/detail/packet_outlet.hpp>
#include <viaduct/detail/stream_outlet.hpp>
#include <viaduct/detail/syslog_header.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/sink_health.hpp>
#include <viaduct/log/syslog_priority.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

/// Where a syslog daemon listens.
enum class syslog_transport : unsigned char
{
    local, ///< On a Unix socket of this machine: RFC 3164, as libc's `syslog` writes it.
    udp,   ///< RFC 5424, one datagram a message (RFC 5426).
    tcp    ///< RFC 5424 in a stream (RFC 6587).
};

/// How messages are told apart in a TCP stream.
enum class syslog_framing : unsigned char
{
    octet_counting, ///< The length stands before each (RFC 6587 section 3.4.1).
    line_feed       ///< A line feed stands behind each (section 3.4.2); for receivers that know no other.
};

/// Of a `syslog_line_sink`.
struct syslog_options
{
    syslog_transport transport = syslog_transport::local;
    std::string path = "/dev/log"; ///< Of the local socket, be it of datagrams or a stream.
    std::string host{};            ///< Name or address, over UDP and TCP.
    std::uint16_t port = 514;
    syslog_framing framing = syslog_framing::octet_counting; ///< Over TCP.

    syslog_priority priority{};
    std::string app_name = "viaduct"; ///< RFC 3164 calls it the tag.
    std::string hostname{};           ///< Over UDP and TCP; empty: this machine's.
    std::string procid{};             ///< Empty: this process's number.

    /// Octets of one message; what is above is cut off, at a whole character. 0: 2048 over UDP, which every
    /// receiver should take (RFC 5426 section 3.2), and 8192 elsewhere, as much as rsyslog does.
    std::size_t max_message = 0;

    std::size_t buffer_size = 64 * 1024; ///< Over TCP: octets kept while there is no connection.

    /// How long one call may take; only looking up a name may take longer.
    std::chrono::milliseconds timeout{500};
    /// Over TCP at least from one attempt to connect to the next, over UDP to look the name up again.
    std::chrono::milliseconds reconnect_pause{500};

    log_failure_options failure{};
};

/// Gives each line to a syslog daemon, as one message.
/**
 * The line feed is taken away; any other control character becomes `#` with three octal digits, as rsyslog
 * shows it, so that no line can pass for two. Parts of the header that its grammar forbids become `_`.
 *
 * What cannot be sent is lost and counted, over UDP and to a Unix socket at once, over TCP once more than
 * `buffer_size` octets wait for a connection. The name of a host is looked up at the start, and again after
 * failures. It blocks, for at most the timeout: meant to stand behind an `async_sink`.
 *
 * Shared objects: unsafe, but for `lost`.
 */
class syslog_line_sink final : public line_sink
{
public:
    /// Connects; if that fails, `on_trouble` is told, and it is tried again.
    VIADUCT_DECL explicit syslog_line_sink(syslog_options options);

    /// Sends what is kept, for the timeout at most.
    VIADUCT_DECL ~syslog_line_sink() override;

    VIADUCT_DECL void write_line(std::string_view line) noexcept override;
    VIADUCT_DECL void write_lines(std::string_view lines) noexcept override;
    VIADUCT_DECL void flush() noexcept override;

    /// Connects anew.
    VIADUCT_DECL void reopen() noexcept override;

    [[nodiscard]] VIADUCT_DECL std::uint64_t lost() const noexcept override;

private:
    void make_message(std::string_view line);
    void keep(std::string_view line) noexcept;

    detail::syslog_header header_;
    std::size_t max_message_;
    bool counted_;
    std::string message_;
    std::string framed_;
    detail::target_opener opener_;
    std::unique_ptr<detail::packet_outlet> packets_; // this one
    std::unique_ptr<detail::stream_outlet> stream_;  // or this one
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/syslog_line_sink.ipp>
#endif

#endif
