#include "event_loop.hpp"
#include "scripted_resolver.hpp"
#include <viaduct/net/async_resolve.hpp>
#include <viaduct/net/fixed_names.hpp>
#include <viaduct/net/system_resolver.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using viaduct::address_family;
using viaduct::errc;
using viaduct::error_code;
using viaduct::fixed_names;
using viaduct::name_table;
using viaduct::resolution;
using viaduct::system_resolver;

namespace {

using endpoints = std::vector<net::ip::tcp::endpoint>;

struct resolver_fixture : event_loop
{
    void resolve(std::string host)
    {
        async_resolve(*resolver, executor(), std::move(host), 443, end.handler());
    }
    endpoints& run()
    {
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        return end.value();
    }

    std::optional<system_resolver> resolver{std::in_place};
    completion<endpoints> end;
};

/// A name service that hangs until it is let go, and counts how often it was asked.
struct slow_names
{
    [[nodiscard]] viaduct::detail::blocking_lookup function()
    {
        return [this](std::string const& host, error_code& ec) -> resolution {
            std::unique_lock lock{mutex};
            asked.push_back(host);
            changed.notify_all();
            if (host == "hangs") changed.wait(lock, [&] { return let_go; });
            if (host == "missing") ec = net::error::host_not_found;
            return {{net::ip::make_address("192.0.2.1")}, std::chrono::seconds{5}};
        };
    }
    void wait_until_asked(std::size_t times)
    {
        std::unique_lock lock{mutex};
        REQUIRE(changed.wait_for(lock, std::chrono::seconds{20}, [&] { return asked.size() >= times; }));
    }
    void release()
    {
        std::lock_guard const lock{mutex};
        let_go = true;
        changed.notify_all();
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> asked;
    bool let_go = false;
};

/// The pool of the system's resolver, with names that hang where a test wants that.
struct pool_fixture : event_loop
{
    struct pooled final : viaduct::resolver
    {
        pooled(std::size_t threads, std::size_t max_waiting, slow_names& names)
            : pool{threads, max_waiting, names.function()}
        {}
        void ask(std::shared_ptr<viaduct::name_query> query) override { pool.submit(std::move(query)); }
        viaduct::detail::lookup_pool pool;
    };

    pool_fixture(std::size_t threads, std::size_t max_waiting) : resolver{threads, max_waiting, names} {}
    ~pool_fixture() // no thread may be left that uses the names
    {
        names.release();
        for (auto& end : ends)
            if (!end.done() && !run_until([&] { return end.done(); })) std::abort();
    }

    completion<endpoints>& resolve(std::string host)
    {
        auto& end = ends.emplace_back();
        async_resolve(resolver, executor(), std::move(host), 443, end.handler());
        return end;
    }

