#include <viaduct/testing/tracked_handler.hpp> // the header is self-contained

// The parts of viaduct/testing/ that watch how an operation treats its handler, and move its time. What they
// find is shown with operations that are wrong on purpose.

#include "event_loop.hpp"
#include <viaduct/testing/duplex_pair.hpp>
#include <viaduct/testing/manual_clock.hpp>
#include <viaduct/testing/scripted_peer.hpp>
#include <viaduct/testing/tracker_executor.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <thread>

using namespace fixture;
using viaduct::error_code;
using namespace viaduct::testing;

namespace {

/// An asynchronous operation that does with its handler whatever a test wants.
template <class Handler, class Deed>
void async_deed(Handler&& handler, Deed deed)
{
    deed(std::move(handler));
}

/// Keeps a handler on the heap, in memory that comes from the handler's allocator.
template <class Handler>
struct block
{
    using allocator = typename std::allocator_traits<
        typename std::decay_t<Handler>::allocator_type>::template rebind_alloc<char>;

    explicit block(Handler const& handler) : from{handler.get_allocator()}, memory{from.allocate(8)} {}
    ~block() { from.deallocate(memory, 8); }

    allocator from;
    char* memory;
};

auto deed_of(std::string const& name, net::io_context& context)
{
    return [&context, name](auto handler) {
        auto const executor = net::get_associated_executor(handler, context.get_executor());
        if (name == "good") net::post(executor, [h = std::move(handler)]() mutable { h({}, 7); });
        if (name == "at once") handler({}, 7);
        if (name == "elsewhere") net::post(context, [h = std::move(handler)]() mutable { h({}, 7); });
        if (name == "twice")
            net::post(executor, [h = std::move(handler)]() mutable {
                h({}, 7);
                h({}, 8);
            });
        if (name == "holds memory") {
            auto held = std::make_shared<block<decltype(handler)>>(handler);
            net::post(executor, [held, h = std::move(handler)]() mutable { h({}, 7); });
        }
        if (name == "gives memory back") {
            block<decltype(handler)> const held{handler};
            net::post(executor, [h = std::move(handler)]() mutable { h({}, 7); });
        }
    };
}

} // namespace

TEST_CASE("A tracked handler tells in words which promise an operation broke")
{
    struct
    {
        char const* deed;
        char const* problem;
    } const rows[] = {
        {"good", ""},
        {"gives memory back", ""},
        {"at once",
         "handler 1 was called inside the initiating function; handler 1 was called outside of its executor"},
        {"elsewhere", "handler 1 was called outside of its executor"},
        {"twice", "handler 1 was called twice"},
        {"holds memory", "handler 1 was called before its memory was given back"},
        {"forgets it", "handler 1 was destroyed without having been called"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.deed);
        net::io_context context;
        handler_tracker<int> end;
        async_deed(end.handler(context.get_executor()), deed_of(row.deed, context));
        context.run();
        CHECK(end.problem() == row.problem);
        CHECK(end.destroyed() == (row.deed == std::string{"forgets it"}));
        CHECK(end.done() != end.destroyed());
    }
}

TEST_CASE("A tracked handler brings what the operation completed with, and cancels it")
{
    event_loop loop;
    auto [near, far] = duplex_pair(loop.executor());
    char memory[8] = {};
    handler_tracker<std::size_t> read;
    handler_tracker<std::size_t> written;

    near.async_read_some(net::buffer(memory), read.handler(loop.executor()));
    loop.context.poll();
    CHECK_FALSE(read.done());
    read.cancel();
    REQUIRE(loop.run_until([&] { return read.done(); }));
    CHECK(read.error() == net::error::operation_aborted);

    near.async_read_some(net::buffer(memory), read.handler(loop.executor())); // one after the other
    far.async_write_some(net::buffer("hello", 5), written.handler());         // on any executor
    REQUIRE(loop.run_until([&] { return read.done() && written.done(); }));
    CHECK(read.error() == error_code{});
    CHECK(read.value() == 5);
    CHECK(read.problem() + written.problem() == "");
    CHECK(read.allocations() > 0);
}

TEST_CASE("A handler on another thread may be called while the initiating function still runs")
{
    net::io_context context;
    handler_tracker<> end;
    async_deed(end.handler(), [](auto handler) { std::thread{std::move(handler), error_code{}}.join(); });
    CHECK(end.done());
    CHECK(end.problem() == "");
}

