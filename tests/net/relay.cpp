#include "relay_kinds.hpp"
#include <viaduct/relay/relay.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <random>

using namespace fixture;
using viaduct::errc;
using viaduct::relay_end;
using viaduct::relay_side;

RELAY_TEST("relay: carries octets both ways")
{
    fix_type f;
    collector at_origin{f.origin};
    collector at_client{f.client};
    f.start();
    f.send_and_end(f.client, "hello");
    f.send_and_end(f.origin, "world!");
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_origin.end && at_client.end; }));
    CHECK(at_origin.text == "hello");
    CHECK(at_client.text == "world!");
    CHECK(!f.error);
    CHECK(f.result.a_to_b == 5);
    CHECK(f.result.b_to_a == 6);
    CHECK(f.result.end == relay_end::closed);
}

RELAY_TEST("relay: the end of one direction is passed on, and the other direction goes on")
{
    fix_type f;
    collector at_origin{f.origin};
    collector at_client{f.client};
    f.start();
    f.send_and_end(f.client, "question");
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    CHECK(at_origin.text == "question");
    CHECK(at_origin.end == net::error::eof);
    CHECK(!f.ended);

    f.send(f.origin, "a long answer, ");
    REQUIRE(f.run_until([&] { return !at_client.text.empty(); }));
    f.send_and_end(f.origin, "after the question ended");
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.text == "a long answer, after the question ended");
    CHECK(f.result.first_to_end == relay_side::a);
    CHECK(f.result.end == relay_end::closed);
}

RELAY_TEST("relay: a reader that stands still does not hold up the other direction")
{
    fix_type f;
    collector at_client{f.client};
    f.start();
    f.send(f.client,
           std::string(8 << 20, 'x')); // more than any buffer on the way holds, and the origin does not read
    f.send(f.origin, "still here");
    REQUIRE(f.run_until([&] { return at_client.text == "still here"; }));
    CHECK(!f.ended);
}

RELAY_TEST("relay: a destination that breaks ends both directions")
{
    fix_type f;
    collector at_client{f.client};
    f.start();
    f.reset(f.origin);
    f.send(f.client, std::string(1 << 20, 'x'));
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(f.result.end == relay_end::reset);
    CHECK(f.result.first_to_end == relay_side::b);
}

RELAY_TEST("relay: a reset comes out as a reset")
{
    if (!fix_type::resets) return;
    fix_type f;
    collector at_client{f.client};
    f.start();
    f.reset(f.origin);
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.end == net::error::connection_reset);
    CHECK(f.error == net::error::connection_reset);
    CHECK(f.result.end == relay_end::reset);
    CHECK(f.result.first_to_end == relay_side::b);
}

RELAY_TEST("relay: does not starve the rest of the program")
{
    fix_type f;
    collector at_origin{f.origin};
    f.start();
    f.send(f.client, std::string(16 << 20, 'x'));
    bool others_ran = false;
    net::post(f.context, [&] { others_ran = true; });
    REQUIRE(f.run_until([&] { return others_ran; }));
    CHECK(at_origin.text.size() < std::size_t{16} << 20);
}

RELAY_TEST("relay: cancellation ends both directions")
{
    for (auto type :
         {net::cancellation_type::terminal, net::cancellation_type::partial, net::cancellation_type::total}) {
        fix_type f;
        f.start();
        net::post(f.context, [&] { f.cancel.emit(type); });
        REQUIRE(f.run_to_end());
        CHECK(f.error == net::error::operation_aborted);
        CHECK(f.result.end == relay_end::cancelled);
        CHECK(f.result.first_to_end == relay_side::none);
    }
}

RELAY_TEST("relay: every type of cancellation ends it, also while its write is stuck")
{
    for (auto type :
         {net::cancellation_type::terminal, net::cancellation_type::partial, net::cancellation_type::total}) {
        fix_type f;
        f.start();
        f.send(f.client, std::string(8 << 20, 'x')); // more than the way holds, and the origin does not read
        f.send(f.origin, "sent while the other direction is stuck");
        collector at_client{f.client};
        REQUIRE(f.run_until([&] { return !at_client.text.empty(); }));
        net::post(f.context, [&] { f.cancel.emit(type); });
        REQUIRE(f.run_to_end());
        CHECK(f.result.end == relay_end::cancelled);
    }
}

RELAY_TEST("relay: the idle clock runs out when neither side talks")
{
    fix_type f;
    f.start({.idle_timeout = std::chrono::milliseconds{30}});
    REQUIRE(f.run_to_end());
    CHECK(f.error == errc::idle_timeout);
    CHECK(f.result.end == relay_end::timed_out);
}

RELAY_TEST("relay: the half-close clock runs out when the remaining side is silent")
{
    fix_type f;
    f.start({.half_close_timeout = std::chrono::milliseconds{30}});
    f.end_sending(f.client);
    REQUIRE(f.run_to_end());
    CHECK(f.error == errc::half_close_timeout);
    CHECK(f.result.first_to_end == relay_side::a);
}

RELAY_TEST("relay: the lifetime ends a tunnel that is busy")
{
    fix_type f;
    collector at_origin{f.origin};
    f.start({.lifetime = std::chrono::milliseconds{30}});
    f.send(f.client, std::string(1 << 20, 'x'));
    REQUIRE(f.run_to_end());
    CHECK(f.error == errc::lifetime_exceeded);
    CHECK(f.result.end == relay_end::timed_out);
}

TEST_CASE_TEMPLATE("relay: nothing is lost, doubled or reordered, however the streams cut it", order,
                   std::false_type, std::true_type)
{
    std::mt19937 random{20261123};
    auto const some = [&](std::size_t most) {
        return std::uniform_int_distribution<std::size_t>{1, most}(random);
    };
    for (int round = 0; round < 200; ++round) {
        relay_fixture<over_memory, order::value> f;
        for (auto* s : {&f.client, &f.a, &f.b, &f.origin}) {
            s->behaviour().max_read = some(2000);
            s->behaviour().max_write = some(2000);
        }
        std::string question(some(20000), '\0');
        std::string answer(some(20000), '\0');
        for (auto* text : {&question, &answer})
            for (char& c : *text)
                c = static_cast<char>(random());
        collector at_origin{f.origin};
        collector at_client{f.client};
        f.start({.buffer_size = some(5000)});
        f.send_and_end(f.client, question);
        f.send_and_end(f.origin, answer);
        REQUIRE(f.run_until([&] { return f.ended && at_origin.end && at_client.end; }));
        REQUIRE((at_origin.text == question));
        REQUIRE((at_client.text == answer));
    }
}

TEST_CASE("relay: whichever operation fails, it ends, and says so")
{
    // Every read and write of both streams in turn, until a relay gets through without reaching the broken
    // one.
    for (bool second : {false, true}) {
        bool got_through = false;
        for (std::size_t n = 0; !got_through; ++n) {
            REQUIRE(n < 100);
            relay_fixture<over_memory, false> f;
            (second ? f.b : f.a).behaviour().fail_at = n;
            collector at_origin{f.origin};
            collector at_client{f.client};
            f.start();
            f.send_and_end(f.client, "question");
            f.send_and_end(f.origin, "answer");
            REQUIRE(f.run_to_end());
            got_through = !f.error;
            if (!got_through) CHECK(f.result.end == relay_end::reset);
        }
    }
}