    slow_names names;
    std::deque<completion<endpoints>> ends;
    pooled resolver;
};

} // namespace

TEST_CASE(
    "system resolver: a name that hangs holds up no other, and keeps one thread however many ask for it")
{
    pool_fixture f{2, 16};
    for (int i = 0; i < 100; ++i)
        f.resolve("hangs");
    f.names.wait_until_asked(1);
    auto& other = f.resolve("other");
    auto& missing = f.resolve("missing");
    REQUIRE(f.run_until([&] { return other.done() && missing.done(); }));
    CHECK(other.value() == endpoints{{net::ip::make_address("192.0.2.1"), 443}});
    CHECK(missing.error == net::error::host_not_found);
    CHECK(missing.value().empty());
    CHECK(std::none_of(f.ends.begin(), f.ends.begin() + 100, [](auto const& end) { return end.done(); }));

    f.names.release();
    REQUIRE(f.run_until([&] {
        return std::all_of(f.ends.begin(), f.ends.end(), [](auto const& end) { return end.done(); });
    }));
    CHECK(f.names.asked.size() == 3); // of which one is for all that hang
    for (std::size_t i = 0; i < 100; ++i)
        CHECK(f.ends[i].value().size() == 1);
}

TEST_CASE("system resolver: a full queue takes no further name, but for those that somebody waits for")
{
    pool_fixture f{1, 2};
    f.resolve("hangs");
    f.names.wait_until_asked(1);
    auto& first = f.resolve("first");
    f.resolve("second");
    auto& too_many = f.resolve("third");
    REQUIRE(f.run_until([&] { return too_many.done(); }));
    CHECK(too_many.error == errc::resolver_overloaded);
    auto& joined = f.resolve("second"); // costs no place

    first.cancel.emit(net::cancellation_type::terminal);
    REQUIRE(f.run_until([&] { return first.done(); }));
    auto& in_its_place = f.resolve("third");
    f.names.release();
    REQUIRE(f.run_until([&] { return in_its_place.done() && joined.done(); }));
    CHECK_FALSE(in_its_place.error);
    CHECK_FALSE(joined.error);
    // What was given up in the queue is not asked for.
    CHECK(f.names.asked == std::vector<std::string>{"hangs", "second", "third"});
}

TEST_CASE("system resolver: an address needs no look-up, and is not told inside the initiating function")
{
    for (auto const text : {"192.0.2.7", "2001:db8::1"}) {
        resolver_fixture f;
        f.resolve(text);
        CHECK(f.end.calls == 0);
        CHECK(f.run() == endpoints{{net::ip::make_address(text), 443}});
        CHECK_FALSE(f.end.error);
    }
}

TEST_CASE("system resolver: localhost is here")
{
    resolver_fixture f;
    f.resolve("localhost");
    auto const& found = f.run();
    CHECK_FALSE(f.end.error);
    REQUIRE_FALSE(found.empty());
    for (auto const& endpoint : found) {
        CHECK(endpoint.address().is_loopback());
        CHECK(endpoint.port() == 443);
    }
}

TEST_CASE("system resolver: what is no name fails")
{
    for (auto const& name : {std::string(300, 'x'), std::string{}, std::string("localhost\0.x", 12)}) {
        resolver_fixture f;
        f.resolve(name);
        CHECK(f.end.calls == 0);
        CHECK(f.run().empty());
        CHECK(f.end.error);
        CHECK(f.end.error != net::error::operation_aborted);
    }
}

TEST_CASE("system resolver: a cancellation of any type ends it at once, whatever the name service does")
{
    for (auto const type : every_cancellation)
        for (auto const host : {"localhost", "192.0.2.7", "slow.invalid", ""}) {
            resolver_fixture f;
            f.resolve(host);
            f.end.cancel.emit(type);
            CHECK(f.end.calls == 0);
            CHECK(f.run().empty());
            CHECK(f.end.error == net::error::operation_aborted);
        }
}

TEST_CASE("system resolver: more look-ups than threads get their turn")
{
    event_loop loop;
    system_resolver resolver{2};
    std::deque<completion<endpoints>> ends(300);
    for (auto& end : ends)
        async_resolve(resolver, loop.executor(), "localhost", 1, end.handler());
    for (std::size_t i = 0; i < ends.size(); i += 3)
        ends[i].cancel.emit(net::cancellation_type::total);
    REQUIRE(loop.run_until(
        [&] { return std::all_of(ends.begin(), ends.end(), [](auto const& end) { return end.done(); }); }));
    for (std::size_t i = 0; i < ends.size(); ++i) {
        CHECK(ends[i].calls == 1);
        CHECK(ends[i].error == (i % 3 == 0 ? error_code{net::error::operation_aborted} : error_code{}));
    }
}

TEST_CASE("system resolver: operations outlive their resolver")
{
    resolver_fixture f;
    f.resolve("localhost");
    f.resolver.reset();
    f.run();
    CHECK_FALSE(f.end.error);
}

TEST_CASE("system resolver: a context may be destroyed while look-ups are under way")
{
    system_resolver shared;
    for (int round = 0; round < 200; ++round) {
        auto f = std::make_unique<resolver_fixture>();
        async_resolve(shared, f->executor(), "localhost", 443, f->end.handler());
        f->resolve("localhost");
        if (round % 4 == 1) f->end.cancel.emit(net::cancellation_type::terminal);
        if (round % 4 == 2) f->context.poll();
        if (round % 4 == 3) f->run_steps(1, [&] { return f->end.done(); });
    }
}

TEST_CASE("system resolver: the handler runs where its executor says")
{
    resolver_fixture f;
    net::io_context elsewhere;
    std::optional<bool> ran_there;
    async_resolve(*f.resolver, f.executor(), "localhost", 443,
                  net::bind_executor(elsewhere, [&](error_code, endpoints const&) {
                      ran_there = elsewhere.get_executor().running_in_this_thread();
                  }));
    REQUIRE(f.run_until([&] {
        elsewhere.restart();
        elsewhere.poll();
        return ran_there.has_value();
    }));
    CHECK(ran_there == true);
}

TEST_CASE("system resolver: one for a family finds addresses of that only")
{
    for (auto const family : {address_family::v4, address_family::v6}) {
        event_loop loop;
        system_resolver resolver{family};
        completion<endpoints> end;
        async_resolve(resolver, loop.executor(), "localhost", 443, end.handler());
        REQUIRE(loop.run_until([&] { return end.done(); }));
        for (auto const& endpoint : end.value())
            CHECK(is_of(endpoint.address(), family));
        CHECK((family == address_family::v6 || !end.error)); // not every machine has IPv6
    }
}

namespace {

/// Asks for a name, and says what comes of it: addresses, a failure, or that nobody answers.
std::string ask(fixed_names& names, std::string host)
{
    struct question final : viaduct::name_query
    {
        explicit question(std::string about) : name{std::move(about)} {}
        [[nodiscard]] std::string const& host() const noexcept override { return name; }
        [[nodiscard]] bool is_wanted() const override { return true; }
        void answer(error_code ec, resolution what) override
        {
            CHECK(ec.operator bool() == what.addresses.empty());
            outcome = ec ? ec.message() : text_of(what);
        }
        void offer(resolution what, std::chrono::steady_clock::time_point) override
        {
            outcome = "offered " + text_of(what);
        }
        [[nodiscard]] static std::string text_of(resolution const& what)
        {
            std::string text;
            for (auto const& each : what.addresses)
                text += (text.empty() ? "" : " ") + each.to_string();
            return text;
        }
        std::string name, outcome = "waits";
    };
    auto const query = std::make_shared<question>(std::move(host));
    names.ask(query);
    return query->outcome;
}

auto const a = net::ip::make_address("192.0.2.1");
auto const b = net::ip::make_address("2001:db8::1");
std::string const not_found = error_code{net::error::host_not_found}.message();

} // namespace

TEST_CASE("fixed names: what is in the table is answered at once, the rest by another resolver")
{
    auto const others = std::make_shared<scripted_resolver>();
    fixed_names names{{{"Host.Example.", {b, a}}, {"none.example", {}}}, address_family::any, others};
    CHECK(ask(names, "host.example") == "2001:db8::1 192.0.2.1");
    CHECK(ask(names, "HOST.example.") == "2001:db8::1 192.0.2.1");
    CHECK(ask(names, "none.example") == not_found);
    CHECK(others->asked.empty());
    CHECK(ask(names, "other.example") == "waits");
    CHECK(others->asked == std::vector<std::string>{"other.example"});
    others->answer({}, found({"192.0.2.9"}));
}

TEST_CASE("fixed names: an asterisk is every name without an entry of its own")
{
    auto const others = std::make_shared<scripted_resolver>();
    fixed_names names{{{"*", {a}}, {"host.example", {b}}}, address_family::any, others};
    CHECK(ask(names, "host.example") == "2001:db8::1");
    CHECK(ask(names, "other.example") == "192.0.2.1");
    CHECK(others->asked.empty());
}

TEST_CASE("fixed names: of another family there is nothing in any answer")
{
    auto const others = std::make_shared<scripted_resolver>();
    fixed_names names{{{"both", {b, a}}, {"v6", {b}}}, address_family::v4, others};
    CHECK(ask(names, "both") == "192.0.2.1");
    CHECK(ask(names, "v6") == not_found); // of which the other one may know more: nobody asks it
    CHECK(others->asked.empty());
    others->answers = {{{}, found({"2001:db8::9", "192.0.2.9"})},
                       {{}, found({"2001:db8::9"})},
                       {net::error::host_not_found_try_again, {}}};
    CHECK(ask(names, "x") == "192.0.2.9");
    CHECK(ask(names, "x") == not_found);
    CHECK(ask(names, "x") == error_code{net::error::host_not_found_try_again}.message());
}

TEST_CASE("fixed names: without another resolver it is the system's, for the same family")
{
    event_loop loop;
    fixed_names names{{}, address_family::v4};
    completion<endpoints> end;
    async_resolve(names, loop.executor(), "localhost", 443, end.handler());
    REQUIRE(loop.run_until([&] { return end.done(); }));
    CHECK(end.value() == endpoints{{net::ip::address_v4::loopback(), 443}});
}
