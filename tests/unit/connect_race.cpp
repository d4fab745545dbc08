#include <viaduct/net/connect_race.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <ostream>
#include <string>
#include <system_error>

using namespace std::chrono_literals;
using viaduct::connect_clocks;
using viaduct::connect_race;
using viaduct::errc;
using viaduct::error_code;
using time_point = connect_race::time_point;
using kind = connect_race::step::kind;

namespace {

constexpr time_point start{1000s};
error_code const refused = std::make_error_code(std::errc::connection_refused);
error_code const unreachable = std::make_error_code(std::errc::network_unreachable);

/// A race whose clock is turned by hand. What the rule asks for is written down: `+N` and `-N` for an attempt
/// at address N that begins or is given up, the milliseconds until the next look after `@`, or `over`.
struct scripted_race
{
    scripted_race(std::size_t addresses, connect_clocks const& clocks) : rule{addresses, clocks}
    {
        rule.on_start(start);
    }

    /// What is asked for when so much time has gone by since the start.
    std::string at(std::chrono::milliseconds passed)
    {
        for (std::string told;; told += ' ') {
            last = rule.next(start + passed);
            told += text(last);
            if (last.what == kind::wait || last.what == kind::over) return told;
        }
    }
    std::string failed(std::size_t which, error_code ec, std::chrono::milliseconds passed)
    {
        rule.on_failed(which, ec, start + passed);
        return at(passed);
    }

    static std::string text(connect_race::step const& step)
    {
        switch (step.what) {
        case kind::start: return '+' + std::to_string(step.which);
        case kind::give_up:
            CHECK(step.error == errc::connect_timeout);
            return '-' + std::to_string(step.which);
        case kind::over: return "over";
        case kind::wait: break;
        }
        if (step.until == time_point::max()) return "@never";
        return '@' + std::to_string((step.until - start) / 1ms);
    }

    connect_race rule;
    connect_race::step last;
};

constexpr connect_clocks usual{.attempt = 5s, .total = 15s, .stagger = 250ms};

} // namespace

TEST_CASE("connect race: its clocks are those of the RFC, unless somebody has set them")
{
    CHECK(connect_clocks{}.attempt == 5s);
    CHECK(connect_clocks{}.total == 15s);
    CHECK(connect_clocks{}.stagger == 250ms);
}

TEST_CASE("connect race: each address has a lead on the next, and all stay in the race")
{
    scripted_race race{3, usual};
    CHECK(race.at(0ms) == "+0 @250");
    CHECK(race.at(249ms) == "@250");
    CHECK(race.at(250ms) == "+1 @500");
    CHECK(race.at(510ms) == "+2 @5000"); // a look that comes late makes nothing earlier
    for (std::size_t i : {0U, 1U, 2U})
        CHECK(race.rule.is_under_way(i));
}

TEST_CASE("connect race: a failure starts the next attempt at once, and the lead counts from there")
{
    scripted_race race{4, usual};
    CHECK(race.at(0ms) == "+0 @250");
    CHECK(race.failed(0, refused, 10ms) == "+1 @260");
    CHECK(race.at(260ms) == "+2 @510");
    CHECK(race.failed(1, refused, 300ms) == "+3 @5260"); // of any attempt, not of the latest alone
    CHECK_FALSE(race.rule.is_under_way(1));
    CHECK(race.rule.is_under_way(2));
}

TEST_CASE("connect race: an attempt whose clock has run out is given up, and has failed")
{
    scripted_race race{2, {.attempt = 1s, .total = 15s, .stagger = 250ms}};
    CHECK(race.at(0ms) == "+0 @250");
    CHECK(race.at(250ms) == "+1 @1000");
    CHECK(race.at(1000ms) == "-0 @1250");
    CHECK_FALSE(race.rule.is_under_way(0));
    CHECK(race.failed(0, refused, 1001ms) == "@1250"); // its end, which nobody waits for any more
    CHECK(race.at(1250ms) == "-1 over");
    CHECK(race.last.error == errc::connect_timeout);
    CHECK(race.last.which == 1);
}

