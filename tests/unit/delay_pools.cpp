#include "policy_question.hpp"
#include <viaduct/server/delay_pools.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using viaduct::delay_pool;
using viaduct::delay_pools;

namespace {

constexpr delay_pools::clock::time_point start{1000s};

viaduct::access_list access(std::vector<std::string> const& rules)
{
    viaduct::acl_set acls;
    viaduct::acl_problem problem;
    REQUIRE(acls.add(words("boss src 192.0.2.7"), problem));
    REQUIRE(acls.add(words("who proxy_auth REQUIRED"), problem));
    viaduct::access_list list;
    for (auto const& each : rules)
        REQUIRE(list.add(words(each), acls, problem));
    return list;
}

/// Pools, and clients that ask for tunnels.
struct delayed
{
    explicit delayed(std::vector<delay_pool> list, viaduct::delay_options const& options = {})
        : pools{std::move(list), options, start}
    {}

    delay_pools::meters of(std::string const& client, delay_pools::clock::duration passed = 0s)
    {
        return pools.meters_for(question{}.client(client).facts, start + passed);
    }

    /// What the buckets of a client hold, in the order everybody, network, host.
    std::vector<std::uint64_t> levels(std::string const& client, delay_pools::clock::duration passed = 0s)
    {
        std::vector<std::uint64_t> all;
        for (auto const& each : of(client, passed))
            all.push_back(each->available(start + passed));
        return all;
    }

    delay_pools pools;
};

using levels = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("delay pools: each class has its buckets, half full at first")
{
    auto const all = access({"allow all"});
    delayed one{{{.all = {1000, 8000}, .access = all}}};
    CHECK(one.levels("192.0.2.1") == levels{4000});
    delayed two{{{.all = {}, .host = {1000, 6000}, .access = all}}, {.initial_level = 100}};
    CHECK(two.levels("192.0.2.1") == levels{6000});
    delayed three{{{.all = {1000, 8000}, .network = {1000, 4000}, .host = {1000, 2000}, .access = all}}};
    CHECK(three.levels("192.0.2.1") == levels{4000, 2000, 1000});
    delayed nothing{{{.access = all}}};
    CHECK(nothing.levels("192.0.2.1").empty());
}

TEST_CASE("delay pools: a bucket fills at its rate and to its brim, and an empty one gives that rate")
{
    delayed d{{{.all = {1000, 8000}, .access = access({"allow all"})}}, {.initial_level = 0}};
    CHECK(d.levels("192.0.2.1") == levels{0});
    CHECK(d.levels("192.0.2.1", 1s) == levels{1000});
    CHECK(d.levels("192.0.2.1", 1h) == levels{8000});
    auto const meter = d.of("192.0.2.1").at(0);
    meter->take(8000, start + 1h);
    CHECK(meter->available(start + 1h + 2s) == 2000);
    delayed small{{{.all = {9000, 1000}, .access = access({"allow all"})}}, {.initial_level = 0}};
    CHECK(small.levels("192.0.2.1", 500ms) == levels{500}); // never more in a second than it holds
    delayed closed{{{.all = {0, 1000}, .access = access({"allow all"})}}, {.initial_level = 100}};
    CHECK(closed.levels("192.0.2.1") == levels{1000});
    closed.of("192.0.2.1").at(0)->take(1000, start);
    CHECK(closed.levels("192.0.2.1", 5s) == levels{5}); // a trickle
}

TEST_CASE("delay pools: who shares a bucket with whom")
{
    delayed d{{{.network = {1000, 4000}, .host = {1000, 2000}, .access = access({"allow all"})}}};
    auto const one = d.of("192.0.2.1");
    struct
    {
        char const* other;
        bool same_network, same_host;
    } const cases[] = {{"192.0.2.1", true, true},        {"192.0.2.2", true, false},
                       {"192.0.3.1", false, false},      {"198.51.2.1", false, false},
                       {"::ffff:192.0.2.1", true, true}, {"2001:db8::1", false, false}};
    for (auto const& c : cases) {
        CAPTURE(c.other);
        auto const other = d.of(c.other);
        REQUIRE(other.size() == 2);
        CHECK((other[0] == one.at(0)) == c.same_network);
        CHECK((other[1] == one.at(1)) == c.same_host);
    }
    auto const six = d.of("2001:db8:1:2::3");
    CHECK(d.of("2001:db8:1:2:9::3") == six);
    CHECK(d.of("2001:db8:1:3::3").at(0) == six[0]);
    CHECK(d.of("2001:db8:1:3::3").at(1) != six[1]);
    CHECK(d.of("2001:db8:2:2::3").at(0) != six[0]);
}

TEST_CASE("delay pools: the first pool that allows a request takes it, and what is not known is passed over")
{
    delayed d{{{.all = {1, 2000}, .access = access({"allow who", "deny all"})},
               {.all = {1, 4000}, .access = {}},
               {.all = {1, 6000}, .access = access({"deny boss", "allow all"})},
               {.all = {1, 8000}, .access = access({"deny !boss"})}}};
    CHECK(d.levels("192.0.2.1") == levels{3000});
    CHECK(d.levels("192.0.2.7") == levels{4000}); // the opposite of the last rule
    viaduct::relay_options options;
    d.pools.apply(options, question{}.user("ann").facts, start);
    REQUIRE(options.meters_b_to_a.size() == 1);
    CHECK(options.meters_b_to_a[0]->available(start) == 1000);
    CHECK(options.meters_a_to_b.empty()); // clients are not held back
}

TEST_CASE("delay pools: buckets of those who have left are bounded, and those in use stay")
{
    delayed d{{{.host = {1000, 2000}, .access = access({"allow all"})}}, {.max_tracked = 4}};
    auto const held = d.of("192.0.2.1");
    for (int i = 2; i < 250; ++i)
        CHECK(d.of("192.0.2." + std::to_string(i)).size() == 1);
    CHECK(d.pools.tracked() == 4);
    CHECK(d.of("192.0.2.1") == held);
    std::vector<delay_pools::meters> all;
    for (int i = 1; i < 100; ++i)
        all.push_back(d.of("192.0.2." + std::to_string(i)));
    CHECK(d.pools.tracked() == 99);
    all.clear();
    for (int i = 100; i < 120; ++i)
        CHECK(d.of("192.0.2." + std::to_string(i)).size() == 1);
    CHECK(d.pools.tracked() == 4);
}
