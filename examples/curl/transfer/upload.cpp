#include "transfer/upload.hpp"

#include "failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace viaduct_curl {
namespace {

[[nodiscard]] bool is_standard_input(std::string const& name)
{
    return name == "-" || name == ".";
}

[[nodiscard]] int open_source(std::string const& name)
{
    if (is_standard_input(name)) return STDIN_FILENO;
    auto const descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw failure{CURLE_READ_ERROR, fmt::format("Can't open '{}'!", name)};
    return descriptor;
}

/// Octets to send, or -1 if only the end will tell.
[[nodiscard]] curl_off_t size_of(int descriptor)
{
    struct stat info = {};
    bool const has_size = ::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
    return has_size ? static_cast<curl_off_t>(info.st_size) : -1;
}

} // namespace

void expect_readable(std::string const& name)
{
    auto const descriptor = open_source(name);
    if (descriptor != STDIN_FILENO) ::close(descriptor);
}

upload::upload(std::string const& name, bool again) : descriptor_{open_source(name)}, is_patient_{name != "."}
{
    if (again && descriptor_ == STDIN_FILENO && ::lseek(descriptor_, 0, SEEK_SET) != 0)
        throw failure{CURLE_SEND_FAIL_REWIND, curl_easy_strerror(CURLE_SEND_FAIL_REWIND)};
}

upload::~upload()
{
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

void upload::attach(CURL* to)
{
    handle_ = to;
    curl_easy_setopt(to, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(to, CURLOPT_READFUNCTION, &upload::on_read);
    curl_easy_setopt(to, CURLOPT_READDATA, static_cast<void*>(this));
    curl_easy_setopt(to, CURLOPT_SEEKFUNCTION, &upload::on_seek);
    curl_easy_setopt(to, CURLOPT_SEEKDATA, static_cast<void*>(this));
    auto const size = descriptor_ == STDIN_FILENO ? curl_off_t{-1} : size_of(descriptor_);
    if (size >= 0) curl_easy_setopt(to, CURLOPT_INFILESIZE_LARGE, size);
    if (is_patient_) return;
    curl_easy_setopt(to, CURLOPT_XFERINFOFUNCTION, &upload::on_progress);
    curl_easy_setopt(to, CURLOPT_XFERINFODATA, static_cast<void*>(this));
    curl_easy_setopt(to, CURLOPT_NOPROGRESS, 0L);
}

bool upload::would_wait() const noexcept
{
    pollfd ready{descriptor_, POLLIN, 0};
    return ::poll(&ready, 1, 0) == 0;
}

std::size_t upload::on_read(char* to, std::size_t, std::size_t size, void* self) noexcept
{
    auto& u = *static_cast<upload*>(self);
    if (!u.is_patient_ && u.would_wait()) {
        u.waits_ = true;
        return CURL_READFUNC_PAUSE;
    }
    ssize_t n = 0;
    do {
        n = ::read(u.descriptor_, to, size);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? CURL_READFUNC_ABORT : static_cast<std::size_t>(n);
}

int upload::on_seek(void* self, curl_off_t offset, int origin) noexcept
{
    auto const& u = *static_cast<upload*>(self);
    return ::lseek(u.descriptor_, offset, origin) < 0 ? CURL_SEEKFUNC_CANTSEEK : CURL_SEEKFUNC_OK;
}

int upload::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept
{
    auto& u = *static_cast<upload*>(self);
    if (!u.waits_) return 0;
    u.waits_ = false;
    curl_easy_pause(u.handle_, CURLPAUSE_CONT);
    return 0;
}

} // namespace viaduct_curl
