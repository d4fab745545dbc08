#include <viaduct/server/limits.hpp> // the header is self-contained
#include <viaduct/server/refusal.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::limit_options;
using viaduct::limits;
using viaduct::refusal_for;
using viaduct::relay_options;
using viaduct::ticket;
using viaduct::detail::account_table;

namespace {

std::chrono::steady_clock::time_point const start{1000h};
constexpr auto most_seconds = std::chrono::milliseconds::max();

viaduct::net::ip::address ip(char const* text)
{
    return viaduct::net::ip::make_address(text);
}

/// A request of a client, up to the dial.
struct visit
{
    visit(limits& all, char const* client, std::string_view user = {}, std::string_view host = "a.example",
          std::chrono::steady_clock::time_point now = start)
        : error{all.enter(held, ip(client), now)}
    {
        if (!error) error = all.admit(held, user, host, now);
    }

    ticket held;
    error_code error;
};

/// Lets tunnels in until one is refused; returns the error.
error_code fill(std::vector<visit>& open, limits& all, char const* client, std::string_view user = {},
                std::string_view host = "a.example")
{
    while (open.size() < 100) {
        open.emplace_back(all, client, user, host);
        if (open.back().error) break;
    }
    auto const ec = open.back().error;
    CHECK(!open.back().held);
    open.pop_back();
    return ec;
}

} // namespace

TEST_CASE("limits: each count refuses one too many, with its own error, and takes it once another has left")
{
    struct
    {
        std::size_t limit_options::*count;
        errc error;
        char const* other_client;
        char const* other_user;
        char const* other_host;
    } const cases[] = {
        {&limit_options::tunnels, errc::too_many_tunnels, nullptr, "", ""},
        {&limit_options::tunnels_per_client, errc::too_many_tunnels_of_client, "192.0.2.2", "u", "a.example"},
        {&limit_options::tunnels_per_user, errc::too_many_tunnels_of_user, "192.0.2.1", "v", "a.example"},
        {&limit_options::tunnels_per_destination, errc::too_many_tunnels_to_destination, "192.0.2.1", "u",
         "b.example"}};
    for (auto const& c : cases) {
        CAPTURE(error_code{c.error}.message());
        limit_options options;
        options.*c.count = 3;
        limits all{options, start};
        std::vector<visit> open;
        CHECK(fill(open, all, "192.0.2.1", "u") == c.error);
        CHECK(open.size() == 3);
        CHECK(all.tunnels() == 3); // the refused one holds nothing
        if (c.other_client != nullptr) CHECK(!visit{all, c.other_client, c.other_user, c.other_host}.error);
        CHECK(all.tunnels() == 3);
        open.pop_back();
        CHECK(fill(open, all, "192.0.2.1", "u") == c.error);
        CHECK(open.size() == 3);
        open.clear();
        CHECK(all.tunnels() == 0);
        CHECK(all.tracked() == 0); // nothing to remember of those who left
    }
}

TEST_CASE("limits: without any limit nothing is refused, and everybody is counted")
{
    limits all;
    std::vector<visit> open;
    for (int i = 0; i < 50; ++i) {
        open.emplace_back(all, "192.0.2.1", "u");
        CHECK(!open.back().error);
    }
    open.emplace_back(all, "192.0.2.2", "u");
    CHECK(all.tunnels() == 51);
    CHECK(all.tunnels_of(ip("192.0.2.1")) == 50);
    CHECK(all.tunnels_of(ip("192.0.2.3")) == 0);
    relay_options options;
    open.front().held.apply(options);
    CHECK(options.meters_a_to_b.empty());
    CHECK(options.limit_a_to_b.octets_per_second == 0);
}

TEST_CASE("limits: the addresses of a user are counted, that of the client included")
{
    limits all;
    CHECK(all.addresses_of("u", ip("192.0.2.1")) == 1);
    visit first{all, "192.0.2.1", "u"};
    visit again{all, "192.0.2.1", "u"};
    visit second{all, "192.0.2.2", "u"};
    visit other{all, "192.0.2.3", "v"};
    CHECK(all.addresses_of("u", ip("192.0.2.1")) == 2);
    CHECK(all.addresses_of("u", ip("192.0.2.9")) == 3);
    first.held.release();
    CHECK(all.addresses_of("u", ip("192.0.2.1")) == 2);
    again.held.release();
    CHECK(all.addresses_of("u", ip("192.0.2.2")) == 1);
}

