#include "event_loop.hpp"
#include <viaduct/net/deadline.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <ostream>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::async_with_deadline;
using viaduct::errc;
using viaduct::error_code;
using viaduct::detail::deferred;

namespace {

/// An operation that takes as long as its timer, and a timer for the deadline.
struct deadline_fixture : event_loop
{
    net::steady_timer work{context, std::chrono::steady_clock::time_point::max()};
    net::steady_timer timer{context};
    completion<> end;

    auto working() { return work.async_wait(deferred); }
};

} // namespace

TEST_CASE("deadline: an operation that is in time keeps its own outcome")
{
    deadline_fixture f;
    f.work.expires_after(0s);
    async_with_deadline(f.timer, 1h, errc::idle_timeout, f.working(), f.end.handler());
    CHECK(f.end.calls == 0); // never inside the initiating function
    REQUIRE(f.run_until([&] { return f.end.done(); }));
    CHECK_FALSE(f.end.error);
    CHECK(f.context.run_for(20s) == 0); // and the clock has been stopped
}

TEST_CASE("deadline: an operation that fails in time is not called late")
{
    deadline_fixture f;
    async_with_deadline(f.timer, 1h, errc::idle_timeout, f.working(), f.end.handler());
    net::post(f.context, [&] { f.work.cancel(); });
    REQUIRE(f.run_until([&] { return f.end.done(); }));
    CHECK(f.end.error == net::error::operation_aborted);
}

TEST_CASE("deadline: an operation that takes too long is cancelled, and the error is the one asked for")
{
    deadline_fixture f;
    async_with_deadline(f.timer, 10ms, errc::idle_timeout, f.working(), f.end.handler());
    REQUIRE(f.run_until([&] { return f.end.done(); }));
    CHECK(f.end.error == errc::idle_timeout);
}

TEST_CASE("deadline: zero means no limit")
{
    for (auto const limit : {0ms, -1ms}) {
        deadline_fixture f;
        f.work.expires_after(20ms);
        async_with_deadline(f.timer, limit, errc::idle_timeout, f.working(), f.end.handler());
        REQUIRE(f.run_until([&] { return f.end.done(); }));
        CHECK_FALSE(f.end.error);
    }
}

TEST_CASE("deadline: an operation that succeeds although its time was over has succeeded")
{
    deadline_fixture f;
    f.work.expires_after(30ms);
    auto stubborn = net::async_initiate<decltype(deferred) const&, void(error_code)>(
        [&](auto handler) {
            auto const kept = std::make_shared<decltype(handler)>(std::move(handler));
            f.work.async_wait([kept](error_code ec) { std::move (*kept)(ec); }); // without its slot
        },
        deferred);
    async_with_deadline(f.timer, 1ms, errc::idle_timeout, std::move(stubborn), f.end.handler());
    REQUIRE(f.run_until([&] { return f.end.done(); }));
    CHECK_FALSE(f.end.error);
}

TEST_CASE("deadline: a cancellation is told as one, whatever its type and however late it comes")
{
    for (auto const type : every_cancellation)
        for (std::size_t steps = 0; steps < 4; ++steps) {
            deadline_fixture f;
            async_with_deadline(f.timer, 1ns, errc::idle_timeout, f.working(), f.end.handler());
            f.run_steps(steps, [&] { return f.end.done(); });
            bool const in_time = !f.end.done();
            f.end.cancel.emit(type);
            REQUIRE(f.run_until([&] { return f.end.done(); }));
            CHECK(f.end.calls == 1);
            CHECK(f.end.error ==
                  (in_time ? error_code{net::error::operation_aborted} : error_code{errc::idle_timeout}));
        }
}
