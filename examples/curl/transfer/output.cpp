#include "transfer/output.hpp"

#include "failure.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace viaduct_curl {
namespace {

[[nodiscard]] std::string file_name(target const& wanted, url const& from)
{
    if (wanted.remote_name) {
        bool const usable = !from.file.empty() && from.file != "." && from.file != "..";
        if (!usable) throw failure{CURLE_WRITE_ERROR, "Remote file name has no length!"};
        return from.file;
    }
    return wanted.output.value_or("-") == "-" ? std::string{} : *wanted.output;
}

} // namespace

output::output(target const& wanted, url const& from)
    : name_{file_name(wanted, from)},
      descriptor_{is_file() ? -1 : STDOUT_FILENO},
      terminal_{!is_file() && ::isatty(STDOUT_FILENO) == 1}
{}

output::~output()
{
    if (is_file() && descriptor_ >= 0) ::close(descriptor_);
}

bool output::touch() noexcept
{
    if (failed_ || descriptor_ >= 0) return !failed_;
    descriptor_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return descriptor_ >= 0 || fail("Failed to open the file", errno);
}

bool output::write(std::string_view octets) noexcept
{
    if (!touch()) return false;
    while (!octets.empty()) {
        auto const n = ::write(descriptor_, octets.data(), octets.size());
        if (n >= 0) {
            octets.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) { // somebody else made the standard output non-blocking
            pollfd ready{descriptor_, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return fail("Failed to write to", errno);
        }
    }
    return true;
}

bool output::fail(std::string_view what, int error) noexcept
try {
    failed_ = true;
    bool const nobody_reads = !is_file() && (error == EPIPE || error == EBADF);
    if (!nobody_reads)
        error_ =
            fmt::format("{} {}: {}", what, is_file() ? name_ : "the standard output", std::strerror(error));
    return false;
} catch (std::exception const&) {
    return false;
}

} // namespace viaduct_curl
