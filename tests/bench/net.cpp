#include "net.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sys/resource.h>
#include <unistd.h>

namespace bench {

int checked(int result, char const* what)
{
    if (result < 0) throw failure{std::string{what} + ": " + std::strerror(errno)};
    return result;
}

void descriptor::reset() noexcept
{
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

sockaddr_in parse_address(std::string const& text)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    auto const colon = text.rfind(':');
    if (colon == std::string::npos) throw failure{"'" + text + "' is not ADDRESS:PORT"};
    std::uint16_t port = 0;
    auto const [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    bool const known = ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) == 1;
    if (!known || error != std::errc{} || end != text.data() + text.size())
        throw failure{"'" + text + "' is not ADDRESS:PORT"};
    address.sin_port = htons(port);
    return address;
}

std::string to_string(sockaddr_in const& address)
{
    char text[INET_ADDRSTRLEN];
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    return std::string{text} + ':' + std::to_string(ntohs(address.sin_port));
}

sockaddr_in shifted(sockaddr_in address, unsigned by) noexcept
{
    address.sin_addr.s_addr = htonl(ntohl(address.sin_addr.s_addr) + by);
    return address;
}

poller::poller() : epoll_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")} {}

void poller::add(int fd, std::uint32_t events, std::uint64_t tag)
{
    epoll_event event{.events = events, .data = {.u64 = tag}};
    checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void poller::change(int fd, std::uint32_t events, std::uint64_t tag)
{
    epoll_event event{.events = events, .data = {.u64 = tag}};
    checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event), "epoll_ctl");
}

int poller::fill(int milliseconds)
{
    int const count = ::epoll_wait(epoll_.get(), events_, batch, milliseconds);
    return count < 0 && errno == EINTR ? 0 : checked(count, "epoll_wait");
}

void raise_descriptor_limit()
{
    rlimit limit{};
    checked(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    checked(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

} // namespace bench
