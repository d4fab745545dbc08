#ifndef VIADUCT_IMPL_LOG_FILE_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_FILE_LINE_SINK_IPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/log/file_line_sink.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

namespace viaduct {
namespace detail {

/// The length of the first line, with its line feed; of everything, if there is none.
[[nodiscard]] inline std::size_t first_line(std::string_view lines) noexcept
{
    return std::min(lines.find('\n'), lines.size() - 1) + 1;
}

[[nodiscard]] inline std::uint64_t count_lines(std::string_view lines) noexcept
{
    auto const feeds = std::count(lines.begin(), lines.end(), '\n');
    bool const has_open_end = !lines.empty() && lines.back() != '\n';
    return static_cast<std::uint64_t>(feeds) + (has_open_end ? 1 : 0);
}

} // namespace detail

VIADUCT_DECL file_line_sink::file_line_sink(std::string path, file_sink_options options)
    : path_{std::move(path)},
      options_{std::move(options)},
      health_{path_, options_.failure}
{
    buffer_.reserve(options_.buffer_size);
    error_code ec;
    auto file = detail::log_file::open(path_, ec);
    if (ec) throw system_error(ec, path_);
    take(std::move(file));
}

VIADUCT_DECL file_line_sink::~file_line_sink()
{
    flush();
    if (!rest_.empty() && finish_line()) give_up_line();
}

VIADUCT_DECL void file_line_sink::write_lines(std::string_view lines) noexcept
{
    if (lines.empty()) return;
    if (options_.buffer_size == 0) return put(lines);
    gather(lines);
}

VIADUCT_DECL void file_line_sink::gather(std::string_view lines) noexcept
{
    bool const is_timed = options_.flush_interval.count() > 0;
    auto const now = is_timed ? options_.now() : clock::time_point{};
    if (lines.size() > options_.buffer_size - buffer_.size()) flush();
    if (lines.size() > options_.buffer_size) return put(lines);
    if (buffer_.empty()) gathered_since_ = now;
    buffer_.append(lines); // has its room since the beginning
    if (is_timed && now - gathered_since_ >= options_.flush_interval) flush();
}

VIADUCT_DECL void file_line_sink::flush() noexcept
{
    if (!buffer_.empty()) put(buffer_);
    buffer_.clear();
}

/// Writes lines, into several files if there is no room for them in this one.
VIADUCT_DECL void file_line_sink::put(std::string_view lines) noexcept
{
    rotate_if_old();
    while (!lines.empty()) {
        auto size = fitting(lines);
        if (size == 0) size = make_room(lines);
        append(lines.substr(0, size));
        lines.remove_prefix(size);
    }
}

VIADUCT_DECL void file_line_sink::append(std::string_view lines) noexcept
{
    if (auto const why = finish_line()) return health_.on_lost(why, detail::count_lines(lines));
    error_code ec;
    auto const done = write(lines, ec);
    if (ec) return on_cut(lines.substr(done), done > 0 && lines[done - 1] != '\n', ec);
    if (!is_refused_) health_.on_written();
}

/// After a failure nobody waits: a pipe that nobody reads would hold up every line.
VIADUCT_DECL std::size_t file_line_sink::write(std::string_view text, error_code& ec) noexcept
{
    auto const patience = has_failed_ ? std::chrono::milliseconds{0} : options_.write_timeout;
    auto const done = file_.write(text, patience, ec);
    has_failed_ = static_cast<bool>(ec);
    if (file_.is_regular()) size_ += done;
    return done;
}

/// Keeps what is missing of a line that has begun, and counts the others.
VIADUCT_DECL void file_line_sink::on_cut(std::string_view rest, bool in_line, error_code why) noexcept
{
    if (!in_line) return health_.on_lost(why, detail::count_lines(rest));
    auto size = detail::first_line(rest);
    end_open_line();
    try {
        rest_ = rest.substr(0, size);
        cut_by_ = why;
    } catch (std::exception const&) { // no memory: it is lost, but the next line begins on one of its own
        size = 0;
    }
    health_.on_lost(why, detail::count_lines(rest.substr(size)));
}

/// What is written next is the end of a line that is counted already, or that somebody else has left.
VIADUCT_DECL void file_line_sink::end_open_line() noexcept
{
    rest_ = '\n';
    cut_at_ = file_.size();
    cut_by_ = {};
}

/// Completes a line that was cut off; the system's error if that is still impossible.
VIADUCT_DECL error_code file_line_sink::finish_line() noexcept
{
    error_code ec;
    if (rest_.empty()) return ec;
    if (file_.size() != cut_at_) {
        give_up_line(); // others have written behind it, or the file was truncated: it has no place any more
        return ec;
    }
    rest_.erase(0, write(rest_, ec));
    cut_at_ = file_.size();
    return ec;
}

VIADUCT_DECL void file_line_sink::give_up_line() noexcept
{
    rest_.clear();
    if (cut_by_) health_.on_lost(cut_by_);
}

/// How many octets of whole lines have room in this file.
VIADUCT_DECL std::size_t file_line_sink::fitting(std::string_view lines) const noexcept
{
    if (options_.rotate_above == 0) return lines.size();
    auto const room = limit_ - std::min(size_, limit_);
    if (lines.size() <= room) return lines.size();
    if (room == 0) return 0;
    auto const end = lines.rfind('\n', static_cast<std::size_t>(room) - 1);
    return end == std::string_view::npos ? 0 : end + 1;
}

/// Begins a new file for the next line, which has no room in this one.
VIADUCT_DECL std::size_t file_line_sink::make_room(std::string_view lines) noexcept
{
    size_ = file_.size(); // it may have been truncated
    auto size = fitting(lines);
    if (size == 0 && size_ > 0) {
        begin_file();
        size = fitting(lines);
    }
    return size > 0 ? size : detail::first_line(lines); // larger than a file may be: it has one for itself
}

VIADUCT_DECL void file_line_sink::rotate_if_old() noexcept
{
    if (options_.rotate_after.count() <= 0) return;
    auto const now = options_.now();
    if (now - opened_ < options_.rotate_after) return;
    if (size_ > 0)
        begin_file();
    else
        opened_ = now;
}

VIADUCT_DECL void file_line_sink::reopen() noexcept
{
    flush();
    open_anew();
}

VIADUCT_DECL void file_line_sink::rotate() noexcept
{
    flush();
    begin_file();
}

/// If it cannot begin, it is tried again when as much has been written, or as much time has passed, as if it
/// had begun.
VIADUCT_DECL void file_line_sink::begin_file() noexcept
{
    auto why = shift();
    if (!why) why = open_anew();
    if (why || size_ >= limit_) start_counting(size_);
}

VIADUCT_DECL error_code file_line_sink::shift() noexcept
{
    if (options_.keep == 0 || !file_.is_at(path_)) return {};
    error_code ec = net::error::no_memory;
    try {
        ec = file_.step_aside(path_, options_.keep);
    } catch (std::exception const&) { // no memory for names
    }
    return ec ? on_refused(ec) : ec;
}

VIADUCT_DECL error_code file_line_sink::open_anew() noexcept
{
    error_code ec;
    auto fresh = detail::log_file::open(path_, ec);
    if (ec) return on_refused(ec);
    if (!rest_.empty() && finish_line()) give_up_line();
    take(std::move(fresh));
    is_refused_ = false;
    return ec;
}

/// A line without an end, which a full disk or a crash has left there, must not become part of the next one.
VIADUCT_DECL void file_line_sink::take(detail::log_file file) noexcept
{
    file_ = std::move(file);
    has_failed_ = false;
    if (file_.has_open_line(path_)) end_open_line();
    start_counting(0);
}

VIADUCT_DECL error_code file_line_sink::on_refused(error_code why) noexcept
{
    is_refused_ = true;
    health_.on_failed(why);
    return why;
}

/// @param from The size that the limit counts from: what is there counts too, unless it had its turn.
VIADUCT_DECL void file_line_sink::start_counting(std::uint64_t from) noexcept
{
    size_ = file_.size();
    limit_ = from + std::min(options_.rotate_above, std::numeric_limits<std::uint64_t>::max() - from);
    if (options_.rotate_after.count() > 0) opened_ = options_.now();
}

} // namespace viaduct

#endif
