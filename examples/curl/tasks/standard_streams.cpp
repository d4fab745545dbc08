#include "tasks/standard_streams.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>
#include <vector>

namespace viaduct_curl {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;

/// Calls again what a signal has interrupted, or what a descriptor that others made non-blocking puts off.
template <class Call>
[[nodiscard]] ssize_t insist(int descriptor, short event, Call const& call) noexcept
{
    for (;;) {
        auto const n = call();
        if (n >= 0 || (errno != EINTR && errno != EAGAIN)) return n;
        if (errno == EINTR) continue;
        pollfd ready{descriptor, event, 0};
        ::poll(&ready, 1, -1);
    }
}

[[nodiscard]] bool write_all(int to, char const* from, std::size_t size) noexcept
{
    while (size > 0) {
        auto const n = insist(to, POLLOUT, [&] { return ::write(to, from, size); });
        if (n < 0) return false;
        from += n;
        size -= static_cast<std::size_t>(n);
    }
    return true;
}

/// The end, to whoever reads. The number stays taken, or a socket might get it.
void end_standard_output() noexcept
{
    int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0) return static_cast<void>(::close(STDOUT_FILENO));
    ::dup2(nothing, STDOUT_FILENO);
    ::close(nothing);
}

} // namespace

standard_streams::standard_streams(int socket)
    : socket_{socket},
      input_{&standard_streams::copy_input, this},
      output_{&standard_streams::copy_output, this}
{}

standard_streams::~standard_streams()
{
    ::shutdown(socket_, SHUT_RDWR);
    finish();
    ::close(socket_);
}

void standard_streams::finish()
{
    if (output_.joinable()) output_.join();
    if (input_.joinable()) input_.join();
}

/// Waits for input, or for the other end of the socket to be closed, after which nobody wants any.
bool standard_streams::has_input() const noexcept
{
    std::array<pollfd, 2> both{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{socket_, 0, 0}};
    while (::poll(both.data(), both.size(), -1) < 0)
        if (errno != EINTR) return false;
    return both[0].revents != 0 && both[1].revents == 0;
}

void standard_streams::copy_input() noexcept
{
    std::array<char, buffer_size> buffer;
    while (has_input()) {
        auto const n =
            insist(STDIN_FILENO, POLLIN, [&] { return ::read(STDIN_FILENO, buffer.data(), buffer.size()); });
        if (n <= 0 || !write_all(socket_, buffer.data(), static_cast<std::size_t>(n))) break;
    }
    ::shutdown(socket_, SHUT_WR);
}

void standard_streams::copy_output() noexcept
{
    std::array<char, buffer_size> buffer;
    for (;;) {
        auto const n = insist(socket_, POLLIN, [&] { return ::read(socket_, buffer.data(), buffer.size()); });
        if (n <= 0) break;
        if (write_all(STDOUT_FILENO, buffer.data(), static_cast<std::size_t>(n))) continue;
        write_failed_ = true;
        ::shutdown(socket_, SHUT_RDWR); // the relay learns of it, and the tunnel ends
        break;
    }
    end_standard_output(); // even if we still have something to send
    bool const nobody_types = ::isatty(STDIN_FILENO) == 1;
    if (nobody_types) ::shutdown(socket_, SHUT_RDWR);
}

} // namespace viaduct_curl