TEST_CASE("limits: clients are told apart by the prefixes of their addresses")
{
    struct
    {
        unsigned v4;
        unsigned v6;
        char const* one;
        char const* two;
        bool same;
    } const cases[] = {{32, 64, "192.0.2.1", "192.0.2.2", false},
                       {24, 64, "192.0.2.1", "192.0.2.2", true},
                       {23, 64, "192.0.2.1", "192.0.3.2", true},
                       {25, 64, "192.0.2.1", "192.0.2.128", false},
                       {32, 64, "2001:db8::1", "2001:db8::ffff:2", true},
                       {32, 64, "2001:db8::1", "2001:db8:0:1::1", false},
                       {32, 63, "2001:db8::1", "2001:db8:0:1::1", true},
                       {32, 128, "2001:db8::1", "2001:db8::2", false},
                       {32, 64, "192.0.2.1", "::ffff:192.0.2.1", true},
                       {32, 64, "::ffff:192.0.2.2", "::ffff:192.0.2.1", false},
                       {0, 0, "192.0.2.1", "203.0.113.1", true},
                       {0, 0, "192.0.2.1", "2001:db8::1", false},
                       {99, 999, "192.0.2.1", "192.0.2.2", false}};
    for (auto const& c : cases) {
        CAPTURE(c.one);
        CAPTURE(c.two);
        limits all{{.tunnels_per_client = 1, .ipv4_prefix = c.v4, .ipv6_prefix = c.v6}, start};
        visit const first{all, c.one};
        visit const second{all, c.two};
        CHECK(!first.error);
        CHECK((second.error == errc::too_many_tunnels_of_client) == c.same);
        CHECK(all.tunnels_of(ip(c.one)) == 1);
    }
}

TEST_CASE("limits: new tunnels come no faster than their rate, of a client and in all")
{
    limits all{
        {.new_per_client = {.count = 2, .burst = 3}, .new_in_all = {.count = 1, .burst = 5, .per = 60s}},
        start};
    auto const at = [&](char const* client, std::chrono::milliseconds when) {
        return visit{all, client, {}, "a.example", start + when};
    };
    for (int i = 0; i < 3; ++i)
        CHECK(!at("192.0.2.1", 0ms).error);
    auto const early = at("192.0.2.1", 0ms);
    CHECK(early.error == errc::too_many_requests);
    CHECK(early.held.retry_after() == 1s);
    CHECK(at("192.0.2.1", 499ms).error == errc::too_many_requests);
    CHECK(!at("192.0.2.1", 500ms).error);
    CHECK(!at("192.0.2.2", 500ms).error);
    auto const late = at("192.0.2.3", 30s); // the fifth was before half a second had gone
    CHECK(late.error == errc::too_many_requests);
    CHECK(late.held.retry_after() == 30s);
    CHECK(!at("192.0.2.3", 60s).error);
    for (int i = 0; i < 2; ++i) // what one refused for the others' sake took of its own rate is given back
        CHECK(at("192.0.2.4", 61s).error == errc::too_many_requests);
    CHECK(!at("192.0.2.4", 120s).error);
    CHECK(all.tunnels() == 0);
}

TEST_CASE("limits: one refused for the rate of all keeps its own rate")
{
    limits all{{.new_per_client = {.count = 1, .per = 24h}, .new_in_all = {.count = 1}}, start};
    CHECK(!visit{all, "192.0.2.1"}.error);
    CHECK(visit{all, "192.0.2.2"}.error == errc::too_many_requests);
    CHECK(!visit{all, "192.0.2.2", {}, "a.example", start + 1s}.error);
    auto const second = visit{all, "192.0.2.2", {}, "a.example", start + 2s};
    CHECK(second.error == errc::too_many_requests);
    CHECK(second.held.retry_after() == 24h - 1s);
}

