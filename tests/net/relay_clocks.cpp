#include "relay_fixture.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <ostream>
#include <string>

using namespace fixture;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using viaduct::errc;
using viaduct::relay_end;
using viaduct::relay_side;

#define CLOCK_TEST(name)                                                                                     \
    TEST_CASE_TEMPLATE(name, fix_type, relay_fixture<over_tcp, false>,                                       \
                       relay_fixture<over_tcp, true, over_memory>)

namespace {

constexpr milliseconds silence{150}; // that is too much
constexpr milliseconds while_talking{300};

/// Sends an octet, sees it arrive, and sends the next, for some time.
template <class Fixture, class From, class Collector>
void keep_talking(Fixture& f, From& from, Collector& to)
{
    auto const stop = steady_clock::now() + while_talking;
    for (std::size_t n = to.text.size() + 1; steady_clock::now() < stop; ++n) {
        f.send(from, "x");
        REQUIRE(f.run_until([&] { return f.ended || to.text.size() == n; }));
        REQUIRE(!f.ended);
    }
}

} // namespace

CLOCK_TEST("relay: either direction alone keeps the idle clock away")
{
    fix_type f;
    collector at_client{f.client};
    collector at_origin{f.origin};
    f.start({.idle_timeout = silence});
    keep_talking(f, f.client, at_origin);
    keep_talking(f, f.origin, at_client);
    auto const last_word = steady_clock::now();
    REQUIRE(f.run_to_end());
    CHECK(f.error == errc::idle_timeout);
    CHECK(f.result.end == relay_end::timed_out);
    CHECK(f.result.first_to_end == relay_side::none);
    CHECK(steady_clock::now() - last_word >= silence / 2);
    CHECK(f.result.duration >= 2 * while_talking + silence / 2);
}

CLOCK_TEST("relay: a side that talks keeps the half-close clock away, also for longer than the idle clock")
{
    fix_type f;
    collector at_client{f.client};
    collector at_origin{f.origin};
    f.start({.idle_timeout = milliseconds{10'000}, .half_close_timeout = silence});
    f.end_sending(f.client);
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    keep_talking(f, f.origin, at_client);
    REQUIRE(f.run_to_end());
    CHECK(f.error == errc::half_close_timeout);
    CHECK(f.result.end == relay_end::timed_out);
    CHECK(f.result.first_to_end == relay_side::a);
}

CLOCK_TEST("relay: the half-close clock replaces the idle clock, in either direction of time")
{
    fix_type f;
    f.start({.idle_timeout = milliseconds{50}, .half_close_timeout = milliseconds{250}});
    f.end_sending(f.origin);
    REQUIRE(f.run_to_end());
    CHECK(f.error == errc::half_close_timeout);
    CHECK(f.result.duration >= milliseconds{250});
    CHECK(f.result.first_to_end == relay_side::b);
}

CLOCK_TEST("relay: the lifetime counts from the start, whatever else goes on")
{
    fix_type f;
    collector at_origin{f.origin};
    f.start({.idle_timeout = milliseconds{0}, .lifetime = silence});
    while (!f.ended) {
        auto const n = at_origin.text.size();
        f.send(f.client, "x");
        REQUIRE(f.run_until([&] { return f.ended || at_origin.text.size() != n; }));
    }
    CHECK(f.error == errc::lifetime_exceeded);
    CHECK(f.result.end == relay_end::timed_out);
    CHECK(f.result.duration >= silence);
    CHECK(f.result.a_to_b >= at_origin.text.size());
}

TEST_CASE("relay: a reader that takes little at a time keeps the idle clock away")
{
    // What was read at once is written by many small pieces: each of them is an octet that moved.
    relay_fixture<over_memory, false> f;
    std::string const text(64 * 1024, 'x');
    std::size_t taken = 0;
    f.start({text, {}}, {.idle_timeout = silence});
    auto const stop = steady_clock::now() + while_talking;
    std::array<char, 10> memory{};
    net::steady_timer pause{f.context};
    auto const read = [&](auto again) -> void {
        f.origin.async_read_some(net::buffer(memory), [&, again](viaduct::error_code ec, std::size_t n) {
            taken += n;
            if (ec || steady_clock::now() > stop) return;
            pause.expires_after(milliseconds{1});
            pause.async_wait([&, again](viaduct::error_code) { again(again); });
        });
    };
    read(read);
    REQUIRE(f.run_until([&] { return f.ended || steady_clock::now() > stop; }));
    CHECK(!f.ended);
    CHECK(taken < text.size());
}
