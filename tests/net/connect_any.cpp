#include "event_loop.hpp"
#include <viaduct/net/connect_any.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::async_connect_any;
using viaduct::errc;
using viaduct::error_code;
using tcp = viaduct::net::ip::tcp;

namespace {

/// Listeners of every kind, and a socket that wants to be connected.
struct connect_fixture : event_loop
{
    void start(std::vector<tcp::endpoint> where, viaduct::connect_clocks clocks = {})
    {
        async_connect_any(socket, std::move(where), clocks, end.handler());
    }
    error_code run(std::vector<tcp::endpoint> where, viaduct::connect_clocks clocks = {})
    {
        start(std::move(where), clocks);
        CHECK(end.calls == 0);
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        CHECK(socket.is_open() == !end.error);
        return end.error;
    }

    [[nodiscard]] tcp::endpoint good() const { return listener.local_endpoint(); }

    /// Where nobody listens.
    [[nodiscard]] tcp::endpoint refusing()
    {
        tcp::acceptor gone{context, {net::ip::address_v4::loopback(), 0}};
        return gone.local_endpoint();
    }

    /// A listener whose queue is full, so that nothing answers there.
    [[nodiscard]] tcp::endpoint silent()
    {
        full.open(tcp::v4());
        full.bind({net::ip::address_v4::loopback(), 0});
        full.listen(0);
        for (int i = 0; i < 3; ++i) {
            auto& filler = fillers.emplace_back(context);
            filler.async_connect(full.local_endpoint(), [](error_code) {});
        }
        return full.local_endpoint();
    }

    tcp::acceptor listener{context, {net::ip::address_v4::loopback(), 0}};
    tcp::acceptor full{context};
    std::vector<tcp::socket> fillers;
    tcp::socket socket{context};
    completion<tcp::endpoint> end;
};

} // namespace

TEST_CASE("connect any: the first address that answers is taken")
{
    connect_fixture f;
    auto const second = f.refusing();
    CHECK_FALSE(f.run({f.good(), second}));
    CHECK(f.end.value() == f.good());
    CHECK(f.socket.remote_endpoint() == f.good());
}

TEST_CASE("connect any: an address that refuses is no reason to give up")
{
    connect_fixture f;
    CHECK_FALSE(f.run({f.refusing(), f.refusing(), f.good()}));
    CHECK(f.end.value() == f.good());
}

TEST_CASE("connect any: where all refuse, the last failure and its address are told")
{
    connect_fixture f;
    auto const first = f.refusing();
    auto const last = f.refusing();
    CHECK(f.run({first, last}) == net::error::connection_refused);
    CHECK(f.end.value() == last);
}

TEST_CASE("connect any: without any address there is nothing to connect to")
{
    connect_fixture f;
    CHECK(f.run({}) == net::error::not_found);
    CHECK(f.end.value() == tcp::endpoint{});
}

TEST_CASE("connect any: an address that does not answer costs its own time, and then the next is tried")
{
    connect_fixture f;
    auto const dead = f.silent();
    CHECK_FALSE(f.run({dead, f.good()}, {.attempt = 30ms}));
    CHECK(f.end.value() == f.good());
}

TEST_CASE("connect any: the time for all of them together ends it")
{
    connect_fixture f;
    auto const dead = f.silent();
    CHECK(f.run({dead, dead, dead}, {.attempt = 1h, .total = 30ms}) == errc::connect_timeout);
    CHECK(f.end.value() == dead);
}

TEST_CASE("connect any: zero switches a clock off")
{
    connect_fixture f;
    CHECK_FALSE(f.run({f.refusing(), f.good()}, {.attempt = 0ms, .total = 0ms}));
}

TEST_CASE("connect any: a cancellation of any type closes the socket, whichever address is being tried")
{
    for (auto const type : every_cancellation) {
        connect_fixture f;
        auto const dead = f.silent();
        f.start({f.refusing(), dead, f.good()}, {.attempt = 1h, .total = 1h});
        f.run_steps(type == net::cancellation_type::partial ? 0 : 5, [&] { return f.end.done(); });
        f.end.cancel.emit(type);
        REQUIRE(f.run_until([&] { return f.end.done(); }));
        CHECK(f.end.error == net::error::operation_aborted);
        CHECK_FALSE(f.socket.is_open());
    }
}