TEST_CASE("limits: a quota that is used up refuses until its period is over, and is remembered meanwhile")
{
    for (bool const of_user : {false, true}) {
        CAPTURE(of_user);
        limit_options options{.quota_period = 3600s};
        (of_user ? options.quota_per_user : options.quota_per_client) = 1000;
        limits all{options, start};
        {
            visit const first{all, "192.0.2.1", "u"};
            relay_options relay;
            first.held.apply(relay);
            REQUIRE(relay.meters_a_to_b.size() == 1);
            REQUIRE(relay.meters_b_to_a == relay.meters_a_to_b); // both ways together
            relay.meters_a_to_b[0]->take(1000, start);
        }
        CHECK(all.tracked() == 1);
        visit const second{all, "192.0.2.1", "u", "a.example", start + 600s};
        CHECK(second.error == errc::quota_exceeded);
        CHECK(second.held.retry_after() == 3000s);
        CHECK(!visit{all, "192.0.2.2", "v"}.error);
        CHECK(!visit{all, "192.0.2.1", "u", "a.example", start + 3600s}.error);
    }
}

TEST_CASE("limits: rates reach the relay; a client's tunnels share one meter each way, and so do a user's")
{
    viaduct::two_way_rate const rate{{.octets_per_second = 1000}, {.octets_per_second = 2000}};
    limits all{{.rate_per_tunnel = rate, .rate_per_client = rate, .rate_per_user = rate, .rate_in_all = rate},
               start};
    auto const options_of = [](visit const& who) {
        relay_options o;
        who.held.apply(o);
        REQUIRE(o.meters_a_to_b.size() == (o.meters_b_to_a.size()));
        return o;
    };
    visit const one{all, "192.0.2.1", "u"};
    visit const same{all, "192.0.2.1", "u"};
    visit const same_user{all, "192.0.2.2", "u"};
    visit const nobody{all, "192.0.2.1"};
    auto const o = options_of(one);
    CHECK(o.limit_a_to_b.octets_per_second == 1000);
    CHECK(o.limit_b_to_a.octets_per_second == 2000);
    REQUIRE(o.meters_a_to_b.size() == 3);
    for (auto const& up : o.meters_a_to_b)
        CHECK(up->turn(start) == 20);
    for (auto const& down : o.meters_b_to_a)
        CHECK(down->turn(start) == 40);
    CHECK(options_of(same).meters_a_to_b == o.meters_a_to_b);
    auto const other = options_of(same_user);
    CHECK(other.meters_a_to_b[0] == o.meters_a_to_b[0]); // all
    CHECK(other.meters_a_to_b[1] != o.meters_a_to_b[1]); // the client
    CHECK(other.meters_a_to_b[2] == o.meters_a_to_b[2]); // the user
    CHECK(options_of(nobody).meters_a_to_b.size() == 2);
}

TEST_CASE("limits: a ticket may be moved, asked again, and outlive the limits")
{
    auto all = std::make_unique<limits>(limit_options{.tunnels_per_user = 1, .tunnels_per_destination = 1});
    visit first{*all, "192.0.2.1", "u", "a.example"};
    auto moved = std::move(first.held);
    CHECK(all->tunnels() == 1);
    CHECK(!all->admit(moved, "v", "b.example")); // instead of what it was before
    CHECK(!visit{*all, "192.0.2.1", "u", "a.example"}.error);
    CHECK(visit{*all, "192.0.2.1", "w", "b.example"}.error == errc::too_many_tunnels_to_destination);
    ticket none;
    CHECK(all->admit(none, "u", "a.example") == errc::too_many_tunnels); // it has not entered
    CHECK(!all->enter(moved, ip("192.0.2.1")));
    CHECK(all->tunnels() == 1);
    moved = ticket{};
    CHECK(all->tunnels() == 0);
    CHECK(!all->enter(moved, ip("192.0.2.1")));
    all.reset();
    moved.release();
}

