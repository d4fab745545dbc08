#include <viaduct/relay/token_bucket.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <ostream>

using namespace std::chrono_literals;
using viaduct::token_bucket;

namespace {

token_bucket::time_point const start{1000h};
constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();

} // namespace

TEST_CASE("token bucket: holds a burst at first, and never more")
{
    token_bucket bucket{{.octets_per_second = 1000, .burst = 300}, start};
    CHECK(bucket.available(start) == 300);
    CHECK(bucket.available(start + 24h) == 300);
    bucket.take(300, start);
    CHECK(bucket.available(start) == 0);
    CHECK(bucket.available(start + 24h) == 300);
}

TEST_CASE("token bucket: a burst that is not said is a tenth of a second's worth, and one octet at least")
{
    CHECK(token_bucket{{.octets_per_second = 5000}, start}.available(start) == 500);
    CHECK(token_bucket{{.octets_per_second = 3}, start}.available(start) == 1);
}

TEST_CASE("token bucket: fills at its rate")
{
    token_bucket bucket{{.octets_per_second = 1000, .burst = 300}, start};
    bucket.take(300, start);
    CHECK(bucket.available(start + 1ms) == 1);
    CHECK(bucket.available(start + 100ms) == 100);
    bucket.take(100, start + 100ms);
    CHECK(bucket.available(start + 100ms) == 0);
    CHECK(bucket.available(start + 250ms) == 150);
}

TEST_CASE("token bucket: many small steps lose no fraction of an octet, and win none")
{
    for (std::uint64_t rate : {7u, 1000u, 333'333u, 12'500'000u}) {
        CAPTURE(rate);
        token_bucket bucket{{.octets_per_second = rate, .burst = rate}, start};
        bucket.take(rate, start);
        std::uint64_t taken = 0;
        auto now = start;
        while (now < start + 10s) { // by steps in which no whole number of octets comes
            now += 777'777ns;
            auto const n = bucket.available(now);
            bucket.take(n, now);
            taken += n;
        }
        std::chrono::duration<double> const seconds = now - start;
        CHECK(static_cast<double>(taken) ==
              doctest::Approx(seconds.count() * static_cast<double>(rate)).epsilon(1e-4));
        CHECK(taken <= 10 * rate + rate / 1000 + 1);
    }
}

TEST_CASE("token bucket: whoever waits until it is ready finds something useful")
{
    for (std::uint64_t rate : {1u, 3u, 49u, 50u, 1000u, 99'999u, 1'000'000'007u})
        for (std::uint64_t burst : {0u, 1u, 2u, 1000u}) {
            CAPTURE(rate);
            CAPTURE(burst);
            token_bucket bucket{{.octets_per_second = rate, .burst = burst}, start};
            auto now = start;
            for (int i = 0; i < 100; ++i) {
                auto const n = bucket.available(now);
                REQUIRE(n >= bucket.useful());
                bucket.take(n, now);
                REQUIRE(bucket.ready() >= now);
                now = bucket.ready();
            }
        }
}

TEST_CASE("token bucket: what is useful is a fiftieth of a second's worth, and fits the burst")
{
    CHECK(token_bucket{{.octets_per_second = 50'000, .burst = 20'000}, start}.useful() == 1000);
    CHECK(token_bucket{{.octets_per_second = 50'000, .burst = 10}, start}.useful() == 10);
    CHECK(token_bucket{{.octets_per_second = 10}, start}.useful() == 1);
}

TEST_CASE("token bucket: more than was there is made good later")
{
    token_bucket bucket{{.octets_per_second = 100, .burst = 50}, start};
    bucket.take(150, start);
    CHECK(bucket.available(start) == 0);
    CHECK(bucket.available(start + 1s) == 0);
    CHECK(bucket.available(start + 1200ms) == 20);
    CHECK(bucket.ready() == start + 1020ms); // two octets are useful
}

TEST_CASE("token bucket: one octet a second is one octet a second")
{
    token_bucket bucket{{.octets_per_second = 1}, start};
    bucket.take(1, start);
    CHECK(bucket.available(start + 999ms) == 0);
    CHECK(bucket.ready() == start + 1s);
    CHECK(bucket.available(start + 1s) == 1);
}

TEST_CASE("token bucket: a rate beyond any machine is no limit, and no overflow")
{
    token_bucket bucket{{.octets_per_second = huge, .burst = huge}, start};
    CHECK(bucket.available(start) == huge);
    for (int i = 0; i < 100; ++i)
        bucket.take(512 * 1024, start);
    CHECK(bucket.available(start) > huge / 2);
    bucket.take(huge, start);
    bucket.take(huge, start);
    CHECK(bucket.available(start) == 0);
    CHECK(bucket.ready() > start);
    CHECK(bucket.available(bucket.ready()) >= bucket.useful());
}

TEST_CASE("token bucket: a burst that takes years to fill is no overflow either")
{
    token_bucket bucket{{.octets_per_second = 1, .burst = huge}, start};
    bucket.take(1 << 20, start);
    CHECK(bucket.available(start) > huge / 2);
    CHECK(bucket.ready() <= start); // there is plenty
}
