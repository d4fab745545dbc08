#include "event_loop.hpp"
#include "scripted_resolver.hpp"
#include <viaduct/net/async_resolve.hpp>
#include <viaduct/net/caching_resolver.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::caching_options;
using viaduct::caching_resolver;
using viaduct::errc;
using viaduct::error_code;

namespace {

using endpoints = std::vector<net::ip::tcp::endpoint>;

error_code const unreachable = net::error::host_not_found_try_again;

/// Options under which addresses are stale as soon as they are there.
caching_options short_lived(std::chrono::milliseconds stale_after)
{
    caching_options options;
    options.cache.positive_max = 0s;
    options.cache.failure = 0s;
    options.stale_after = stale_after;
    return options;
}

struct caching_fixture : event_loop
{
    explicit caching_fixture(caching_options const& options = {}) : resolver{options_of(options)} {}

    completion<endpoints>& resolve(std::string host = "host.example")
    {
        auto& end = ends.emplace_back();
        async_resolve(*resolver, executor(), std::move(host), 443, end.handler());
        return end;
    }

    /// What a look-up ends with, that needs nobody's help any more.
    std::string outcome(completion<endpoints>& end)
    {
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        CHECK(end.error.operator bool() == end.value().empty());
        if (end.error) return end.error.message();
        std::string text;
        for (auto const& endpoint : end.value())
            text += (text.empty() ? "" : " ") + endpoint.address().to_string();
        return text;
    }
    std::string outcome() { return outcome(resolve()); }

    std::shared_ptr<scripted_resolver> names = std::make_shared<scripted_resolver>();
    std::unique_ptr<caching_resolver> resolver;
    std::deque<completion<endpoints>> ends;

private:
    std::unique_ptr<caching_resolver> options_of(caching_options const& options)
    {
        return std::make_unique<caching_resolver>(names, options);
    }
};

} // namespace

TEST_CASE("caching resolver: what is known is not asked for again, be it good or bad")
{
    caching_fixture f;
    f.names->answers = {{{}, found({"192.0.2.1", "2001:db8::1"})}, {net::error::host_not_found, {}}};
    CHECK(f.outcome() == "192.0.2.1 2001:db8::1");
    CHECK(f.outcome() == "192.0.2.1 2001:db8::1");
    CHECK(f.outcome(f.resolve("missing.example")) == error_code{net::error::host_not_found}.message());
    CHECK(f.outcome(f.resolve("missing.example")) == error_code{net::error::host_not_found}.message());
    CHECK(f.outcome(f.resolve("192.0.2.7")) == "192.0.2.7");
    CHECK(f.names->asked == std::vector<std::string>{"host.example", "missing.example"});
    CHECK(f.resolver->size() == 2);
}

TEST_CASE("caching resolver: those who ask for one name at a time wait for one look-up")
{
    caching_fixture f;
    for (int i = 0; i < 100; ++i)
        f.resolve().cancel.emit(net::cancellation_type::terminal); // these give up, and leave nothing behind
    auto& first = f.resolve();
    auto& second = f.resolve();
    auto& other = f.resolve("other.example");
    CHECK(f.names->asked == std::vector<std::string>{"host.example", "other.example"});
    f.names->answer({}, found({"192.0.2.1"}));
    CHECK(f.outcome(first) == "192.0.2.1");
    CHECK(f.outcome(second) == "192.0.2.1");
    CHECK_FALSE(other.done());
    f.names->answer(unreachable);
    CHECK(f.outcome(other) == unreachable.message());
    for (std::size_t i = 0; i < 100; ++i)
        CHECK(f.ends[i].error == net::error::operation_aborted);
}

TEST_CASE("caching resolver: a question that nobody waits for is not wanted, and holds up nobody later")
{
    caching_fixture f;
    auto& given_up = f.resolve();
    CHECK(f.names->waiting.front()->is_wanted());
    given_up.cancel.emit(net::cancellation_type::total);
    REQUIRE(f.run_until([&] { return given_up.done(); }));
    CHECK_FALSE(f.names->waiting.front()->is_wanted());

    auto& later = f.resolve();
    CHECK(f.names->asked.size() == 2);
    CHECK_FALSE(f.names->waiting.front()->is_wanted()); // once it has said no, it stays so
    f.names->waiting.front()->answer({}, found({"192.0.2.9"}));
    f.names->waiting.pop_front(); // as a resolver may do with what nobody wants
    f.names->answer({}, found({"192.0.2.1"}));
    CHECK(f.outcome(later) == "192.0.2.1");
    CHECK(f.outcome() == "192.0.2.1");
}