TEST_CASE("limits: however many clients come, only so many are remembered")
{
    limits all{{.new_per_client = {.count = 1, .per = 24h}, .max_tracked = 160}, start};
    for (unsigned i = 0; i < 3000; ++i) {
        ticket held;
        CHECK(!all.enter(held, viaduct::net::ip::address_v4{0x0a000000U + i}, start));
    }
    CHECK(all.tracked() <= 160);
    CHECK(all.tracked() > 100);
    ticket held;
    CHECK(!all.enter(held, viaduct::net::ip::address_v4{0x0b000000U}, start + 48h));
    CHECK(all.tracked() < 160); // it came across some who were due
}

TEST_CASE("account table: those who left first are forgotten first, those who are there never")
{
    account_table table{{.quota = 100, .quota_period = 24h}, 2};
    auto const visit_of = [&](char const* name) {
        auto& held = table.hold(name, start);
        held.second.meters.quota->take(1, start);
        table.let_go(held);
    };
    auto& there = table.hold("there", start);
    auto& twice = table.hold("there", start);
    CHECK(&there == &twice);
    table.let_go(twice);
    visit_of("a");
    visit_of("b");
    CHECK(table.find("a") == nullptr);
    REQUIRE(table.find("b") != nullptr);
    CHECK(table.find("there") == &there.second);
    auto& b = table.hold("b", start);
    CHECK(b.second.meters.quota->left(start) == 99);
    auto& c = table.hold("c", start); // more than there is room for, but all are there
    CHECK(table.size() == 3);
    table.let_go(c);
    CHECK(table.find("c") == nullptr);
    table.let_go(there);
    table.let_go(b);
    CHECK(table.size() == 2);
    (void)table.hold("d", start + 25h); // a day later the others are like new
    CHECK(table.find("b") == nullptr);
    CHECK(table.size() == 1);
}

TEST_CASE("account table: room for a newcomer is made by who left longest ago")
{
    account_table table{{.quota = 100}, 3};
    auto const visit_of = [&](std::string_view name) {
        auto& held = table.hold(name, start);
        held.second.meters.quota->take(1, start);
        table.let_go(held);
    };
    for (auto const* name : {"a", "b", "c", "b", "a"})
        visit_of(name);
    (void)table.hold("d", start);
    CHECK(table.size() == 3);
    CHECK(table.find("c") == nullptr);
    (void)table.hold("e", start);
    CHECK(table.size() == 3);
    CHECK(table.find("b") == nullptr);
    CHECK(table.find("a") != nullptr);
}

