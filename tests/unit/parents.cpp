#include <viaduct/server/parents.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using viaduct::authority;
using viaduct::parent;
using viaduct::parent_choice;
using viaduct::parent_pick;
using viaduct::parent_table;
using viaduct::request_facts;
namespace hierarchy = viaduct::hierarchy;

namespace {

using time_point = parent_table::clock::time_point;
time_point const start{100s};

parent make(std::string name, parent_choice choice = parent_choice::first_up, unsigned weight = 1)
{
    parent p{.url = {authority{name + ".example", 3128}}};
    p.name = std::move(name);
    p.choice = choice;
    p.weight = weight;
    return p;
}

/// A request from this client for this host.
struct request
{
    explicit request(std::string const& client = "192.0.2.1", std::string const& host = "a.example",
                     std::string const& user = "")
        : target{host, 443},
          name{user}
    {
        facts.target = &target;
        facts.client = {viaduct::net::ip::make_address(client), 1000};
        facts.user = name;
    }
    request(request const&) = delete;

    authority target;
    std::string name;
    request_facts facts{};
};

/// The names of the parents in their order.
std::string order(parent_table& table, request_facts const& facts, time_point now = start)
{
    std::string names;
    for (auto const& pick : table.picks(facts, now))
        names.append(names.empty() ? "" : " ").append(table[pick.index].name);
    return names;
}

std::string order(parent_table& table, time_point now = start)
{
    request const r;
    return order(table, r.facts, now);
}

std::string first(parent_table& table, request_facts const& facts, time_point now = start)
{
    auto const names = order(table, facts, now);
    return names.substr(0, names.find(' '));
}

void fail(parent_table& table, std::size_t index, unsigned times, time_point now = start)
{
    for (; times != 0; --times)
        table.on_failed(index, now);
}

} // namespace

TEST_CASE("parents: the first that lives is asked, and the others after it, in their order")
{
    parent_table table{{make("a"), make("b"), make("c")}};
    request const r;
    CHECK(table.picks(r.facts, start) == std::vector<parent_pick>{{0, hierarchy::first_up_parent},
                                                                  {1, hierarchy::any_old_parent},
                                                                  {2, hierarchy::any_old_parent}});
    CHECK(parent_table{{}}.picks(r.facts, start).empty());
}

TEST_CASE("parents: each kind has its code in the log")
{
    std::pair<parent_choice, std::string_view> const codes[] = {
        {parent_choice::first_up, "FIRSTUP_PARENT"},
        {parent_choice::round_robin, "ROUNDROBIN_PARENT"},
        {parent_choice::weighted_round_robin, "ROUNDROBIN_PARENT"},
        {parent_choice::source_hash, "SOURCEHASH_PARENT"},
        {parent_choice::user_hash, "USERHASH_PARENT"},
        {parent_choice::destination_hash, "CARP"},
        {parent_choice::last_resort, "DEFAULT_PARENT"},
    };
    request const r{"192.0.2.1", "a.example", "alice"};
    for (auto const& [choice, code] : codes) {
        parent_table table{{make("a", choice)}};
        CHECK(table.picks(r.facts, start) == std::vector<parent_pick>{{0, code}});
    }
}

TEST_CASE("parents: after so many failures in a row one is dead, and stands behind all others")
{
    parent_table table{{make("a"), make("b"), make("last", parent_choice::last_resort)}};
    fail(table, 0, 9);
    CHECK(order(table) == "a b last");
    table.on_connected(0); // not in a row
    fail(table, 0, 9);
    CHECK(table.is_alive(0, start));
    table.on_failed(0, start);
    CHECK_FALSE(table.is_alive(0, start));
    CHECK(order(table) == "b last a");
    request const r;
    CHECK(table.picks(r.facts, start).back() == parent_pick{0, hierarchy::any_old_parent});
    table.on_connected(0);
    CHECK(order(table) == "a b last");

    auto weak = make("weak");
    weak.connect_fail_limit = 0; // counts as one
    parent_table other{{weak, make("b")}};
    other.on_failed(0, start);
    CHECK(order(other) == "b weak");
}

