#include "tasks/standard_streams.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
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

[[nodiscard]] bool write_all(int to, std::string_view octets) noexcept
{
    while (!octets.empty()) {
        auto const n = insist(to, POLLOUT, [&] { return ::write(to, octets.data(), octets.size()); });
        if (n < 0) return false;
        octets.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

/// Whether a descriptor can be written to before that.
[[nodiscard]] bool is_writable_by(standard_streams::time_point deadline, int descriptor) noexcept
{
    for (;;) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - standard_streams::time_point::clock::now());
        pollfd ready{descriptor, POLLOUT, 0};
        auto const count = std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, INT_MAX);
        auto const n = ::poll(&ready, 1, static_cast<int>(count));
        if (n > 0) return true;
        if (n == 0 && count < INT_MAX) return false;
    }
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

standard_streams::standard_streams(int socket, std::optional<time_point> deadline)
    : socket_{socket},
      deadline_{deadline},
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
        if (n <= 0 || !write_all(socket_, {buffer.data(), static_cast<std::size_t>(n)})) break;
    }
    ::shutdown(socket_, SHUT_WR);
}

bool standard_streams::write(std::string_view octets) noexcept
{
    if (deadline_ ? write_in_time(octets) : write_all(STDOUT_FILENO, octets)) return true;
    write_failed_ = !timed_out_;
    return false;
}

/// A pipe that can be written to takes so much without making us wait, and not more.
bool standard_streams::write_in_time(std::string_view octets) noexcept
{
    while (!octets.empty()) {
        timed_out_ = !is_writable_by(*deadline_, STDOUT_FILENO);
        auto const piece = octets.substr(0, PIPE_BUF);
        if (timed_out_ || !write_all(STDOUT_FILENO, piece)) return false;
        octets.remove_prefix(piece.size());
    }
    return true;
}

void standard_streams::copy_output() noexcept
{
    std::array<char, buffer_size> buffer;
    for (;;) {
        auto const n = insist(socket_, POLLIN, [&] { return ::read(socket_, buffer.data(), buffer.size()); });
        if (n <= 0) break;
        if (write({buffer.data(), static_cast<std::size_t>(n)})) continue;
        ::shutdown(socket_, SHUT_RDWR); // the relay learns of it, and the tunnel ends
        break;
    }
    end_standard_output(); // even if we still have something to send
    bool const nobody_types = ::isatty(STDIN_FILENO) == 1;
    if (nobody_types) ::shutdown(socket_, SHUT_RDWR);
}

} // namespace viaduct_curl
