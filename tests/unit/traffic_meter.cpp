#include <viaduct/relay/traffic_meter.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <ostream>
#include <queue>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using viaduct::traffic_meter;
using time_point = traffic_meter::time_point;

namespace {

time_point const start{1000h};
constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();

/// Tunnels that read as much as they may, as a relay does, in a time of their own.
class crowd
{
public:
    crowd(traffic_meter& meter, std::size_t count) : meter_{meter}, read_(count), turns_(count)
    {
        for (std::size_t i = 0; i < count; ++i)
            waiting_.emplace(start, i);
    }

    void run_until(time_point end)
    {
        while (waiting_.top().first < end) {
            auto const next = waiting_.top();
            waiting_.pop();
            go_on(next.second, next.first);
        }
    }

    [[nodiscard]] std::uint64_t total() const
    {
        std::uint64_t sum = 0;
        for (auto n : read_)
            sum += n;
        return sum;
    }
    [[nodiscard]] std::uint64_t least() const { return *std::min_element(read_.begin(), read_.end()); }
    [[nodiscard]] std::uint64_t most() const { return *std::max_element(read_.begin(), read_.end()); }

    /// What a tunnel finds of each turn that it has taken; the first one may be modest.
    std::uint64_t first_finds = huge;
    std::size_t wakes = 0;
    std::chrono::steady_clock::duration longest_wait{};

    [[nodiscard]] std::uint64_t of(std::size_t who) const { return read_[who]; }

private:
    void go_on(std::size_t who, time_point now)
    {
        ++wakes;
        read(who, now, std::exchange(turns_[who], 0));
        while (auto const n = meter_.available(now))
            read(who, now, n, 0);
        auto const turn = meter_.turn(now);
        turns_[who] = turn;
        auto const come = meter_.reserve(turn, now);
        longest_wait = std::max(longest_wait, come - now);
        waiting_.emplace(come, who);
    }

    void read(std::size_t who, time_point now, std::uint64_t turn) { read(who, now, turn, turn); }

    void read(std::size_t who, time_point now, std::uint64_t room, std::uint64_t turn)
    {
        auto const n = who == 0 ? std::min(room, first_finds) : room;
        meter_.take(n, now, turn);
        read_[who] += n;
    }

    using wake = std::pair<time_point, std::size_t>;

    traffic_meter& meter_;
    std::priority_queue<wake, std::vector<wake>, std::greater<>> waiting_;
    std::vector<std::uint64_t> read_;
    std::vector<std::uint64_t> turns_;
};

} // namespace