TEST_CASE("parents: a dead one is tried by one request after a while, and then by all or by none")
{
    parent_table table{{make("a"), make("b")}, 10s};
    fail(table, 0, 10);
    CHECK(order(table, start + 9999ms) == "b a");
    CHECK(order(table, start + 10s) == "a b"); // the one that tries
    CHECK(order(table, start + 10s) == "b a");
    CHECK(order(table, start + 19s) == "b a");
    CHECK(order(table, start + 20s) == "a b"); // nothing was heard of the first
    table.on_failed(0, start + 21s);
    CHECK(order(table, start + 30s) == "b a");
    CHECK(order(table, start + 31s) == "a b");
    table.on_connected(0);
    CHECK(order(table, start + 31s) == "a b");
    CHECK(order(table, start + 31s) == "a b");
}

TEST_CASE("parents: where all are dead they are tried all the same, and again as soon as their time is over")
{
    parent_table table{{make("a"), make("b")}, 10s};
    fail(table, 0, 10);
    fail(table, 1, 10);
    for (auto after = 0s; after < 10s; ++after)
        CHECK(order(table, start + after) == "a b");
    request const r;
    CHECK(table.picks(r.facts, start + 10s).front().code == hierarchy::first_up_parent);
}

TEST_CASE("parents: in turn means as often as the weight says")
{
    parent_table table{{make("a", parent_choice::round_robin), make("b", parent_choice::round_robin, 3),
                        make("c", parent_choice::round_robin, 0)}};
    request const r;
    std::map<std::string, int> count;
    for (int i = 0; i < 100; ++i)
        ++count[first(table, r.facts)];
    CHECK(count == std::map<std::string, int>{{"a", 20}, {"b", 60}, {"c", 20}});

    parent_table equal{{make("a", parent_choice::round_robin), make("b", parent_choice::round_robin),
                        make("c", parent_choice::round_robin), make("other")}};
    for (auto const expected : {"a b c other", "b c a other", "c a b other", "a b c other"})
        CHECK(order(equal) == expected);
}

TEST_CASE("parents: one that comes back is not given at once all that it has missed")
{
    parent_table table{{make("a", parent_choice::round_robin), make("b", parent_choice::round_robin)}};
    request const r;
    fail(table, 0, 10);
    for (int i = 0; i < 1000; ++i)
        CHECK(first(table, r.facts) == "b");
    table.on_connected(0);
    int of_a = 0;
    for (int i = 0; i < 100; ++i)
        of_a += first(table, r.facts) == "a";
    CHECK(of_a >= 49);
    CHECK(of_a <= 51);
}

TEST_CASE("parents: by weight and time, the one that connects sooner is chosen more often")
{
    constexpr auto kind = parent_choice::weighted_round_robin;
    parent_table table{{make("near", kind), make("far", kind), make("large", kind, 4)}};
    table.on_connected(0, 10ms);
    table.on_connected(1, 40ms);
    table.on_connected(2, 40ms);
    request const r;
    std::map<std::size_t, int> count;
    for (int i = 0; i < 900; ++i)
        ++count[table.picks(r.facts, start).front().index];
    CHECK(std::abs(count[0] - 400) <= 2);
    CHECK(std::abs(count[1] - 100) <= 2);
    CHECK(std::abs(count[2] - 400) <= 2);
}

TEST_CASE("parents: by hash, each key has its parent, as many keys as the weight says")
{
    for (auto const kind :
         {parent_choice::source_hash, parent_choice::user_hash, parent_choice::destination_hash}) {
        parent_table table{{make("a", kind), make("b", kind), make("c", kind, 2)}};
        parent_table shuffled{{make("c", kind, 2), make("a", kind), make("b", kind)}};
        parent_table without{{make("a", kind), make("c", kind, 2)}};
        std::map<std::string, int> count;
        int moved_to_a = 0;
        for (int i = 0; i < 4000; ++i) {
            auto const n = std::to_string(i);
            auto const client = "10.0." + std::to_string(i / 250) + '.' + std::to_string(i % 250);
            request const r{kind == parent_choice::source_hash ? client : "192.0.2.1",
                            kind == parent_choice::destination_hash ? "host" + n + ".example" : "a.example",
                            kind == parent_choice::user_hash ? "user" + n : "alice"};
            auto const all = order(table, r.facts);
            auto const chosen = all.substr(0, 1);
            ++count[chosen];
            CHECK(order(table, r.facts) == all);
            CHECK(order(shuffled, r.facts) == all); // the list's order is of no matter
            // Without one, its keys go to their second choice, and all others stay.
            CHECK(first(without, r.facts) == (chosen == "b" ? all.substr(2, 1) : chosen));
            moved_to_a += chosen == "b" && all[2] == 'a';
        }
        CHECK(std::abs(count["a"] - 1000) < 120);
        CHECK(std::abs(count["b"] - 1000) < 120);
        CHECK(std::abs(count["c"] - 2000) < 150);
        CHECK(std::abs(moved_to_a - count["b"] / 3) < 80); // as a's weight is, beside c's
    }
}

