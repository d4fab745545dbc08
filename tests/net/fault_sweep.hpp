#ifndef VIADUCT_TESTS_NET_FAULT_SWEEP_HPP
#define VIADUCT_TESTS_NET_FAULT_SWEEP_HPP

// Include it in the one source file of a test program: it replaces the functions that allocate, to see
// whether everything is given back.

#include "event_loop.hpp"
#include <viaduct/testing/tracked_handler.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>

namespace fixture {

inline std::atomic<long> blocks_in_use = 0; // of the whole program, worker threads included

} // namespace fixture

void* operator new(std::size_t size)
{
    void* const memory = std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc{};
    ++fixture::blocks_in_use;
    return memory;
}

void operator delete(void* memory) noexcept
{
    if (memory != nullptr) --fixture::blocks_in_use;
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    operator delete(memory);
}

namespace fixture {

/// What happens to an operation in the middle.
enum class fault
{
    none,
    failure, // of what it reads from, writes to or talks with
    terminal,
    partial,
    total,
    destruction, // of the context, and so of the operation
    cancelled_destruction
};

[[nodiscard]] inline std::string_view name_of(fault f)
{
    constexpr std::string_view names[] = {
        "none", "failure", "terminal", "partial", "total", "destruction", "cancelled destruction"};
    return names[static_cast<std::size_t>(f)];
}

/// Which cancellations an operation honours.
enum class cancelled_by
{
    nothing,
    terminal,
    every_type
};

/// What the contract of an operation says of its ends.
struct sweep_law
{
    viaduct::error_code whole = {};                                // if nothing happens to it
    viaduct::error_code cancelled = net::error::operation_aborted; // if it has not ended before
    viaduct::error_code failed = net::error::host_unreachable;     // what else a failing stream is told as
    cancelled_by by = cancelled_by::every_type;                    // by others it goes on
    bool may_be_over = false; // a while before the handler is called: a cancellation then changes nothing
};

/// Whether they say the same; success has several categories.
[[nodiscard]] inline bool same(viaduct::error_code a, viaduct::error_code b)
{
    return a == b || (!a && !b);
}

/// Plays one scene again and again, with another fault at another step each time.
/**
 * A scene is an `event_loop` in which one operation starts:
 *
 * @code
 * struct reading : event_loop
 * {
 *     using outcome = handler_tracker<connect_request>;      // what the operation completes with
 *     template <class Handler> void start(Handler handler);  // starts it, and all that it needs to end
 *     duplex_stream& faulty();   // optional: its n-th operation is to fail ...
 *     void strike();             // ... or else: breaks what the operation works with, here and now
 *     void check_end();          // optional: what else holds once the handler was called
 * };
 * @endcode
 *
 * A step is a handler that the context runs, or for `faulty` one operation of the stream. Whatever the fault
 * and the step, the handler is called once, later than the initiating function and on its executor, or is
 * destroyed with the context; and when the scene is over no memory, descriptor or work is left. Nothing
 * depends on time: each step waits for what makes it.
 */
template <class Scene>
class fault_sweep
{
public:
    explicit fault_sweep(sweep_law law) : law_{law} {}

    void run()
    {
        play(fault::none, never);
        if constexpr (can_strike || has_faulty_stream) at_every_step(fault::failure);
        for (auto const each : {fault::terminal, fault::partial, fault::total, fault::cancelled_destruction,
                                fault::destruction})
            at_every_step(each);
    }

private:
    using outcome = typename Scene::outcome;

    static constexpr auto failure = net::error::host_unreachable;
    static constexpr std::size_t never = static_cast<std::size_t>(-1);
    static constexpr bool can_strike = requires(Scene & s) { s.strike(); };
    static constexpr bool has_faulty_stream = requires(Scene & s) { s.faulty(); };

    void at_every_step(fault what)
    {
        for (std::size_t n = 0; play(what, n); ++n)
            REQUIRE(n < 1000);
    }

    /// Whether the operation was still under way when its fault was due.
    bool play(fault what, std::size_t n)
    {
        CAPTURE(name_of(what));
        CAPTURE(n);
        auto const descriptors = open_descriptors();
        auto blocks = blocks_in_use.load();
        bool const struck = play_and_forget(what, n);
        if (blocks_in_use.load() != blocks) { // what a program makes once it does not make again
            blocks = blocks_in_use;
            play_and_forget(what, n);
        }
        CHECK(blocks_in_use.load() == blocks);
        CHECK(open_descriptors() == descriptors);
        return struck;
    }

    bool play_and_forget(fault what, std::size_t n)
    {
        outcome end;
        auto scene = std::make_unique<Scene>();
        viaduct::testing::tracker_executor const where{scene->executor()};
        fail_later(*scene, what, n);
        scene->start(end.handler(where));
        CHECK_FALSE(end.done());
        for (std::size_t i = 0; i != n && !end.done(); ++i)
            step(*scene);
        bool struck = !end.done();
        if (struck) struck = strike(*scene, what, end);
        if (what < fault::destruction) {
            while (!end.done())
                step(*scene);
            check_end(what, struck, end);
            if constexpr (requires { scene->check_end(); }) scene->check_end();
            scene->context.poll(); // a second call would come now
        } else {
            end.may_be_destroyed();
        }
        if constexpr (has_faulty_stream)
            if (what == fault::failure) struck = scene->faulty().operations() > n;
        if (end.done()) [[maybe_unused]]
            auto const result = std::move(end.values()); // it may need the context
        scene.reset();
        CHECK(end.done() != end.destroyed());
        CHECK(end.problem() == "");
        CHECK(where.work() == 0);
        CHECK(where.waiting() == 0);
        return struck;
    }

    static void step(Scene& scene)
    {
        scene.context.restart();
        if (scene.context.poll_one() == 0)
            REQUIRE(scene.context.run_one_for(std::chrono::seconds{20}) == 1); // else it would wait for ever
    }

    static void fail_later(Scene& scene, fault what, std::size_t& n)
    {
        if constexpr (has_faulty_stream) {
            if (what != fault::failure) return;
            scene.faulty().behaviour().fail_at = n;
            scene.faulty().behaviour().error = failure;
        }
    }

    static bool strike(Scene& scene, fault what, outcome& end)
    {
        switch (what) {
        case fault::none: return false;
        case fault::failure:
            if constexpr (can_strike) scene.strike();
            return true;
        case fault::terminal:
        case fault::cancelled_destruction: end.cancel(net::cancellation_type::terminal); return true;
        case fault::partial: end.cancel(net::cancellation_type::partial); return true;
        case fault::total: end.cancel(net::cancellation_type::total); return true;
        case fault::destruction: return true;
        }
        return false;
    }

    void check_end(fault what, bool struck, outcome& end) const
    {
        CAPTURE(end.error());
        bool const cancelled = struck && honours(what);
        bool const is_whole = same(end.error(), law_.whole);
        if (cancelled)
            CHECK((same(end.error(), law_.cancelled) || (law_.may_be_over && is_whole)));
        else if (what != fault::failure || !struck)
            CHECK(is_whole);
        else if (has_faulty_stream)
            CHECK((end.error() == failure || end.error() == law_.failed || is_whole));
    }

    [[nodiscard]] bool honours(fault what) const
    {
        if (what == fault::terminal) return law_.by != cancelled_by::nothing;
        return (what == fault::partial || what == fault::total) && law_.by == cancelled_by::every_type;
    }

    sweep_law law_;
};

template <class Scene>
void sweep(sweep_law law = {})
{
    fault_sweep<Scene>{law}.run();
}

} // namespace fixture

#endif
