#include "relay_fixture.hpp"
#include <viaduct/relay/relay.hpp>
#include <viaduct/relay/traffic_meter.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

using namespace fixture;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

#define RATE_TEST(name)                                                                                      \
    TEST_CASE_TEMPLATE(name, fix_type, relay_fixture<over_tcp, false>, relay_fixture<over_tcp, true>,        \
                       relay_fixture<over_memory, false>, relay_fixture<over_tcp, false, over_memory>)

namespace {

constexpr viaduct::rate_limit limit{.octets_per_second = 400'000, .burst = 20'000};

/// What a limit lets through in that time at most.
double most_in(steady_clock::duration time)
{
    std::chrono::duration<double> const seconds = time;
    return static_cast<double>(limit.burst) + static_cast<double>(limit.octets_per_second) * seconds.count();
}

/// Checks at every read that no more has come than may have.
template <class Stream>
class judge
{
public:
    explicit judge(Stream& stream) : stream_{stream} { read(); }
    judge(judge const&) = delete;
    judge& operator=(judge const&) = delete;

    std::size_t count = 0;
    bool too_much = false;

private:
    void read()
    {
        stream_.async_read_some(net::buffer(memory_), [this](viaduct::error_code ec, std::size_t n) {
            count += n;
            too_much |= static_cast<double>(count) > most_in(steady_clock::now() - start_);
            if (!ec) read();
        });
    }

    Stream& stream_;
    steady_clock::time_point start_ = steady_clock::now(); // before the relay's
    std::array<char, 4096> memory_{};
};

using viaduct::traffic_meter;

std::shared_ptr<traffic_meter> meter(viaduct::meter_terms const& terms)
{
    return std::make_shared<traffic_meter>(terms);
}

} // namespace

RATE_TEST(
    "relay: a limit holds its own direction to its rate, holds up its writer, and leaves the other alone")
{
    fix_type f;
    judge at_origin{f.origin};
    collector at_client{f.client};
    f.limit_buffers(16 * 1024, 64 * 1024);
    f.start({.limit_a_to_b = limit});
    auto const start = steady_clock::now();
    std::size_t const bulk = 4 << 20; // ten seconds' worth
    bool all_written = false;
    std::string const text(bulk, 'x');
    net::async_write(f.client, net::buffer(text),
                     [&](viaduct::error_code, std::size_t) { all_written = true; });
    f.send(f.origin, text);
    REQUIRE(f.run_until([&] { return at_client.text.size() == bulk; }));
    REQUIRE(f.run_until([&] { return steady_clock::now() - start > milliseconds{250}; }));
    auto const expected = most_in(steady_clock::now() - start);
    CHECK_FALSE(at_origin.too_much);
    CHECK(static_cast<double>(at_origin.count) > 0.6 * expected); // a busy machine is late
    CHECK_FALSE(all_written);
    CHECK(!f.ended);
}

RATE_TEST("relay: a burst passes at once")
{
    fix_type f;
    collector at_client{f.client};
    f.start({.limit_b_to_a = {.octets_per_second = 1, .burst = 5000}});
    f.send(f.origin, std::string(6000, 'x'));
    REQUIRE(f.run_until([&] { return at_client.text.size() >= 5000; }));
    CHECK(at_client.text.size() < 5010);
    CHECK(!f.ended);
}