TEST_CASE("connect race: where all fail, the failure that came last is told, wherever it stood in the list")
{
    scripted_race race{2, usual};
    CHECK(race.at(0ms) == "+0 @250");
    CHECK(race.at(250ms) == "+1 @5000");
    CHECK(race.failed(1, unreachable, 300ms) == "@5000");
    CHECK(race.failed(0, refused, 400ms) == "over");
    CHECK(race.last.error == refused);
    CHECK(race.last.which == 0);
}

TEST_CASE("connect race: when the time for all is over, every attempt is given up, and none begins")
{
    scripted_race race{9, {.attempt = 1h, .total = 600ms, .stagger = 250ms}};
    CHECK(race.at(0ms) == "+0 @250");
    CHECK(race.at(250ms) == "+1 @500");
    CHECK(race.at(500ms) == "+2 @600");
    CHECK(race.at(600ms) == "-0 -1 -2 over");
    CHECK(race.last.error == errc::connect_timeout);
    CHECK(race.last.which == 2);
}

TEST_CASE("connect race: a failure in the last moment is told only if there was nothing left to try")
{
    connect_clocks const clocks{.attempt = 0s, .total = 100ms, .stagger = 0s};
    scripted_race all{1, clocks};
    CHECK(all.at(0ms) == "+0 @100");
    CHECK(all.failed(0, refused, 100ms) == "over");
    CHECK(all.last.error == refused);
    scripted_race more{2, clocks};
    CHECK(more.at(0ms) == "+0 @100");
    CHECK(more.failed(0, refused, 100ms) == "over");
    CHECK(more.last.error == errc::connect_timeout);
    CHECK(more.last.which == 0);
}

TEST_CASE("connect race: without a lead there is one attempt at a time")
{
    scripted_race race{3, {.attempt = 1s, .total = 15s, .stagger = 0s}};
    CHECK(race.at(0ms) == "+0 @1000");
    CHECK(race.failed(0, refused, 10ms) == "+1 @1010");
    CHECK(race.at(1010ms) == "-1 +2 @2010");
    CHECK(race.at(2010ms) == "-2 over");
}

TEST_CASE("connect race: zero switches every clock off, and one too long for the clock does, too")
{
    for (auto const limit : {std::chrono::milliseconds::zero(), std::chrono::milliseconds::max()}) {
        scripted_race race{2, {.attempt = limit, .total = limit, .stagger = limit}};
        CHECK(race.at(0ms) == "+0 @never");
        CHECK(race.at(1000h) == "@never");
        CHECK(race.failed(0, refused, 1000h) == "+1 @never");
        CHECK(race.failed(1, unreachable, 2000h) == "over");
        CHECK(race.last.error == unreachable);
    }
}

TEST_CASE("connect race: a name with many addresses costs so many descriptors and no more")
{
    auto const most = connect_race::max_under_way;
    scripted_race race{1000, {.attempt = 1s, .total = 15s, .stagger = 1ms}};
    for (std::size_t i = 0; i + 1 < most; ++i)
        CHECK(race.at(std::chrono::milliseconds{i}) ==
              "+" + std::to_string(i) + " @" + std::to_string(i + 1));
    CHECK(race.at(std::chrono::milliseconds{most - 1}) == "+7 @1000");
    CHECK(race.at(999ms) == "@1000");
    CHECK(race.failed(3, refused, 999ms) == "+8 @1000"); // there is room again
    CHECK(race.at(1000ms) == "-0 +9 @1001");
}

TEST_CASE("connect race: no more addresses are tried than wanted")
{
    scripted_race race{5, {.attempt = 1s, .total = 0ms, .stagger = 1h, .max_attempts = 2}};
    CHECK(race.at(0ms) == "+0 @1000");
    CHECK(race.failed(0, refused, 10ms) == "+1 @1010");
    CHECK(race.failed(1, unreachable, 20ms) == "over");
    CHECK(race.last.error == unreachable);
    scripted_race generous{1, {.max_attempts = 2}};
    CHECK(generous.at(0ms) == "+0 @5000");
    CHECK(generous.failed(0, refused, 1ms) == "over");
}