TEST_CASE(
    "caching resolver: stale addresses serve while the name service fails, and not for a name that is gone")
{
    caching_fixture f{short_lived(1h)};
    f.names->answers = {{{}, found({"192.0.2.1"})},
                        {unreachable, {}},
                        {errc::resolver_overloaded, {}},
                        {{}, found({"192.0.2.2"})},
                        {net::error::host_not_found, {}}};
    CHECK(f.outcome() == "192.0.2.1");
    CHECK(f.outcome() == "192.0.2.1");
    CHECK(f.outcome() == "192.0.2.1");
    CHECK(f.outcome() == "192.0.2.2");
    CHECK(f.outcome() == error_code{net::error::host_not_found}.message());
    CHECK(f.names->asked.size() == 5);
}

TEST_CASE(
    "caching resolver: stale addresses serve when the name service is late; its answer is for the next one")
{
    for (auto const patience : {0ms, 20ms}) {
        caching_fixture f{short_lived(patience)};
        f.names->answers = {{{}, found({"192.0.2.1"})}};
        CHECK(f.outcome() == "192.0.2.1");
        CHECK(f.outcome() == "192.0.2.1"); // without an answer
        CHECK(f.names->waiting.size() == 1);
        CHECK(f.outcome() == "192.0.2.1"); // at once, as the look-up is late already
        CHECK(f.names->asked.size() == 2);
        CHECK(f.names->waiting.front()->is_wanted()); // although nobody waits
        f.names->answer({}, found({"192.0.2.2"}));
        CHECK(f.outcome() == "192.0.2.2");
    }
}

TEST_CASE("caching resolver: new addresses in time pass the stale ones")
{
    caching_fixture f{short_lived(1h)};
    f.names->answers = {{{}, found({"192.0.2.1"})}};
    CHECK(f.outcome() == "192.0.2.1");
    auto& waits = f.resolve();
    f.run_steps(10, [&] { return waits.done(); });
    CHECK_FALSE(waits.done());
    f.names->answer({}, found({"192.0.2.2"}));
    CHECK(f.outcome(waits) == "192.0.2.2");

    auto& cancelled = f.resolve();
    f.run_steps(10, [&] { return cancelled.done(); });
    cancelled.cancel.emit(net::cancellation_type::partial);
    CHECK(f.outcome(cancelled) == error_code{net::error::operation_aborted}.message());
}

TEST_CASE("caching resolver: it may go while others wait, and a resolver may go without an answer")
{
    caching_fixture f;
    auto& first = f.resolve();
    auto& second = f.resolve("other.example");
    f.resolver.reset();
    f.names->answer({}, found({"192.0.2.1"}));
    CHECK(f.outcome(first) == "192.0.2.1");
    f.names->waiting.clear();
    CHECK(f.outcome(second) == error_code{net::error::operation_aborted}.message());
}

TEST_CASE("caching resolver: answers may come from any thread, while others give up")
{
    struct from_elsewhere final : viaduct::resolver
    {
        void ask(std::shared_ptr<viaduct::name_query> query) override
        {
            threads.emplace_back([query = std::move(query)] {
                if (query->is_wanted()) query->answer({}, found({"192.0.2.1"}));
            });
        }
        ~from_elsewhere() override
        {
            for (auto& thread : threads)
                thread.join();
        }
        std::deque<std::thread> threads;
    };
    caching_options options;
    options.cache.size = 1;
    for (int round = 0; round < 50; ++round) {
        auto const names = std::make_shared<from_elsewhere>();
        caching_resolver resolver{names, options};
        event_loop loop;
        std::deque<completion<endpoints>> ends(30);
        for (std::size_t i = 0; i < ends.size(); ++i)
            async_resolve(resolver, loop.executor(), std::string(1 + i % 2, 'a'), 1, ends[i].handler());
        for (std::size_t i = 0; i < ends.size(); i += 3)
            ends[i].cancel.emit(net::cancellation_type::total);
        REQUIRE(loop.run_until([&] {
            return std::all_of(ends.begin(), ends.end(), [](auto const& end) { return end.done(); });
        }));
        for (std::size_t i = 1; i < ends.size(); i += 3)
            CHECK_FALSE(ends[i].error);
    }
}
