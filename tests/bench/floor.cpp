// The least that a proxy can do: accept, read the CONNECT head (taken to come whole), connect, answer, relay.
// No clocks, no limits, no log; it trusts everybody. One thread; each socket is registered once.
#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

/// One socket of a tunnel, and what came in on it and has not gone out on the other.
struct side
{
    int fd = -1;
    int pipe[2] = {-1, -1};
    bool hung_up = false, ended = false;
    long in_pipe = 0;
    std::string waiting{};
};

struct tunnel
{
    side sides[2]; // the client's, the origin's
    bool connected = false, closed = false;
};

constexpr long block = 512 * 1024;
char buffer[block];
int const epoll = ::epoll_create1(0);
bool by_splice = false;
std::vector<std::unique_ptr<tunnel>> closed; // events of this round may still speak of them

/// The lowest bit of what an event carries says which side of the tunnel it is about.
void watch(tunnel* t, std::uintptr_t which)
{
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                      .data = {.u64 = reinterpret_cast<std::uintptr_t>(t) | which}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, t->sides[which].fd, &event);
}

bool close_all(tunnel& t)
{
    for (side& s : t.sides)
        for (int fd : {s.fd, s.pipe[0], s.pipe[1]})
            if (fd >= 0) ::close(fd);
    t.closed = true;
    closed.emplace_back(&t);
    return false;
}

/// After a call that moved nothing: false, since there is no more to do now.
bool stop(tunnel& t, side& from, side& to, long result)
{
    if (result < 0) return errno != EAGAIN && close_all(t);
    from.ended = true;
    return to.ended ? close_all(t) : ::shutdown(to.fd, SHUT_WR) > 0;
}

bool copy_block(tunnel& t, side& from, side& to)
{
    bool const behind = !from.waiting.empty();
    long const held = behind ? long(from.waiting.copy(buffer, block)) : ::recv(from.fd, buffer, block, 0);
    if (held <= 0) return stop(t, from, to, held);
    long const sent = ::send(to.fd, buffer, std::size_t(held), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return stop(t, from, to, sent);
    from.waiting.assign(buffer + std::max(sent, 0L), buffer + held);
    return sent == held && (behind || from.hung_up || held == block); // a short read has emptied the socket
}

bool splice_block(tunnel& t, side& from, side& to)
{
    constexpr unsigned flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
    if (from.pipe[0] < 0 &&
        (::pipe2(from.pipe, O_NONBLOCK) != 0 || ::fcntl(from.pipe[1], F_SETPIPE_SZ, 1 << 20) == 0))
        return close_all(t);
    if (from.in_pipe == 0) from.in_pipe = ::splice(from.fd, nullptr, from.pipe[1], nullptr, 1 << 20, flags);
    if (from.in_pipe <= 0) return stop(t, from, to, std::exchange(from.in_pipe, 0));
    long const sent = ::splice(from.pipe[0], nullptr, to.fd, nullptr, std::size_t(from.in_pipe), flags);
    if (sent < 0) return stop(t, from, to, sent);
    from.in_pipe -= sent;
    return from.in_pipe == 0;
}

void pump(tunnel& t, side& from, side& to)
{
    while (!t.closed && !from.ended && (by_splice ? splice_block : copy_block)(t, from, to))
        continue;
}

void accept_one(int listener)
{
    auto* t = new tunnel{.sides = {{.fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)}, {}}};
    watch(t, 0);
}

void read_head(tunnel& t)
{
    auto const got = ::recv(t.sides[0].fd, buffer, block - 1, 0);
    buffer[std::max(got, 0L)] = 0;
    unsigned a = 0, b = 0, c = 0, d = 0, port = 0;
    if (std::sscanf(buffer, "CONNECT %u.%u.%u.%u:%u", &a, &b, &c, &d, &port) != 5) return void(close_all(t));
    sockaddr_in const where{AF_INET, htons(std::uint16_t(port)), {htonl(a << 24 | b << 16 | c << 8 | d)}, {}};
    t.sides[1].fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ::connect(t.sides[1].fd, reinterpret_cast<sockaddr const*>(&where), sizeof where);
    watch(&t, 1);
}

void go_on(tunnel& t, unsigned which, unsigned events)
{
    side &at = t.sides[which], &other = t.sides[1 - which];
    if (t.closed) return;
    at.hung_up |= (events & EPOLLRDHUP) != 0;
    if (t.sides[1].fd < 0) return events & EPOLLIN ? read_head(t) : void();
    if (!t.connected && which == 1)
        t.connected = ::send(other.fd, "HTTP/1.1 200 OK\r\n\r\n", 19, MSG_NOSIGNAL) > 0;
    if (t.connected && events & (EPOLLIN | EPOLLERR)) pump(t, at, other);
    if (events & EPOLLOUT && (other.in_pipe != 0 || !other.waiting.empty())) pump(t, other, at);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) return std::fputs("usage: bench-floor PORT splice|copy\n", stderr), 2;
    by_splice = argv[2] == std::string{"splice"};
    int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in const where{AF_INET, htons(std::uint16_t(std::stoi(argv[1]))), {htonl(INADDR_LOOPBACK)}, {}};
    if (::bind(listener, reinterpret_cast<sockaddr const*>(&where), sizeof where) != 0) return 1;
    if (::listen(listener, 4096) != 0) return 1;
    epoll_event events[256] = {{.events = EPOLLIN, .data = {.u64 = 0}}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, events);
    for (;; closed.clear()) {
        int const count = ::epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; ++i)
            if (auto const tag = events[i].data.u64; tag == 0)
                accept_one(listener);
            else
                go_on(*reinterpret_cast<tunnel*>(tag & ~1UL), unsigned(tag & 1), events[i].events);
    }
}
