#include "service_fixture.hpp"
#include <viaduct/net/tcp_liveness.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace {

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::tcp_liveness;

[[nodiscard]] int read_back(int descriptor, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    CHECK(::getsockopt(descriptor, level, name, &value, &size) == 0);
    return value;
}

/// SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT.
using answers = std::array<int, 5>;

[[nodiscard]] answers ask(int fd)
{
    return {read_back(fd, SOL_SOCKET, SO_KEEPALIVE), read_back(fd, IPPROTO_TCP, TCP_KEEPIDLE),
            read_back(fd, IPPROTO_TCP, TCP_KEEPINTVL), read_back(fd, IPPROTO_TCP, TCP_KEEPCNT),
            read_back(fd, IPPROTO_TCP, TCP_USER_TIMEOUT)};
}

/// Of the one socket of this process that was accepted at `near`, or was connected to `far`.
[[nodiscard]] answers ask_for(tcp::endpoint const& near, tcp::endpoint const& far)
{
    for (int fd = 3; fd != 256; ++fd) {
        tcp::endpoint local, remote;
        socklen_t local_size = sizeof(sockaddr_in), remote_size = local_size;
        if (::getsockname(fd, local.data(), &local_size) != 0) continue;
        if (::getpeername(fd, remote.data(), &remote_size) != 0) continue;
        if (local == near || remote == far) return ask(fd);
    }
    FAIL("there is no such socket");
    return {};
}

} // namespace

TEST_CASE("tcp liveness: one time for silence becomes probes that end with it")
{
    static_assert(tcp_liveness::within(15min) == tcp_liveness{}); // which are the defaults
    static_assert(tcp_liveness::within(30s) == tcp_liveness{true, 6s, 3s, 8, 30s});
    static_assert(tcp_liveness::within(3s) == tcp_liveness{true, 1s, 1s, 2, 3s});
    static_assert(tcp_liveness::within(200ms) == tcp_liveness{true, 1s, 1s, 1, 200ms});
    static_assert(!tcp_liveness::within(0s).probes && tcp_liveness::within(0s).user_timeout == 0s);
}

TEST_CASE("tcp liveness: the system has been told, and of what it cannot do, the nearest")
{
    event_loop loop;
    tcp::socket socket{loop.executor(), tcp::v4()};
    REQUIRE(!viaduct::set_tcp_liveness(socket, {true, 60s, 20s, 5, 90s}));
    CHECK(ask(socket.native_handle()) == answers{1, 60, 20, 5, 90'000});

    REQUIRE(!viaduct::set_tcp_liveness(socket, {true, 24h * 365, 0s, 1000, -1s}));
    CHECK(ask(socket.native_handle()) == answers{1, 32767, 1, 127, 0});

    REQUIRE(!viaduct::set_tcp_liveness(socket, {true, 60s, 20s, 5, 90s}));
    REQUIRE(!viaduct::set_tcp_liveness(socket, tcp_liveness::within(0s)));
    CHECK(ask(socket.native_handle()) == answers{0, 60, 20, 5, 0});
}

TEST_CASE("tcp liveness: a closed socket is the system's error")
{
    event_loop loop;
    tcp::socket socket{loop.executor()};
    CHECK(viaduct::set_tcp_liveness(socket, {}) == net::error::bad_descriptor);
}

TEST_CASE("tcp liveness: what a listening socket is told, connections begin with")
{
    event_loop loop;
    tcp::acceptor listening{loop.executor(), somewhere};
    REQUIRE(!viaduct::set_tcp_liveness(listening, {true, 60s, 20s, 5, 90s}));
    tcp::socket near{loop.executor()};
    near.connect(listening.local_endpoint());
    auto far = listening.accept();
    CHECK(ask(far.native_handle()) == answers{1, 60, 20, 5, 90'000});
    CHECK(ask(near.native_handle())[0] == 0);
}

TEST_CASE("service: both ends of a tunnel are watched; a new configuration does so for the next one")
{
    service_fixture f;
    auto options = f.open_to_all();
    options.accept.liveness = {true, 60s, 20s, 5, 90s};
    options.way.liveness = {true, 30s, 10s, 6, 0s};
    f.start(options);
    auto const proxy = f.proxy->endpoints().at(0);
    auto& before = f.open_tunnel();
    CHECK(ask_for(proxy, {}) == answers{1, 60, 20, 5, 90'000});
    CHECK(ask_for({}, f.at_origin.endpoint()) == answers{1, 30, 10, 6, 0});
    before.reset();
    f.record(1);

    options.listen = {somewhere};
    options.listen[0].liveness = tcp_liveness::within(0s); // goes before that of all listeners
    options.way.liveness = tcp_liveness::within(10s);
    options.accept.log = &f.log;
    f.proxy->reload(options);
    f.open_tunnel();
    CHECK(ask_for(proxy, {}) == answers{0, 60, 20, 5, 0});
    CHECK(ask_for({}, f.at_origin.endpoint()) == answers{1, 2, 1, 8, 10'000});
}