TEST_CASE("A handler that ends with its context is no problem where a test wants that")
{
    handler_tracker<> end;
    end.may_be_destroyed();
    {
        net::io_context context;
        net::post(context, end.handler());
    }
    CHECK(end.destroyed());
    CHECK(end.problem() == "");
}

TEST_CASE("A tracker executor remembers what is submitted to it, and knows who runs inside")
{
    net::io_context context;
    tracker_executor const executor{context.get_executor()};
    CHECK_FALSE(executor.running_here());
    bool nested = false;
    net::post(executor, [&] {
        CHECK(executor.running_here());
        net::dispatch(executor, [&] { nested = true; });
        CHECK(nested); // at once, for this is inside
        auto const later = net::prefer(net::require(executor, net::execution::blocking.never),
                                       net::execution::relationship.continuation);
        later.execute([&] { CHECK(executor.running_here()); });
    });
    net::post(context, [&] { CHECK_FALSE(executor.running_here()); });
    CHECK(executor.waiting() == 1);
    context.run();
    CHECK(executor.outline() == "post, dispatch, defer");
    CHECK(executor.count(submission::post) == 1);
    CHECK(executor.waiting() == 0);
    CHECK(executor.dropped() == 0);
}

TEST_CASE("A tracker executor goes where an executor goes, and counts the work of an operation")
{
    auto context = std::make_unique<net::io_context>();
    tracker_executor const executor{context->get_executor()};
    CHECK(net::any_io_executor{executor} == net::any_io_executor{executor});
    CHECK(&net::query(net::any_io_executor{executor}, net::execution::context) == context.get());
    {
        net::steady_timer timer{executor, std::chrono::hours{1}};
        CHECK(executor.work() == 0);
        timer.async_wait([&](error_code) { CHECK(executor.running_here()); });
        CHECK(executor.work() > 0);
        timer.cancel();
        context->run();
        CHECK(executor.work() == 0);
    }
    net::post(executor, [] { FAIL("nobody runs this"); });
    context.reset();
    CHECK(executor.dropped() == 1);
}

TEST_CASE("A manual timer expires when the clock is moved, in the order of the times, and not before")
{
    using namespace std::chrono_literals;
    net::io_context context;
    std::string order;
    manual_timer hour{context.get_executor(), 1h};
    manual_timer minute{context.get_executor(), 1min};
    net::basic_waitable_timer<manual_clock> day{context, 24h}; // Asio's own, in a context that is driven
    hour.async_wait([&](error_code ec) { order += ec ? "?" : "h"; });
    minute.async_wait([&](error_code ec) { order += ec ? "?" : "m"; });
    day.async_wait([&](error_code ec) { order += ec ? "cancelled" : "d"; });

    context.poll();
    manual_clock::advance(59s);
    context.poll();
    CHECK(order == "");
    manual_clock::advance(2h);
    context.poll();
    CHECK(order == "mh");
    day.cancel();
    context.run();
    CHECK(order == "mhcancelled");
    CHECK(manual_clock::now().time_since_epoch() >= 2h);
}

TEST_CASE("The manual clock wakes a thread that waits in its context, and forgets a context that has ended")
{
    using namespace std::chrono_literals;
    {
        net::io_context context;
        manual_timer timer{context.get_executor(), 100h};
        timer.async_wait([](error_code) {});
        std::thread other{[&] { context.run(); }};
        manual_clock::advance(100h);
        other.join(); // without a sleep of its own
    }
    manual_clock::advance(1h); // nobody is left to be woken
}

TEST_CASE("A scripted peer pauses in virtual time")
{
    using namespace std::chrono_literals;
    event_loop loop;
    auto [near, far] = duplex_pair(loop.executor());
    scripted_peer<duplex_stream, manual_timer> peer{std::move(far)};
    peer.pause(24h).reply("good morning").pause(1h).start();
    char memory[20] = {};
    handler_tracker<std::size_t> read;
    near.async_read_some(net::buffer(memory), read.handler(loop.executor()));

    loop.context.poll();
    CHECK(peer.pausing());
    CHECK_FALSE(read.done());
    manual_clock::advance(24h);
    REQUIRE(loop.run_until([&] { return read.done(); }));
    CHECK(read.value() == 12);
    CHECK(read.problem() == "");
    CHECK(peer.pausing()); // once more; it ends with the peer
}
