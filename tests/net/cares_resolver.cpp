#include "dns_server.hpp"
#include "event_loop.hpp"
#include <viaduct/net/async_resolve.hpp>
#include <viaduct/net/cares_resolver.hpp> // the header is self-contained
#include <viaduct/net/deadline.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::cares_options;
using viaduct::cares_resolver;
using viaduct::errc;
using viaduct::error_code;

namespace {

using endpoints = std::vector<net::ip::tcp::endpoint>;

/// The answer, as `ask` gives it.
struct plain_query final : viaduct::name_query
{
    explicit plain_query(std::string name, bool wanted = true) : name_{std::move(name)}, wanted_{wanted} {}

    std::string const& host() const noexcept override { return name_; }
    bool is_wanted() const override { return wanted_; }
    void answer(error_code ec, viaduct::resolution what) override
    {
        std::lock_guard const lock{mutex};
        ++answers;
        error = ec;
        found = std::move(what);
    }
    bool answered()
    {
        std::lock_guard const lock{mutex};
        return answers != 0;
    }

    std::mutex mutex;
    int answers = 0;
    error_code error;
    viaduct::resolution found;

private:
    std::string name_;
    bool wanted_;
};

struct cares_fixture : event_loop
{
    explicit cares_fixture(cares_options const& options = {}) : resolver{make(options)} {}

    /// Asks, and waits for the answer.
    std::shared_ptr<plain_query> ask(std::string const& name)
    {
        auto query = std::make_shared<plain_query>(name);
        resolver->ask(query);
        auto const give_up = std::chrono::steady_clock::now() + 20s;
        while (!query->answered() && std::chrono::steady_clock::now() < give_up) {
            context.restart();
            context.run_for(1ms); // the server's part; the answer is another thread's
        }
        REQUIRE(query->answered());
        return query;
    }

    completion<endpoints>& resolve(std::string host)
    {
        auto& end = ends.emplace_back();
        async_resolve(*resolver, executor(), std::move(host), 443, end.handler());
        return end;
    }

    dns_server server{executor()};
    std::deque<completion<endpoints>> ends;
    std::unique_ptr<cares_resolver> resolver;

private:
    std::unique_ptr<cares_resolver> make(cares_options options)
    {
        options.servers.push_back(server.endpoint());
        return std::make_unique<cares_resolver>(options);
    }
};

std::string text(viaduct::resolution const& found)
{
    std::vector<std::string> all;
    for (auto const& address : found.addresses)
        all.push_back(address.to_string());
    std::sort(all.begin(), all.end()); // the order depends on the machine's routes
    std::string result;
    for (auto const& each : all)
        result += (result.empty() ? "" : " ") + each;
    return result;
}

constexpr auto a = dns_server::a;
constexpr auto aaaa = dns_server::aaaa;
constexpr auto cname = dns_server::cname;

} // namespace

TEST_CASE("c-ares resolver: addresses of both families, with the shortest TTL on the way to them")
{
    cares_fixture f;
    auto& s = f.server;
    s.set("both.example", a,
          {0, {{"both.example", a, 300, "192.0.2.1"}, {"both.example", a, 70, "192.0.2.2"}}});
    s.set("both.example", aaaa, {0, {{"both.example", aaaa, 200, "2001:db8::1"}}});
    s.set("four.example", a, {0, {{"four.example", a, 300, "192.0.2.1"}}});
    s.set("four.example", aaaa, {0, {}});
    s.set("six.example", a, {0, {}});
    s.set("six.example", aaaa, {0, {{"six.example", aaaa, 40, "2001:db8::6"}}});
    std::vector<dns_server::record> const chain{{"alias.example", cname, 500, "b.example"},
                                                {"b.example", cname, 20, "c.example"}};
    auto fours = chain;
    fours.push_back({"c.example", a, 300, "192.0.2.3"});
    s.set("alias.example", a, {0, fours});
    s.set("alias.example", aaaa, {0, chain});

    struct
    {
        std::string name;
        std::string_view found;
        std::chrono::seconds ttl;
    } const cases[] = {
        {"both.example", "192.0.2.1 192.0.2.2 2001:db8::1", 70s},
        {"four.example", "192.0.2.1", 300s},
        {"six.example", "2001:db8::6", 40s},
        {"alias.example", "192.0.2.3", 20s},
    };
    for (auto const& c : cases) {
        INFO(c.name);
        auto const query = f.ask(c.name);
        CHECK_FALSE(query->error);
        CHECK(text(query->found) == c.found);
        CHECK(query->found.ttl == c.ttl);
        CHECK(f.server.asked(c.name) == 2); // one question for each family
    }
}

