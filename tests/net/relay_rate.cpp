#include "relay_fixture.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

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
