#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_DESCRIPTOR_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_DESCRIPTOR_HPP

#include <unistd.h>
#include <utility>

namespace viaduct_proxy {

/// A file descriptor that is closed in the end; -1 is none.
class descriptor
{
public:
    explicit descriptor(int fd = -1) noexcept : fd_{fd} {}
    descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

    descriptor& operator=(descriptor&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }

    ~descriptor()
    {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

} // namespace viaduct_proxy

#endif
