#include "count_allocations.hpp"
#include "relay_fixture.hpp"
#include <viaduct/net/any_stream.hpp>
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>

using namespace fixture;

namespace {

/// Sends a message there and waits for it with plain calls, so that what is counted is the relay's.
template <class Fixture>
void carry(Fixture& f, std::size_t size)
{
    std::array<char, 4096> sent{};
    std::array<char, 4096> received{};
    net::write(f.client, net::buffer(sent.data(), size));
    std::size_t arrived = 0;
    while (arrived < size) {
        f.context.restart();
        f.context.run_one();
        viaduct::error_code ec;
        f.origin.non_blocking(true);
        arrived += f.origin.read_some(net::buffer(received), ec);
    }
}

} // namespace

TEST_CASE("relay: a message between sockets costs no allocation, however many tunnels are open")
{
    relay_fixture<over_tcp, false> f;
    f.start();
    for (std::size_t size : {1U, 64U, 4096U})
        carry(f, size);
    auto const before = allocations;
    for (int i = 0; i < 100; ++i)
        carry(f, 64);
    CHECK(allocations == before);
}

namespace {

/// Sends back what it reads.
struct echo
{
    void read()
    {
        near.async_read_some(net::buffer(memory), [this](viaduct::error_code ec, std::size_t n) {
            if (!ec) write(n);
        });
    }
    void write(std::size_t n)
    {
        near.async_write_some(net::buffer(memory.data(), n), [this](viaduct::error_code ec, std::size_t) {
            ++messages;
            if (!ec) read();
        });
    }

    viaduct::any_stream near;
    std::size_t messages = 0;
    std::array<char, 64> memory{};
};

} // namespace

TEST_CASE("any stream: over TCP a message costs no allocation, although nobody knows the handler's type")
{
    event_loop loop;
    auto sockets = over_tcp::pair(loop.executor());
    echo all{viaduct::any_stream{std::move(sockets.first)}};
    all.read();
    std::size_t before = 0;
    // The thread's memory lasts as long as the run: what a context runs of itself is one.
    net::steady_timer::time_point const now{};
    net::steady_timer timer{loop.context, now};
    std::array<char, 16> message{};
    int sent = 0;
    auto const talk = [&](auto again) -> void {
        if (sent == 10) before = allocations;
        if (++sent > 200) return loop.context.stop();
        net::write(sockets.second, net::buffer(message));
        timer.async_wait([&, again](viaduct::error_code) { again(again); });
    };
    talk(talk);
    loop.context.run();
    CHECK(all.messages > 10);
    CHECK(allocations == before);
}
