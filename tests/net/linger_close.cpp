#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/net/linger_close.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::async_linger_close;
using viaduct::error_code;

namespace {

struct linger_fixture : event_loop
{
    std::pair<net::ip::tcp::socket, net::ip::tcp::socket> both = over_tcp::pair(executor());
    net::ip::tcp::socket& near = both.first;
    net::ip::tcp::socket& far = both.second;
    completion<> end;

    bool run()
    {
        return run_until([&] { return end.done(); });
    }
};

} // namespace

TEST_CASE("linger close: what was written last arrives although the peer's octets are never read")
{
    linger_fixture f;
    net::write(f.far, net::buffer(std::string(100000, 'x')));
    net::write(f.near, net::buffer(std::string{"no"}));
    async_linger_close(f.near, 1h, f.end.handler());
    CHECK(f.end.calls == 0);
    collector at_far{f.far};
    REQUIRE(f.run_until([&] { return at_far.end.has_value(); }));
    CHECK(at_far.text == "no");
    CHECK(at_far.end == net::error::eof); // and no reset
    CHECK_FALSE(f.end.done());            // it waits for the peer
    f.far.close();
    REQUIRE(f.run());
    CHECK_FALSE(f.end.error);
    CHECK_FALSE(f.near.is_open());
}

TEST_CASE("linger close: a peer that never ends is given up after the time")
{
    linger_fixture f;
    async_linger_close(f.near, 20ms, f.end.handler());
    REQUIRE(f.run());
    CHECK_FALSE(f.end.error);
    CHECK_FALSE(f.near.is_open());
}

TEST_CASE("linger close: a peer that never stops is given up after so many octets")
{
    linger_fixture f;
    send(f.far, std::string(8 << 20, 'x'));
    async_linger_close(f.near, 1h, f.end.handler());
    REQUIRE(f.run());
    CHECK_FALSE(f.near.is_open());
}

TEST_CASE("linger close: a peer that is gone already is no reason to wait")
{
    for (bool const reset : {false, true}) {
        linger_fixture f;
        if (reset) f.far.set_option(net::socket_base::linger{true, 0});
        f.far.close();
        async_linger_close(f.near, 1h, f.end.handler());
        REQUIRE(f.run());
        CHECK_FALSE(f.end.error);
    }
    linger_fixture f;
    f.near.close();
    async_linger_close(f.near, 1h, f.end.handler());
    REQUIRE(f.run());
}

TEST_CASE("linger close: a cancellation of any type closes at once")
{
    for (auto const type : every_cancellation) {
        linger_fixture f;
        async_linger_close(f.near, 1h, f.end.handler());
        net::post(f.context, [&] { f.end.cancel.emit(type); });
        REQUIRE(f.run());
        CHECK_FALSE(f.end.error);
        CHECK_FALSE(f.near.is_open());
    }
}
