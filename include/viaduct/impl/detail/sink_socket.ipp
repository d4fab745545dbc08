#ifndef VIADUCT_IMPL_DETAIL_SINK_SOCKET_IPP
#define VIADUCT_IMPL_DETAIL_SINK_SOCKET_IPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/sink_socket.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace viaduct::detail {

VIADUCT_DECL error_code system_code_of(int value) noexcept
{
    return {value, net::error::get_system_category()};
}

[[nodiscard]] inline error_code name_service_code_of(int value) noexcept
{
    switch (value) {
    case EAI_SYSTEM: return system_code_of(errno);
    case EAI_NONAME: return net::error::host_not_found;
    case EAI_AGAIN: return net::error::host_not_found_try_again;
    case EAI_MEMORY: return system_code_of(ENOMEM);
    default: return net::error::no_recovery;
    }
}

/// Waits for events of one descriptor. @return Whether there are any, in time; looks at least once.
[[nodiscard]] inline bool await_socket(int descriptor, short events,
                                       sink_socket::clock::time_point until) noexcept
{
    for (;;) {
        auto const left =
            std::chrono::ceil<std::chrono::milliseconds>(until - sink_socket::clock::now()).count();
        pollfd what{descriptor, events, 0};
        int const found = ::poll(&what, 1, static_cast<int>(std::clamp<long long>(left, 0, 60'000)));
        if (found > 0) return true;
        if (found < 0 && errno != EINTR) return false;
        if (left <= 0) return false;
    }
}

VIADUCT_DECL std::string sink_target::text() const
{
    if (how == kind::local) return host;
    bool const is_ipv6 = host.find(':') != std::string::npos;
    return std::string{how == kind::udp ? "udp://" : "tcp://"} + (is_ipv6 ? '[' + host + ']' : host) + ':' +
           std::to_string(port);
}

VIADUCT_DECL void sink_socket::close() noexcept
{
    if (descriptor_ != -1) ::close(std::exchange(descriptor_, -1));
}

VIADUCT_DECL void sink_socket::adopt(int descriptor) noexcept
{
    close();
    descriptor_ = descriptor;
    is_stream_ = true;
}

VIADUCT_DECL void sink_socket::end_sending() noexcept
{
    if (is_open()) ::shutdown(descriptor_, SHUT_WR);
}

VIADUCT_DECL error_code sink_socket::connect(sink_target const& target, clock::time_point until)
{
    close();
    return target.how == sink_target::kind::local ? connect_local(target.host, until)
                                                  : connect_host(target, until);
}

VIADUCT_DECL error_code sink_socket::connect_local(std::string const& path, clock::time_point until) noexcept
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty()) return system_code_of(ENOENT);
    if (path.size() >= sizeof address.sun_path) return system_code_of(ENAMETOOLONG);
    std::memcpy(address.sun_path, path.data(), path.size());
    auto const ec = connect_one(AF_UNIX, SOCK_DGRAM, &address, sizeof address, until);
    if (ec != system_code_of(EPROTOTYPE)) return ec;
    return connect_one(AF_UNIX, SOCK_STREAM, &address, sizeof address, until);
}

VIADUCT_DECL error_code sink_socket::connect_host(sink_target const& target, clock::time_point until)
{
    addrinfo wanted{};
    wanted.ai_socktype = target.how == sink_target::kind::udp ? SOCK_DGRAM : SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    auto const port = std::to_string(target.port);
    int const problem = ::getaddrinfo(target.host.c_str(), port.c_str(), &wanted, &found);
    if (problem != 0) return name_service_code_of(problem);
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const owner{found, &::freeaddrinfo};

    int count = 0;
    for (auto const* each = found; each; each = each->ai_next)
        ++count;
    error_code ec = net::error::host_not_found;
    for (auto const* each = found; each && ec; each = each->ai_next) {
        auto const now = clock::now(); // one address that does not answer must leave time for the others
        auto const share = std::max(until - now, clock::duration::zero()) / count--;
        ec = connect_one(each->ai_family, each->ai_socktype, each->ai_addr, each->ai_addrlen, now + share);
    }
    return ec;
}

/// A host that has vanished is found out after a while, not after the quarter of an hour that TCP takes.
inline void watch_connection(int descriptor) noexcept
{
    int const on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
#if defined(TCP_USER_TIMEOUT)
    unsigned const patience = 30'000; // milliseconds
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
#endif
}

VIADUCT_DECL error_code sink_socket::connect_one(int family, int type, void const* address, std::size_t size,
                                                 clock::time_point until) noexcept
{
    close();
    descriptor_ = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    is_stream_ = type == SOCK_STREAM;
    int problem = is_open() ? 0 : errno;
    auto const* const where = static_cast<sockaddr const*>(address);
    if (problem == 0 && ::connect(descriptor_, where, static_cast<socklen_t>(size)) != 0) problem = errno;
    if (problem == EINPROGRESS && !await_socket(descriptor_, POLLOUT, until)) problem = ETIMEDOUT;
    if (problem == EINPROGRESS) {
        socklen_t length = sizeof problem;
        if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &problem, &length) != 0) problem = errno;
    }
    if (problem != 0)
        close();
    else if (is_stream_ && family != AF_UNIX)
        watch_connection(descriptor_);
    return problem != 0 ? system_code_of(problem) : error_code{};
}

VIADUCT_DECL error_code sink_socket::send(std::string_view octets, clock::time_point until,
                                          std::size_t& sent) noexcept
{
    sent = 0;
    do {
        auto const taken =
            ::send(descriptor_, octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken >= 0)
            sent += static_cast<std::size_t>(taken);
        else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!await_socket(descriptor_, POLLOUT, until)) return system_code_of(ETIMEDOUT);
        } else if (errno != EINTR)
            return system_code_of(errno);
    } while (sent < octets.size());
    return {};
}

VIADUCT_DECL bool sink_socket::has_ended() noexcept
{
    char thrown_away[4096];
    for (int most = 64; most != 0; --most) { // one that talks without end must not hold up the log
        auto const read = ::recv(descriptor_, thrown_away, sizeof thrown_away, MSG_DONTWAIT);
        if (read == 0) return true;
        if (read < 0 && errno != EINTR) return errno != EAGAIN && errno != EWOULDBLOCK;
    }
    return false;
}

VIADUCT_DECL bool sink_socket::await_end(clock::time_point until) noexcept
{
    while (!has_ended())
        if (clock::now() >= until || !await_socket(descriptor_, POLLIN, until)) return false;
    return true;
}

} // namespace viaduct::detail

#endif
