#ifndef VIADUCT_TESTS_BENCH_NET_HPP
#define VIADUCT_TESTS_BENCH_NET_HPP

#include <cstdint>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <utility>

namespace bench {

/// Whatever goes wrong ends the run: a benchmark has no use for half a result.
struct failure : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// Returns what a system call returned, or throws a failure that says what it was for.
int checked(int result, char const* what);

/// A file descriptor, closed when it goes.
class descriptor
{
public:
    descriptor() = default;
    explicit descriptor(int fd) noexcept : fd_{fd} {}
    descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    descriptor& operator=(descriptor&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    void reset() noexcept;

private:
    int fd_ = -1;
};

/// Reads ADDRESS:PORT.
[[nodiscard]] sockaddr_in parse_address(std::string const& text);

[[nodiscard]] std::string to_string(sockaddr_in const& address);

/// The same port on an address further on: 127.0.0.1 and 3 give 127.0.0.4.
[[nodiscard]] sockaddr_in shifted(sockaddr_in address, unsigned by) noexcept;

/// An epoll instance; what an event belongs to is a number of the caller's.
class poller
{
public:
    static constexpr int batch = 256;

    poller();
    void add(int fd, std::uint32_t events, std::uint64_t tag);
    void change(int fd, std::uint32_t events, std::uint64_t tag);

    /// Waits, at most so many milliseconds (-1: for ever), and calls handle(tag, events) for each event.
    template <class Handle>
    void wait(int milliseconds, Handle&& handle)
    {
        int const count = fill(milliseconds);
        for (int i = 0; i < count; ++i)
            handle(events_[i].data.u64, events_[i].events);
    }

private:
    int fill(int milliseconds);

    descriptor epoll_;
    epoll_event events_[batch];
};

/// Takes as many descriptors as the system gives.
void raise_descriptor_limit();

} // namespace bench

#endif