RATE_TEST("relay: the end waits its turn behind what a limit holds up, and nothing is lost")
{
    fix_type f;
    collector at_origin{f.origin};
    judge late{f.client}; // reads nothing but the end
    f.start({.limit_a_to_b = {.octets_per_second = 100'000, .burst = 1000}});
    std::string text;
    for (int i = 0; text.size() < 10'000; ++i)
        text += std::to_string(i);
    f.send_and_end(f.client, text);
    f.end_sending(f.origin);
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    CHECK((at_origin.text == text));
    CHECK(f.result.a_to_b == text.size());
    CHECK(!f.error);
    CHECK(f.result.duration >= milliseconds{85}); // 9000 octets behind the burst
}

RATE_TEST("relay: of its own limit and its meters the slowest rules, and nothing passes that rate")
{
    viaduct::rate_limit const fast{.octets_per_second = 4'000'000, .burst = 20'000};
    auto const slow = meter({.rate = limit});
    viaduct::relay_options const cases[] = {
        {.meters_a_to_b = {slow}},
        {.limit_a_to_b = fast, .meters_a_to_b = {meter({.rate = fast}), meter({.rate = limit})}},
        {.limit_a_to_b = limit, .meters_a_to_b = {meter({.rate = fast})}}};
    for (auto const& options : cases) {
        CAPTURE(options.meters_a_to_b.size());
        CAPTURE(options.limit_a_to_b.octets_per_second);
        fix_type f;
        judge at_origin{f.origin};
        f.limit_buffers(16 * 1024, 64 * 1024);
        f.start(options);
        auto const start = steady_clock::now();
        f.send(f.client, std::string(1 << 20, 'x')); // more than two seconds' worth
        REQUIRE(f.run_until([&] { return steady_clock::now() - start > milliseconds{150}; }));
        CHECK_FALSE(at_origin.too_much);
        CHECK(static_cast<double>(at_origin.count) > 0.5 * most_in(steady_clock::now() - start));
        CHECK(!f.ended);
    }
}

RATE_TEST("relay: two tunnels that share a meter get about half of its rate each")
{
    fix_type first;
    fix_type second;
    judge at_first{first.origin};
    judge at_second{second.origin};
    auto const start = steady_clock::now();
    // What comes together while the machine does something else goes to the first: little, so that turns
    // count.
    auto const shared = meter({.rate = {.octets_per_second = limit.octets_per_second, .burst = 2000}});
    for (auto* f : {&first, &second}) {
        f->limit_buffers(16 * 1024, 64 * 1024);
        f->start({.meters_a_to_b = {shared}});
        f->send(f->client, std::string(1 << 20, 'x'));
    }
    auto const sum = [&] { return at_first.count + at_second.count; };
    while (sum() < 120'000 && steady_clock::now() - start < std::chrono::seconds{20})
        for (auto* f : {&first, &second}) {
            f->context.restart();
            f->context.poll();
        }
    REQUIRE(sum() >= 120'000);
    CHECK(static_cast<double>(sum()) <= most_in(steady_clock::now() - start));
    CHECK(at_first.count > 40'000);
    CHECK(at_second.count > 40'000);
}

RATE_TEST("relay: a quota lets its octets through, then ends the tunnel with an error of its own")
{
    for (std::uint64_t rate : {0U, 1'000'000U}) {
        CAPTURE(rate);
        fix_type f;
        collector at_origin{f.origin};
        collector at_client{f.client};
        auto const quota = meter({.rate = {.octets_per_second = rate, .burst = 700}, .quota = 10'000});
        f.start({.meters_a_to_b = {quota}, .meters_b_to_a = {quota}}); // both ways together
        f.send(f.origin, std::string(4000, 'y'));
        REQUIRE(f.run_until([&] { return at_client.text.size() == 4000; }));
        CHECK(!f.ended);
        f.send(f.client, std::string(50'000, 'x'));
        REQUIRE(f.run_to_end());
        CHECK(f.error == viaduct::errc::quota_exceeded);
        CHECK(f.result.end == viaduct::relay_end::failed);
        CHECK(f.result.a_to_b == 6000);
        CHECK(f.result.b_to_a == 4000);
        CHECK(quota->left(steady_clock::now()) == 0);
        REQUIRE(f.run_until([&] { return at_origin.text.size() >= 6000; }));
        CHECK(at_origin.text.size() == 6000);
    }
}

RATE_TEST("relay: a quota that others have used up ends a tunnel before its first octet")
{
    fix_type f;
    collector at_origin{f.origin};
    auto const quota = meter({.quota = 10});
    quota->take(10, steady_clock::now());
    f.start({.meters_a_to_b = {quota}});
    f.send(f.client, "x");
    REQUIRE(f.run_to_end());
    CHECK(f.error == viaduct::errc::quota_exceeded);
    CHECK(f.result.a_to_b == 0);
}

RATE_TEST("relay: who is cancelled while it waits for its turn leaves the turn to others")
{
    fix_type f;
    auto const shared = meter({.rate = {.octets_per_second = 100, .burst = 100}});
    auto const now = steady_clock::now();
    shared->take(100'000, now); // a queue of a quarter of an hour
    auto const before = shared->reserve(0, now);
    f.start({.meters_a_to_b = {shared}});
    f.send(f.client, "x");
    REQUIRE(f.run_until([&] { return shared->reserve(0, now) > before; }));
    f.cancel.emit(net::cancellation_type::terminal);
    REQUIRE(f.run_to_end());
    CHECK(f.result.a_to_b == 0);
    CHECK(shared->reserve(0, now) == before);
}
