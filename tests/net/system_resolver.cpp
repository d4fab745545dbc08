#include "event_loop.hpp"
#include <viaduct/net/system_resolver.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

using namespace fixture;
using viaduct::error_code;
using viaduct::system_resolver;

namespace {

using endpoints = std::vector<net::ip::tcp::endpoint>;

struct resolver_fixture : event_loop
{
    void resolve(std::string host)
    {
        resolver->async_resolve(executor(), std::move(host), 443, end.handler());
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

} // namespace

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
    resolver_fixture f;
    f.resolve(std::string(300, 'x'));
    CHECK(f.run().empty());
    CHECK(f.end.error);
    CHECK(f.end.error != net::error::operation_aborted);
}

TEST_CASE("system resolver: a cancellation of any type ends it at once, whatever the name service does")
{
    for (auto const type : every_cancellation)
        for (auto const host : {"localhost", "192.0.2.7", "slow.invalid"}) {
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
        resolver.async_resolve(loop.executor(), "localhost", 1, end.handler());
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
        shared.async_resolve(f->executor(), "localhost", 443, f->end.handler());
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
    f.resolver->async_resolve(f.executor(), "localhost", 443,
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