TEST_CASE("parents: what the hash goes by, and nothing else")
{
    parent_table by_client{{make("a", parent_choice::source_hash), make("b", parent_choice::source_hash),
                            make("c", parent_choice::source_hash), make("d", parent_choice::source_hash)}};
    for (auto const address : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) {
        request const plain{address, "a.example", "alice"};
        request mapped{"::ffff:" + std::string{address}, "b.example", "bob"};
        mapped.facts.client.port(2000);
        CHECK(order(by_client, plain.facts) == order(by_client, mapped.facts));
    }
}

TEST_CASE("parents: who is nobody is not chosen for by user, and another kind has its turn")
{
    parent_table table{
        {make("first"), make("a", parent_choice::user_hash), make("b", parent_choice::user_hash)}};
    request nobody;
    CHECK(table.picks(nobody.facts, start).front() == parent_pick{0, hierarchy::first_up_parent});
    nobody.facts.user = std::nullopt;
    CHECK(first(table, nobody.facts) == "first");
    request const alice{"192.0.2.1", "a.example", "alice"};
    CHECK(table.picks(alice.facts, start).front().code == hierarchy::user_hash_parent);
}

TEST_CASE("parents: kinds that are mixed have the order of Squid")
{
    parent_table table{{make("first"), make("weighted", parent_choice::weighted_round_robin),
                        make("turn", parent_choice::round_robin),
                        make("carp", parent_choice::destination_hash),
                        make("source", parent_choice::source_hash), make("user", parent_choice::user_hash)}};
    request const alice{"192.0.2.1", "a.example", "alice"};
    for (std::size_t i = table.size(); i-- > 0;) {
        CHECK(table.picks(alice.facts, start).front().index == i);
        fail(table, i, 10);
    }
}

TEST_CASE("parents: one is left out where its rule says no, or while it has as many tunnels as it may")
{
    auto only_a = make("a");
    only_a.usable = [](request_facts const& facts) { return facts.target->host() == "a.example"; };
    auto small = make("small");
    small.max_connections = 2;
    parent_table table{{only_a, small, make("b")}};
    request const other{"192.0.2.1", "other.example"};
    CHECK(order(table) == "a small b");
    CHECK(order(table, other.facts) == "small b");

    auto one = table.lease(1);
    CHECK(order(table, other.facts) == "small b");
    {
        auto two = table.lease(1);
        CHECK(table.open_tunnels(1) == 2);
        CHECK(order(table, other.facts) == "b");
        one = std::move(two); // gives the first one back
        CHECK(table.open_tunnels(1) == 1);
    }
    CHECK(table.open_tunnels(1) == 1);
    one = {};
    CHECK(table.open_tunnels(1) == 0);
    CHECK_THROWS_AS(static_cast<void>(table.lease(3)), std::out_of_range);
}

TEST_CASE("parents: a lease may outlive its table")
{
    viaduct::parent_lease kept;
    {
        parent_table const table{{make("a")}};
        kept = table.lease(0);
    }
    kept = {};
}

TEST_CASE("parents: the ways through them are for a dialer")
{
    parent_table table{{make("a"), make("b")}};
    table.on_connected(1);
    request const r;
    auto const ways = ways_through(table.picks(r.facts, start), table);
    CHECK(to_text(ways) == "http://a.example:3128, http://b.example:3128");
}
