#ifndef VIADUCT_LOG_DAEMON_LINE_SINK_HPP
#define VIADUCT_LOG_DAEMON_LINE_SINK_HPP

#include <viaduct/detail/stream_outlet.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/sink_health.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// Of a `daemon_line_sink`.
struct daemon_line_options
{
    /// The program, by its absolute path, and its arguments, such as `/usr/lib/squid/log_file_daemon` and the
    /// file. No shell looks at them.
    std::vector<std::string> command{};

    unsigned keep = 10;    ///< How many old files it is told to keep: Squid's `logfile_rotate`.
    bool buffered = false; ///< Whether it may keep lines back until it is told to flush: `buffered_logs`.

    std::size_t buffer_size = 4 * 1024 * 1024; ///< Octets that are kept while the program takes none.

    std::chrono::milliseconds timeout{500};        ///< How long one call may take.
    std::chrono::milliseconds restart_pause{1000}; ///< At least, from one start of the program to the next.
    std::chrono::milliseconds shutdown_grace{
        1000}; ///< At the end it may take so long, and again after SIGTERM.
    log_failure_options failure{};
};

namespace detail {
class program_opener;
}

/// Gives lines to a program that puts them where they belong: Squid's `daemon:` module and its protocol.
/**
 * The program reads commands from its standard input, one a line, and answers none: `Lline`, `R` to rotate,
 * `F` to flush, `rNUMBER` for how many old files to keep, and `b0` or `b1` for whether to buffer. What it
 * writes to its standard output is thrown away; its standard error is this program's. It has a process group
 * of its own, and no other descriptor of this process.
 *
 * If it ends it is started again, but not more often than once in `restart_pause`. What it had been given and
 * had not written by then, nobody knows of; what it was not given yet is kept, up to `buffer_size`; lines
 * above are lost and counted. Control characters other than tabs become `#` with three octal digits. A line
 * is cut off at 65,534 octets, at a whole character: log_file_daemon would take the rest for a command.
 *
 * `on_trouble` hears once of a program that does not start again, or else of the first line that is lost;
 * with `on_log_error::die` always of the latter only. A call blocks for at most the timeout, and then no
 * other one before the program reads again: meant to stand behind an `async_sink`.
 *
 * Shared objects: unsafe, but for `lost`.
 */
class daemon_line_sink final : public line_sink
{
public:
    /// Starts the program.
    /** @throws system_error with the system's error if it cannot be started. */
    VIADUCT_DECL explicit daemon_line_sink(daemon_line_options options);

    /// Hands it what is kept, ends its input, and waits until it has ended; in the end it is killed.
    VIADUCT_DECL ~daemon_line_sink() override;

    VIADUCT_DECL void write_line(std::string_view line) noexcept override;
    VIADUCT_DECL void write_lines(std::string_view lines) noexcept override;

    /// Tells it to put everything where it belongs.
    VIADUCT_DECL void flush() noexcept override;

    /// Tells it to open its file anew, by a rotation that keeps no old file: log_file_daemon takes no notice
    /// of the command that is meant for this.
    VIADUCT_DECL void reopen() noexcept override;

    /// Tells it to begin a new file.
    VIADUCT_DECL void rotate() noexcept override;

    [[nodiscard]] std::uint64_t lost() const noexcept override { return outlet_.lost(); }

private:
    void keep(std::string_view line) noexcept;
    void command(std::string_view text) noexcept;

    unsigned keep_;
    std::chrono::milliseconds grace_;
    std::string line_;
    std::unique_ptr<detail::program_opener> program_;
    detail::stream_outlet outlet_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/daemon_line_sink.ipp>
#endif

#endif
