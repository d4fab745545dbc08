#include "origin.hpp"

#include "net.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t block_size = 256 * 1024;
constexpr std::uint64_t listener_bit = std::uint64_t{1} << 32; // in the tag of an event

enum class duty
{
    none,
    echo,
    source,
    sink,
    finished
};

struct session
{
    descriptor socket;
    duty now = duty::none;
    std::uint64_t left = 0;
};

/// One thread's connections, found by their descriptors.
class origin_worker
{
public:
    explicit origin_worker(std::vector<descriptor> const& listeners)
    {
        for (auto const& listener : listeners)
            poller_.add(listener.get(), EPOLLIN | EPOLLEXCLUSIVE, listener_bit | unsigned(listener.get()));
    }

    [[noreturn]] void run()
    {
        for (;;)
            poller_.wait(-1, [this](std::uint64_t tag, std::uint32_t) { serve(tag); });
    }

private:
    void serve(std::uint64_t tag)
    {
        if (tag & listener_bit)
            accept_one(int(tag & ~listener_bit));
        else if (!go_on(sessions_[tag]))
            sessions_[tag].socket.reset();
    }

    void accept_one(int listener)
    {
        int const fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return; // another thread has it, or its client has gone
        if (sessions_.size() <= unsigned(fd)) sessions_.resize(unsigned(fd) * 2);
        sessions_[unsigned(fd)] = session{.socket = descriptor{fd}};
        poller_.add(fd, EPOLLIN, unsigned(fd));
    }

    /// One step of a session; false once it is over.
    bool go_on(session& s)
    {
        switch (s.now) {
        case duty::none: return begin(s);
        case duty::echo: return echo(s);
        case duty::source: return source(s);
        case duty::sink: return sink(s);
        case duty::finished: return receive(s, block_size, MSG_TRUNC) != 0;
        }
        return false;
    }

    /// A wish comes whole: it was written at once, and nothing on loopback cuts nine octets.
    bool begin(session& s)
    {
        auto const got = receive(s, wish_size, 0);
        if (got <= 0) return got < 0;
        if (block_[0] == wish::echo) {
            s.now = duty::echo;
            return send(s, std::size_t(got)) == got;
        }
        for (unsigned i = 1; i < wish_size; ++i)
            s.left = s.left << 8 | static_cast<unsigned char>(block_[i]);
        bool const source = block_[0] == wish::source;
        s.now = source ? duty::source : duty::sink;
        if (source) poller_.change(s.socket.get(), EPOLLOUT, unsigned(s.socket.get()));
        return got == long{wish_size} && (source || block_[0] == wish::sink);
    }

    /// Messages here are small, so the answer always fits into the socket's buffer.
    bool echo(session& s)
    {
        auto const got = receive(s, block_size, 0);
        return got < 0 || (got > 0 && send(s, std::size_t(got)) == got);
    }

    bool source(session& s)
    {
        auto const sent = send(s, std::min<std::uint64_t>(s.left, block_size));
        if (sent < 0) return errno == EAGAIN;
        s.left -= std::uint64_t(sent);
        if (s.left == 0) {
            s.now = duty::finished;
            poller_.change(s.socket.get(), EPOLLIN, unsigned(s.socket.get()));
        }
        return true;
    }

    /// MSG_TRUNC throws the octets away without copying them, which leaves more of this CPU to the sender.
    bool sink(session& s)
    {
        auto const got = receive(s, std::min<std::uint64_t>(s.left, block_size * 4), MSG_TRUNC);
        if (got <= 0) return got < 0;
        s.left -= std::uint64_t(got);
        if (s.left != 0) return true;
        s.now = duty::finished;
        return send(s, 1) == 1;
    }

    /// Returns -1 where nothing was there, 0 at the end, which an error is too.
    long receive(session& s, std::size_t size, int flags)
    {
        auto const got = ::recv(s.socket.get(), block_.data(), size, flags);
        return got < 0 && errno != EAGAIN ? 0 : got;
    }

    long send(session& s, std::size_t size)
    {
        return ::send(s.socket.get(), block_.data(), size, MSG_NOSIGNAL);
    }

    poller poller_;
    std::vector<session> sessions_ = std::vector<session>(64);
    std::vector<char> block_ = std::vector<char>(block_size * 4);
};

descriptor listen_on(sockaddr_in const& where)
{
    descriptor socket{checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")};
    int const on = 1;
    checked(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
    checked(::bind(socket.get(), reinterpret_cast<sockaddr const*>(&where), sizeof where), "bind");
    checked(::listen(socket.get(), 4096), "listen");
    return socket;
}

sockaddr_in address_of(descriptor const& socket)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    checked(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    return address;
}

std::vector<descriptor> listen_everywhere(std::uint16_t port)
{
    std::vector<descriptor> listeners;
    listeners.push_back(listen_on(parse_address("127.0.0.1:" + std::to_string(port))));
    auto const first = address_of(listeners[0]);
    for (unsigned i = 1; i < origin_addresses; ++i)
        listeners.push_back(listen_on(shifted(first, i)));
    return listeners;
}

} // namespace

void run_origin(std::uint16_t port, unsigned threads)
{
    auto const listeners = listen_everywhere(port);
    std::printf("listening on %s\n", to_string(address_of(listeners[0])).c_str());
    std::fflush(stdout);
    auto const work = [&listeners] {
        try {
            origin_worker{listeners}.run();
        } catch (failure const& e) {
            std::fprintf(stderr, "origin: %s\n", e.what());
            std::exit(1);
        }
    };
    for (unsigned i = 1; i < threads; ++i)
        std::thread{work}.detach();
    work();
    std::abort(); // run() does not return
}

} // namespace bench