TEST_CASE("traffic meter: any number of tunnels share its rate evenly, wait briefly, wake for something")
{
    struct
    {
        std::uint64_t rate;
        std::size_t tunnels;
        std::chrono::seconds longest_wait;
    } const cases[] = {{1'000'000, 1, 1s},      {1'000'000, 2, 1s},      {1'000'000, 100, 1s},
                       {1'000'000, 10'000, 8s}, {1'000'000'000, 50, 1s}, {100, 7, 2s}};
    for (auto const& c : cases) {
        CAPTURE(c.rate);
        CAPTURE(c.tunnels);
        traffic_meter meter{{.rate = {.octets_per_second = c.rate, .burst = c.rate / 10}}, start};
        crowd all{meter, c.tunnels};
        // Those who come later share from then on: the burst goes to the first.
        all.run_until(start + 10s);
        auto const early = all.total();
        auto const early_least = all.least();
        auto const early_most = all.most();
        all.run_until(start + 70s);
        CHECK(all.total() <= c.rate / 10 + c.rate * 70 + 1);
        CHECK(static_cast<double>(all.total() - early) ==
              doctest::Approx(static_cast<double>(c.rate) * 60).epsilon(0.02));
        CHECK(static_cast<double>(all.least() - early_least) >
              0.8 * static_cast<double>(c.rate) * 60 / static_cast<double>(c.tunnels));
        CHECK(static_cast<double>(all.most() - early_least) <
              1.2 * static_cast<double>(c.rate) * 70 / static_cast<double>(c.tunnels) +
                  static_cast<double>(early_most));
        CHECK(all.longest_wait < c.longest_wait);
        auto const turns = 70 * std::max<std::size_t>(50, c.rate / 65'536);
        CHECK(all.wakes < 2 * turns + 400 * c.tunnels); // 10,000 wake each few seconds
    }
}

TEST_CASE("traffic meter: what a tunnel does not need of its turns goes to the others")
{
    traffic_meter meter{{.rate = {.octets_per_second = 100'000}}, start};
    crowd two{meter, 2};
    two.first_finds = 1;
    two.run_until(start + 10s);
    CHECK(two.of(0) > 100); // and it has its turns all the same
    CHECK(two.of(1) > 950'000);
}

TEST_CASE("traffic meter: a turn that is given back was never taken")
{
    traffic_meter meter{{.rate = {.octets_per_second = 1000, .burst = 100}}, start};
    meter.take(100, start);
    CHECK(meter.available(start) == 0);
    CHECK(meter.reserve(50, start) == start + 50ms);
    CHECK(meter.reserve(50, start) == start + 100ms);
    meter.give_back(50);
    CHECK(meter.reserve(10, start) == start + 60ms);
    meter.take(20, start, 50);
    CHECK(meter.reserve(10, start) == start + 40ms);
    meter.take(70, start, 20); // more than the turn
    CHECK(meter.reserve(10, start) == start + 100ms);
}

TEST_CASE("traffic meter: few octets are worth no read but a turn")
{
    traffic_meter meter{{.rate = {.octets_per_second = 5000, .burst = 500}}, start};
    CHECK(meter.turn(start) == 100);
    meter.take(401, start);
    CHECK(meter.available(start) == 0);
    CHECK(meter.available(start + 1ms) == 104);
    CHECK(meter.reserve(100, start) == start + 200us);
}

TEST_CASE("traffic meter: a quota passes to the octet, both rate and quota hold, and a period renews it")
{
    traffic_meter meter{{.rate = {.octets_per_second = 10'000, .burst = 1000}, .quota = 2500, .period = 60s},
                        start};
    CHECK(meter.left(start) == 2500);
    CHECK(meter.available(start) == 1000);
    CHECK(meter.is_fresh(start));
    auto now = start + 5s; // the period begins with the first octet
    CHECK(meter.renewal(now) == now);
    meter.take(1000, now);
    CHECK(meter.renewal(now) == start + 65s);
    now += 1s;
    meter.take(1000, now);
    now += 1s;
    CHECK(meter.available(now) == 500);
    meter.take(500, now);
    now += 10s;
    CHECK(meter.left(now) == 0);
    CHECK(meter.available(now) == 0);
    CHECK_FALSE(meter.is_fresh(now));
    CHECK(meter.left(start + 65s - 1ns) == 0);
    CHECK(meter.left(start + 65s) == 2500);
    CHECK(meter.is_fresh(start + 65s));
    meter.take(2501, start + 65s);
    CHECK(meter.left(start + 65s) == 0);
    CHECK(meter.renewal(start + 66s) == start + 125s);
}

TEST_CASE("traffic meter: a turn is not of the quota until it is read")
{
    traffic_meter meter{{.rate = {.octets_per_second = 10'000, .burst = 1000}, .quota = 2500}, start};
    (void)meter.reserve(200, start);
    CHECK(meter.left(start) == 2500);
    meter.take(50, start, 200);
    CHECK(meter.left(start) == 2450);
}

TEST_CASE("traffic meter: a quota without a period is one for ever, and no number is an overflow")
{
    traffic_meter forever{{.quota = 10, .period = 0s}, start};
    forever.take(10, start);
    CHECK(forever.left(start + 24h * 36'500) == 0);
    CHECK(forever.renewal(start) > start + 24h * 3650);
    traffic_meter large{{.quota = huge, .period = std::chrono::seconds::max()}, start};
    for (auto n : {huge - 1, huge, huge})
        large.take(n, start);
    CHECK(large.left(start + 24h * 36'500) == 0);
    CHECK(large.renewal(start) > start);
}

TEST_CASE("traffic meter: without terms it grants everything")
{
    traffic_meter meter{{}, start};
    meter.take(huge, start);
    CHECK(meter.available(start) == huge);
    CHECK(meter.left(start) == huge);
    CHECK(meter.turn(start) > 0);
    CHECK(meter.reserve(1000, start) == start);
    CHECK(meter.is_fresh(start));
}

TEST_CASE("traffic meter: what was used is fresh again once it has filled")
{
    traffic_meter meter{{.rate = {.octets_per_second = 1000, .burst = 500}}, start};
    meter.take(100, start);
    CHECK_FALSE(meter.is_fresh(start + 99ms));
    CHECK(meter.is_fresh(start + 100ms));
}
