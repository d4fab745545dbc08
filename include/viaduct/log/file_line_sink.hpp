#ifndef VIADUCT_LOG_FILE_LINE_SINK_HPP
#define VIADUCT_LOG_FILE_LINE_SINK_HPP

#include <viaduct/detail/log_file.hpp>
#include <viaduct/error.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/sink_health.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct {

/// How a file is written, and when a new one begins.
struct file_sink_options
{
    using clock = std::chrono::steady_clock;

    /// Octets of lines that are gathered and written together: Squid's `buffered_logs` with its
    /// `buffer-size`. 0 writes each line at once.
    std::size_t buffer_size = 0;

    /// Lines that were gathered so long ago are written when the next one comes; 0 waits until the buffer is
    /// full. Nothing is written by itself: an `async_sink` in front calls `flush` when no more lines come.
    std::chrono::milliseconds flush_interval{1000};

    /// How many old files there are, at most: `rotate` renames PATH to PATH.0, PATH.0 to PATH.1 and so on, as
    /// Squid does (`logfile_rotate`, `rotate=N`). 0 renames nothing: to rotate is then to reopen.
    unsigned keep = 0;

    /// A new file begins before this one would have more octets than these; 0 switches it off. Needs `keep`.
    std::uint64_t rotate_above = 0;

    /// A new file begins with the first line that comes when this one has been open so long, unless it is
    /// empty; 0 switches it off. Needs `keep`.
    std::chrono::seconds rotate_after{0};

    /// How long a pipe or a terminal may let one write wait; a file never does. Then lines are lost, and the
    /// next ones are tried without waiting, until one gets in.
    std::chrono::milliseconds write_timeout{1000};

    log_failure_options failure{};

    /// Where the time is from, for tests; must not throw.
    clock::time_point (*now)() = [] { return clock::now(); };
};

/// Appends lines to a file, each at once and in one write, or gathered.
/**
 * The file is made if it is not there, readable by its owner and group only: it tells who went where. Only
 * whole lines are written together, so several processes may share a file, and `tail -f` shows whole lines.
 * What has been written is with the system, which brings it to the disk in its own time; there is no fsync.
 *
 * A line that cannot be written (a full disk, a pipe without a reader) is lost and counted, the next one is
 * tried again, and `log_failure_options` tells of both ends of the trouble. If only the beginning of a line
 * got in, its rest is written first once that is possible; if somebody else has written behind it by then,
 * the line counts as lost. A file that ends within a line, after a crash, is given its line feed first.
 *
 * Rotation by others: whoever renames the file calls `reopen` then, by a signal for instance; and a file that
 * is copied and truncated (logrotate's `copytruncate`) is simply written on, from its beginning. Rotation of
 * its own loses no line and splits none. It renames only what is a regular file and still the one that is
 * open: whatever else the path names by now (a file that another process has begun, a link, a device) is
 * opened and nothing is renamed. So processes that share a file can all be told to rotate, and one of them
 * does it, with a lock on the file (flock) meanwhile; with `rotate_above` each counts what it has written
 * itself, on top of what was there.
 *
 * In a directory that everybody may write to, a file or a link that somebody else has put there, who is
 * neither root nor the directory's owner, is not opened (EPERM): it could lead lines into other files, or let
 * others read them.
 *
 * A path may name a FIFO or a device. A FIFO needs a reader when it is opened; without one later, lines are
 * lost until there is one again. A limit on the size of files (RLIMIT_FSIZE) is an error like others only in
 * a program that does not let SIGXFSZ end it.
 *
 * Shared objects: unsafe, but for `lost`.
 */
class file_line_sink final : public line_sink
{
public:
    /// Opens `path`.
    /** @throws system_error with the system's error if it cannot be opened. */
    VIADUCT_DECL explicit file_line_sink(std::string path, file_sink_options options = {});

    file_line_sink(file_line_sink const&) = delete;
    file_line_sink& operator=(file_line_sink const&) = delete;

    /// Writes what is gathered.
    VIADUCT_DECL ~file_line_sink() override;

    void write_line(std::string_view line) noexcept override { write_lines(line); }

    /// Takes several lines; without a buffer they are written together.
    VIADUCT_DECL void write_lines(std::string_view lines) noexcept override;

    /// Writes what is gathered, at once.
    VIADUCT_DECL void flush() noexcept override;

    /// Opens the path anew; what was gathered before goes into the old file.
    /** If it cannot be opened, the old file stays in use; that is told as trouble, over when it has worked.
     */
    VIADUCT_DECL void reopen() noexcept override;

    /// Renames the old files and opens a new one; fails as `reopen` does.
    VIADUCT_DECL void rotate() noexcept override;

    [[nodiscard]] std::uint64_t lost() const noexcept override { return health_.lost(); }

private:
    using clock = file_sink_options::clock;

    VIADUCT_DECL void gather(std::string_view lines) noexcept;
    VIADUCT_DECL void put(std::string_view lines) noexcept;
    VIADUCT_DECL void append(std::string_view lines) noexcept;
    VIADUCT_DECL std::size_t write(std::string_view text, error_code& ec) noexcept;
    VIADUCT_DECL void on_cut(std::string_view rest, bool in_line, error_code why) noexcept;
    [[nodiscard]] VIADUCT_DECL error_code finish_line() noexcept;
    VIADUCT_DECL void end_open_line() noexcept;
    VIADUCT_DECL void give_up_line() noexcept;

    [[nodiscard]] VIADUCT_DECL std::size_t fitting(std::string_view lines) const noexcept;
    VIADUCT_DECL void rotate_if_old() noexcept;
    VIADUCT_DECL std::size_t make_room(std::string_view lines) noexcept;
    VIADUCT_DECL void begin_file() noexcept;
    [[nodiscard]] VIADUCT_DECL error_code shift() noexcept;
    VIADUCT_DECL error_code open_anew() noexcept;
    VIADUCT_DECL void take(detail::log_file file) noexcept;
    VIADUCT_DECL error_code on_refused(error_code why) noexcept;
    VIADUCT_DECL void start_counting(std::uint64_t from) noexcept;

    std::string path_;
    file_sink_options options_;
    sink_health health_;
    detail::log_file file_;

    std::string buffer_; // whole lines
    clock::time_point gathered_since_{};

    std::string rest_{}; // of a line whose beginning is in the file
    std::uint64_t cut_at_ = 0;
    error_code cut_by_{};

    std::uint64_t size_ = 0;  // of the file, as far as we know
    std::uint64_t limit_ = 0; // a new one begins before it is larger
    clock::time_point opened_{};
    bool has_failed_ = false; // the last write
    bool is_refused_ = false; // a new file that could not begin: the trouble is not over by writing
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/file_line_sink.ipp>
#endif

#endif
