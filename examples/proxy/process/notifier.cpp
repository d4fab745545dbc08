#include "notifier.hpp"

#include "../say.hpp"
#include "descriptor.hpp"
#include "environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>

namespace viaduct_proxy {
namespace {

[[nodiscard]] long long monotonic_microseconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<long long>(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
}

/// @return An error number, or zero. Waits for a short time only if the other side is busy.
[[nodiscard]] int send_datagram(std::string const& address, std::string_view message)
{
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::copy(address.begin(), address.end(), to.sun_path);
    if (address.front() == '@') to.sun_path[0] = '\0';
    descriptor const from{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    timeval const patience{1, 0};
    if (!from) return errno;
    ::setsockopt(from.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    auto const* const where = reinterpret_cast<sockaddr const*>(&to);
    return ::sendto(from.get(), message.data(), message.size(), MSG_NOSIGNAL, where, size) < 0 ? errno : 0;
}

} // namespace

notifier notifier::from_environment()
{
    notifier made;
    auto const address = take_variable("NOTIFY_SOCKET").value_or("");
    auto const time = to_number(take_variable("WATCHDOG_USEC"));
    bool const is_for_us = is_own_process(take_variable("WATCHDOG_PID"));
    if (address.empty()) return made;
    if ((address[0] != '/' && address[0] != '@') || address.size() >= sizeof(sockaddr_un::sun_path)) {
        tell(
            fmt::format("NOTIFY_SOCKET '{}': it is no local socket; nobody is notified", printable(address)));
        return made;
    }
    made.address_ = address;
    made.watchdog_ = time && *time > 0 && is_for_us;
    if (made.watchdog_)
        made.interval_ = std::chrono::milliseconds{std::clamp(*time / 2000, 1ULL, 3600000ULL)};
    return made;
}

void notifier::ready()
{
    send("READY=1");
}

void notifier::reloading()
{
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reading the configuration anew",
                     monotonic_microseconds()));
    tunnels_ = static_cast<std::size_t>(-1); // what comes next replaces this status
}

void notifier::stopping(std::chrono::milliseconds limit)
{
    constexpr std::chrono::microseconds to_tidy_up = std::chrono::seconds{10};
    send(fmt::format("STOPPING=1\nSTATUS=waiting for tunnels to end\nEXTEND_TIMEOUT_USEC={}",
                     (limit + to_tidy_up).count()));
}

void notifier::alive(std::size_t tunnels)
{
    std::string message;
    if (watchdog_) message = "WATCHDOG=1";
    if (tunnels != tunnels_)
        message += fmt::format("{}STATUS={} open tunnel{}", message.empty() ? "" : "\n", tunnels,
                               tunnels == 1 ? "" : "s");
    tunnels_ = tunnels;
    if (!message.empty()) send(message);
}

void notifier::send(std::string_view message)
{
    if (!any()) return;
    int const problem = send_datagram(address_, message);
    if (problem != 0 && !failed_)
        tell(fmt::format("NOTIFY_SOCKET '{}': {}", printable(address_), std::strerror(problem)));
    failed_ = problem != 0;
}

} // namespace viaduct_proxy