TEST_CASE("request bucket: no rate and no burst is too small or too large")
{
    for (std::uint32_t count : {1U, 7U, 4'000'000'000U})
        for (std::uint32_t burst : {0U, 1U, 4'000'000'000U})
            for (auto per : {0ms, 1ms, 24h * 36'500 + 0ms, most_seconds}) {
                CAPTURE(count);
                CAPTURE(burst);
                CAPTURE(per.count());
                viaduct::request_bucket bucket{{.count = count, .burst = burst, .per = per}, start};
                CHECK(bucket.take(start));
                for (int i = 0; i < 20; ++i) {
                    auto const next = std::max(bucket.ready(), start);
                    CHECK(next < start + 24h * 36'500);
                    CHECK(bucket.take(next));
                }
            }
}

TEST_CASE("refusal: a limit is told with the time to come again")
{
    limits all{{.tunnels = 1, .retry_after = 7s}, start};
    visit const first{all, "192.0.2.1"};
    visit const second{all, "192.0.2.1"};
    auto const text = refusal_for(second.error, second.held.retry_after()).text();
    CHECK(text.starts_with("HTTP/1.1 503 "));
    CHECK(text.find("\r\nRetry-After: 7\r\n") != std::string::npos);
    CHECK(refusal_for(second.error, 0s).text().find("Retry-After") == std::string::npos);
    CHECK(first.held.retry_after() == 0s);
}

TEST_CASE("limits: threads take and give back at the same time, and nothing is lost or taken twice")
{
    limits all{{.tunnels = 6,
                .tunnels_per_client = 4,
                .tunnels_per_user = 4,
                .tunnels_per_destination = 5,
                .quota_per_client = 1'000'000'000,
                .max_tracked = 16}};
    std::atomic<std::size_t> inside = 0;
    std::atomic<std::size_t> most = 0;
    std::atomic<std::size_t> admitted = 0;
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (unsigned i = 0; i < 2000; ++i) {
                ticket held;
                auto const client = viaduct::net::ip::address_v4{0x0a000000U + (i * 7 + t) % 40};
                if (all.enter(held, client) || all.admit(held, i % 3 == 0 ? "u" : "v", "a.example")) continue;
                ++admitted;
                auto const now = ++inside;
                for (auto seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) {
                }
                relay_options options;
                held.apply(options);
                options.meters_a_to_b.at(0)->take(1, start);
                (void)all.tunnels_of(client);
                (void)all.addresses_of("u", client);
                --inside;
            }
        });
    for (unsigned i = 0; i < 50; ++i) { // meanwhile the limits change, and change back
        all.reload({.tunnels = 6, .tunnels_per_destination = 5, .quota_per_client = 1'000'000'000U + i});
        all.reload(all.options());
    }
    for (auto& t : threads)
        t.join();
    CHECK(admitted > 1000);
    CHECK(most <= 5);
    CHECK(all.tunnels() == 0);
    CHECK(all.tunnels_of(ip("10.0.0.1")) == 0);
    CHECK(all.addresses_of("u", ip("10.0.0.1")) == 1);
}

TEST_CASE("limits: new limits find what is held and what has been used, also in tunnels that are open")
{
    limits all{{.tunnels_per_client = 2, .rate_per_client = {{1000, 1000}, {}}, .quota_per_client = 100},
               start};
    visit const one{all, "192.0.2.1"};
    visit two{all, "192.0.2.1"};
    relay_options open;
    one.held.apply(open);
    REQUIRE(open.meters_a_to_b.size() == 2); // the rate, and the quota
    auto const rate = open.meters_a_to_b[0];
    auto const quota = open.meters_a_to_b[1];
    quota->take(70, start);
    rate->take(900, start);

    all.reload({.tunnels_per_client = 3, .rate_per_client = {{1000, 1000}, {}}, .quota_per_client = 200},
               start);
    CHECK(all.options().tunnels_per_client == 3);
    CHECK(rate->available(start) == 100); // the same rate goes on
    CHECK(quota->left(start) == 130);
    visit const three{all, "192.0.2.1"};
    CHECK_FALSE(three.error);
    relay_options fresh;
    three.held.apply(fresh);
    CHECK(fresh.meters_a_to_b == open.meters_a_to_b);
    CHECK(visit{all, "192.0.2.1"}.error == errc::too_many_tunnels_of_client);

    all.reload({.tunnels_per_client = 1, .rate_per_client = {{50'000, 50'000}, {}}}, start);
    CHECK(rate->available(start) == 50'000);
    CHECK(quota->left(start) == std::numeric_limits<std::uint64_t>::max());
    two.held.release(); // the two others stay, and there is no room for another
    CHECK(visit{all, "192.0.2.1"}.error == errc::too_many_tunnels_of_client);
    CHECK(all.tunnels() == 2);

    all.reload({}, start);
    CHECK_FALSE(visit{all, "192.0.2.1"}.error);
    relay_options unlimited;
    three.held.apply(unlimited);
    CHECK(unlimited.meters_a_to_b.empty());
    CHECK(rate->available(start) == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("limits: rates of new tunnels go on where they stay the same, and begin anew where they do not")
{
    limit_options const slow{.new_per_client = {.count = 1}, .new_in_all = {.count = 2}};
    limits all{slow, start};
    CHECK_FALSE(visit{all, "192.0.2.1"}.error);
    all.reload(slow, start);
    CHECK(visit{all, "192.0.2.1"}.error == errc::too_many_requests);
    CHECK_FALSE(visit{all, "192.0.2.2"}.error);
    CHECK(visit{all, "192.0.2.3"}.error == errc::too_many_requests);
    all.reload({.new_per_client = {.count = 2}, .new_in_all = {.count = 9}}, start);
    CHECK_FALSE(visit{all, "192.0.2.1"}.error);
    CHECK_FALSE(visit{all, "192.0.2.1"}.error);
    CHECK(visit{all, "192.0.2.1"}.error == errc::too_many_requests);
    all.reload({}, start);
    CHECK_FALSE(visit{all, "192.0.2.1"}.error);
}
