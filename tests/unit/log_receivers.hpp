#ifndef VIADUCT_TESTS_UNIT_LOG_RECEIVERS_HPP
#define VIADUCT_TESTS_UNIT_LOG_RECEIVERS_HPP

// What tests of line sinks let them talk to: sockets of their own, and an account of notices.

#include "temporary_directory.hpp"
#include <viaduct/log/sink_health.hpp>

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace log_receivers {

using clock = std::chrono::steady_clock;

inline constexpr std::chrono::seconds patience{10};

/// A descriptor, and waiting for it.
class descriptor
{
public:
    explicit descriptor(int value) : value_{value} { REQUIRE(value != -1); }
    descriptor(descriptor&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
    descriptor& operator=(descriptor&& other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    ~descriptor()
    {
        if (value_ != -1) ::close(value_);
    }

    [[nodiscard]] int get() const noexcept { return value_; }

    [[nodiscard]] bool is_readable(std::chrono::milliseconds within = patience) const
    {
        pollfd what{value_, POLLIN, 0};
        return ::poll(&what, 1, static_cast<int>(within.count())) == 1;
    }

    /// One datagram, or what there is of a stream; nothing at its end.
    [[nodiscard]] std::string receive() const
    {
        REQUIRE(is_readable());
        std::string octets(100'000, '\0');
        auto const size = ::recv(value_, octets.data(), octets.size(), 0);
        octets.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return octets;
    }

    /// So many octets of a stream.
    [[nodiscard]] std::string receive(std::size_t count) const
    {
        std::string octets;
        while (octets.size() < count) {
            REQUIRE(is_readable());
            std::string part(count - octets.size(), '\0');
            auto const size = ::recv(value_, part.data(), part.size(), 0);
            REQUIRE(size > 0);
            octets += part.substr(0, static_cast<std::size_t>(size));
        }
        return octets;
    }

    [[nodiscard]] std::string receive_to_end() const
    {
        std::string octets;
        for (std::string part; !(part = receive()).empty();)
            octets += part;
        return octets;
    }

    [[nodiscard]] descriptor accept() const
    {
        REQUIRE(is_readable());
        return descriptor{::accept(value_, nullptr, nullptr)};
    }

private:
    int value_;
};

[[nodiscard]] inline std::uint16_t port_of(descriptor const& bound)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(bound.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    return ntohs(address.sin_port);
}

[[nodiscard]] inline sockaddr_in loopback_address(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A socket that has a port of the loopback interface, which several may have: with 0, any.
[[nodiscard]] inline descriptor bound_to_loopback(int type, std::uint16_t port)
{
    descriptor made{::socket(AF_INET, type, 0)};
    int const on = 1;
    ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto const address = loopback_address(port);
    REQUIRE(::bind(made.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
    return made;
}

/// A TCP socket that refuses connections until it listens; the port is its own all the time.
[[nodiscard]] inline descriptor silent_at_loopback()
{
    return bound_to_loopback(SOCK_STREAM, 0);
}

[[nodiscard]] inline descriptor listener_at_loopback()
{
    auto made = silent_at_loopback();
    REQUIRE(::listen(made.get(), 5) == 0);
    return made;
}

/// A UDP receiver that can be absent for a while without losing its port.
class udp_receiver
{
public:
    /// A port that was asked for by its number is kept when the socket is disconnected.
    udp_receiver() : socket_{bound_to_loopback(SOCK_DGRAM, port_of(bound_to_loopback(SOCK_DGRAM, 0)))} {}

    [[nodiscard]] descriptor const& socket() const noexcept { return socket_; }
    [[nodiscard]] std::string receive() const { return socket_.receive(); }

    /// Only itself may send to it: the system refuses what anybody else sends.
    void go_away() const { connect(loopback_address(port_of(socket_))); }

    void come_back() const
    {
        sockaddr_in nobody{};
        nobody.sin_family = AF_UNSPEC;
        connect(nobody);
    }

private:
    void connect(sockaddr_in const& address) const
    {
        REQUIRE(::connect(socket_.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
    }

    descriptor socket_;
};

/// A Unix socket at a path; a stream listens.
[[nodiscard]] inline descriptor at_path(std::string const& path, int type = SOCK_DGRAM)
{
    descriptor made{::socket(AF_UNIX, type, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(made.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
    if (type == SOCK_STREAM) REQUIRE(::listen(made.get(), 5) == 0);
    return made;
}

/// What a sink has told of its troubles.
class notices
{
public:
    [[nodiscard]] viaduct::log_failure_options options(viaduct::on_log_error on_error = {})
    {
        return {on_error, [this](viaduct::log_trouble const& trouble) { all.push_back(trouble); }};
    }

    std::vector<viaduct::log_trouble> all;
};

/// Calls `step` until `done` is true; fails if it is not in time.
template <class Step, class Done>
void repeat_until(Step step, Done done)
{
    auto const until = clock::now() + patience;
    while (!done()) {
        REQUIRE(clock::now() < until);
        step();
    }
}

} // namespace log_receivers

#endif
