#include "transfer/head_file.hpp"

#include "failure.hpp"
#include "transfer/output_name.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace viaduct_curl {

head_file::head_file(answer_settings const& how)
{
    if (!how.dump_header) return;
    if (*how.dump_header == "-" || *how.dump_header == "%") {
        descriptor_ = *how.dump_header == "-" ? STDOUT_FILENO : STDERR_FILENO;
        return;
    }
    name_ = *how.dump_header;
    int error = how.create_directories ? make_directories(name_) : 0;
    if (error == 0) {
        descriptor_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (descriptor_ < 0) error = errno;
    }
    if (error != 0)
        throw failure{CURLE_WRITE_ERROR, fmt::format("Failed to open {}: {}", name_, std::strerror(error))};
}

head_file::~head_file()
{
    if (!name_.empty()) ::close(descriptor_);
}

bool head_file::write(std::string_view octets) noexcept
try {
    while (!octets.empty() && descriptor_ >= 0 && !failed_) {
        auto const n = ::write(descriptor_, octets.data(), octets.size());
        if (n >= 0) {
            octets.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) { // somebody else made the standard stream non-blocking
            pollfd ready{descriptor_, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            failed_ = true;
            error_ = fmt::format("Failed to write heads: {}", std::strerror(errno));
        }
    }
    return !failed_;
} catch (std::exception const&) {
    return false;
}

} // namespace viaduct_curl