TEST_CASE("c-ares resolver: a name that does not exist, one without addresses, and a server that fails")
{
    cares_fixture f{{.tries = 1}};
    struct
    {
        std::string name;
        std::uint8_t rcode;
        error_code error;
    } const cases[] = {
        {"missing.example", 3, net::error::host_not_found},
        {"empty.example", 0, net::error::no_data},
        {"broken.example", 2, net::error::host_not_found_try_again},
        {"refused.example", 5, net::error::host_not_found_try_again},
    };
    for (auto const& c : cases) {
        INFO(c.name);
        for (auto const kind : {a, aaaa})
            f.server.set(c.name, kind, {c.rcode, {}});
        auto const query = f.ask(c.name);
        CHECK(query->error.message() == c.error.message());
        CHECK(query->found.addresses.empty());
    }
}

TEST_CASE("c-ares resolver: a server that says nothing, tried as often as was asked for")
{
    cares_fixture f{{.timeout = 10ms, .tries = 2}};
    CHECK(f.ask("silent.example")->error == errc::resolve_timeout);
    f.context.poll();
    CHECK(f.server.asked("silent.example") == 4);

    // With nothing said of one family, the other one has to do.
    f.server.set("half.example", a, {0, {{"half.example", a, 300, "192.0.2.1"}}});
    auto const half = f.ask("half.example");
    CHECK_FALSE(half->error);
    CHECK(text(half->found) == "192.0.2.1");
}

TEST_CASE("c-ares resolver: a name that hangs holds up no other, and a deadline ends it")
{
    cares_fixture f;
    f.server.set("four.example", a, {0, {{"four.example", a, 300, "192.0.2.1"}}});
    f.server.set("four.example", aaaa, {0, {}});
    std::deque<completion<>> late(20);
    endpoints unused;
    std::deque<net::steady_timer> timers;
    for (auto& end : late) {
        auto operation = viaduct::detail::async_resolve_into(unused, *f.resolver, f.executor(),
                                                             viaduct::authority{"silent.example", 443},
                                                             viaduct::detail::deferred);
        viaduct::async_with_deadline(timers.emplace_back(f.executor()), 100ms, errc::resolve_timeout,
                                     std::move(operation), end.handler());
    }
    auto& quick = f.resolve("four.example");
    REQUIRE(f.run_until([&] { return quick.done(); }));
    CHECK(quick.value() == endpoints{{net::ip::make_address("192.0.2.1"), 443}});
    REQUIRE(f.run_until(
        [&] { return std::all_of(late.begin(), late.end(), [](auto const& end) { return end.done(); }); }));
    for (auto const& end : late)
        CHECK(end.error == errc::resolve_timeout);
}

TEST_CASE("c-ares resolver: a name is asked for as it is, and what is not wanted is not asked for")
{
    ::setenv("LOCALDOMAIN", "search.example", 1); // as a domain in /etc/resolv.conf
    cares_fixture f;
    ::unsetenv("LOCALDOMAIN");
    f.server.set("single", a, {3, {}});
    f.server.set("single", aaaa, {3, {}});
    f.resolver->ask(std::make_shared<plain_query>("unwanted.example", false));
    CHECK(f.ask("single")->error == net::error::host_not_found);
    CHECK(f.server.names_asked() == 1);

    auto const local = f.ask("localhost");
    REQUIRE_FALSE(local->found.addresses.empty());
    for (auto const& address : local->found.addresses)
        CHECK(address.is_loopback());
    CHECK(f.server.names_asked() == 1);
}

TEST_CASE("c-ares resolver: it goes at once, and tells those who wait")
{
    cares_fixture f;
    std::vector<std::shared_ptr<plain_query>> queries;
    for (int i = 0; i < 50; ++i) {
        queries.push_back(std::make_shared<plain_query>("silent.example"));
        f.resolver->ask(queries.back());
        if (i == 25) REQUIRE(f.run_until([&] { return f.server.asked("silent.example") != 0; }));
    }
    auto const before = std::chrono::steady_clock::now();
    f.resolver.reset();
    CHECK(std::chrono::steady_clock::now() - before < 1s); // and not after its tries
    for (auto const& query : queries) {
        CHECK(query->answers == 1);
        CHECK(query->error == net::error::operation_aborted);
    }
    for (int i = 0; i < 50; ++i)
        cares_resolver{{.servers = {f.server.endpoint()}}};
}

TEST_CASE("c-ares resolver: there is an end to how many questions are under way")
{
    cares_fixture f{{.max_under_way = 2}};
    auto& first = f.resolve("silent.example");
    f.resolve("silent.example");
    auto& third = f.resolve("silent.example");
    REQUIRE(f.run_until([&] { return third.done(); }));
    CHECK(third.error == errc::resolver_overloaded);
    CHECK_FALSE(first.done());
}
