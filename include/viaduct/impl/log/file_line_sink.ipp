#ifndef VIADUCT_IMPL_LOG_FILE_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_FILE_LINE_SINK_IPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/log/file_line_sink.hpp>

#include <cerrno>
#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace viaduct {

VIADUCT_DECL file_line_sink::handle file_line_sink::open(std::string const& path) noexcept
{
#if defined(_WIN32)
    handle file{std::fopen(path.c_str(), "ab")};
#else
    int const descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);
    // A FIFO that nobody reads must not hold up the program that opens it; writing may wait again.
    if (descriptor >= 0) ::fcntl(descriptor, F_SETFL, O_APPEND);
    handle file{descriptor < 0 ? nullptr : ::fdopen(descriptor, "a")};
    if (!file && descriptor >= 0) ::close(descriptor);
#endif
    if (file) std::setvbuf(file.get(), nullptr, _IONBF, 0); // a line that fails must not linger in a buffer
    return file;
}

VIADUCT_DECL file_line_sink::file_line_sink(std::string path) : path_{std::move(path)}, file_{open(path_)}
{
    if (!file_) throw system_error(error_code{errno, net::error::get_system_category()}, path_);
}

VIADUCT_DECL void file_line_sink::write_line(std::string_view line) noexcept
{
    if (std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size()) return;
    ++dropped_;
    std::clearerr(file_.get());
}

VIADUCT_DECL void file_line_sink::reopen() noexcept
{
    if (auto fresh = open(path_)) file_ = std::move(fresh);
}

} // namespace viaduct

#endif
