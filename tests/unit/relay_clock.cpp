#include <viaduct/relay/relay_clock.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <ostream>

using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::relay_clock;
using time_point = viaduct::relay_clock::time_point;

namespace {

constexpr time_point start{1000s};

} // namespace

TEST_CASE("relay clock: silence counts from the last octet, whichever way it went")
{
    relay_clock clock{{.idle_timeout = 10s}, start};
    CHECK(clock.next_look() == start + 10s);
    CHECK_FALSE(clock.expired(start + 10s - 1ns));
    CHECK(clock.expired(start + 10s) == errc::idle_timeout);
    clock.on_activity(start + 9s);
    CHECK(clock.next_look() == start + 19s);
    CHECK_FALSE(clock.expired(start + 10s));
    CHECK(clock.expired(start + 19s) == errc::idle_timeout);
}

TEST_CASE("relay clock: once one direction has ended, the half-close clock takes over")
{
    relay_clock clock{{.idle_timeout = 10s, .half_close_timeout = 3s}, start};
    clock.on_half_close(start + 5s);
    CHECK(clock.next_look() == start + 8s);
    CHECK_FALSE(clock.expired(start + 7s));
    CHECK(clock.expired(start + 8s) == errc::half_close_timeout);
    clock.on_activity(start + 7s); // a side that goes on talking keeps it away
    CHECK_FALSE(clock.expired(start + 8s));
    CHECK(clock.expired(start + 30s) == errc::half_close_timeout);
}

TEST_CASE("relay clock: a half-close clock that is longer than the idle clock gives more time, not less")
{
    relay_clock clock{{.idle_timeout = 3s, .half_close_timeout = 10s}, start};
    clock.on_half_close(start + 1s);
    CHECK_FALSE(clock.expired(start + 5s));
    CHECK(clock.expired(start + 11s) == errc::half_close_timeout);
}

TEST_CASE("relay clock: the lifetime ends everything, and is told before silence")
{
    relay_clock clock{{.idle_timeout = 10s, .lifetime = 15s}, start};
    CHECK(clock.next_look() == start + 10s);
    clock.on_activity(start + 9s);
    CHECK(clock.next_look() == start + 15s);
    CHECK(clock.expired(start + 15s) == errc::lifetime_exceeded);
    CHECK(clock.expired(start + 60s) == errc::lifetime_exceeded);
}

TEST_CASE("relay clock: zero switches a clock off")
{
    relay_clock clock{{.idle_timeout = 0s, .half_close_timeout = 0s}, start};
    CHECK(clock.next_look() == time_point::max());
    CHECK_FALSE(clock.expired(start + 100000h));
    clock.on_half_close(start);
    CHECK(clock.next_look() == time_point::max());
    CHECK_FALSE(clock.expired(start + 100000h));

    relay_clock half{{.idle_timeout = 0s, .half_close_timeout = 2s}, start};
    CHECK_FALSE(half.expired(start + 1h));
    half.on_half_close(start + 1h);
    CHECK(half.expired(start + 1h + 2s) == errc::half_close_timeout);
}
