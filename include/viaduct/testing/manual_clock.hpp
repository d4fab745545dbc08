#ifndef VIADUCT_TESTING_MANUAL_CLOCK_HPP
#define VIADUCT_TESTING_MANUAL_CLOCK_HPP

#include <viaduct/detail/asio.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <ratio>
#include <utility>
#include <vector>

namespace viaduct::testing {

/// A clock that stands still until a test moves it.
/**
 * Meets the requirements of a C++ clock, so there is one time for the whole process. A timer that counts with
 * it, `manual_timer`, expires when the clock is moved past its time and at no other moment: an hour passes in
 * no time, and a test that waits for a timeout neither sleeps nor hurries.
 *
 * @code
 * net::io_context context;
 * manual_timer timer{context.get_executor(), std::chrono::hours{1}};
 * timer.async_wait([](error_code) { ... });
 * context.poll();                               // not yet
 * manual_clock::advance(std::chrono::hours{1});
 * context.run_one();                            // now
 * @endcode
 *
 * Code that shall be tested so takes its clock, or its timer, as a template parameter with
 * `std::chrono::steady_clock` as the default. A rule that takes the time as an argument (`relay_clock`,
 * `token_bucket`) needs neither.
 *
 * Thread safety: safe.
 */
class manual_clock
{
public:
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<manual_clock>;

    static constexpr bool is_steady = true;

    /// The time, which begins with zero.
    [[nodiscard]] static time_point now() noexcept { return time_point{duration{ticks_.load()}}; }

    /// Moves the time on, and wakes the timers whose time has come.
    /**
     * They expire in the order of their times, and all of them see the new time: what happens in steps needs
     * a call for each step.
     *
     * @param by Zero or more.
     */
    static void advance(duration by)
    {
        ticks_ += std::max<rep>(by.count(), 0);
        std::lock_guard const lock{mutex_};
        for (auto* const each : contexts_)
            each->wake();
    }

    /// Makes `advance` wake the timers of this executor's context.
    /** A `manual_timer` does this by itself; a `net::basic_waitable_timer<manual_clock>` needs it once. */
    static void drive(net::any_io_executor const& executor)
    {
        auto& context = net::query(executor, net::execution::context);
        std::lock_guard const lock{mutex_};
        if (!net::has_service<driven_context>(context))
            contexts_.push_back(&net::make_service<driven_context>(context, executor));
    }

private:
    /// A context with timers, as long as it exists.
    class driven_context final : public net::execution_context::service
    {
    public:
        static inline net::execution_context::id id;

        driven_context(net::execution_context& owner, net::any_io_executor const& executor)
            : service{owner},
              alarm_{executor}
        {}

        /// Asio looks at its timers anew when there is one that comes before all others.
        void wake()
        {
            alarm_.expires_at(time_point::min());
            alarm_.async_wait([](error_code) {});
        }

    private:
        void shutdown() override
        {
            std::lock_guard const lock{mutex_};
            contexts_.erase(std::remove(contexts_.begin(), contexts_.end(), this), contexts_.end());
        }

        net::basic_waitable_timer<manual_clock> alarm_;
    };

    static inline std::atomic<rep> ticks_ = 0;
    static inline std::mutex mutex_;
    static inline std::vector<driven_context*> contexts_;
};

/// A timer that counts with the manual clock.
/** All that `net::steady_timer` can do. */
class manual_timer : public net::basic_waitable_timer<manual_clock>
{
    using base = net::basic_waitable_timer<manual_clock>;

public:
    explicit manual_timer(executor_type const& executor) : base{executor} { manual_clock::drive(executor); }

    manual_timer(executor_type const& executor, duration after) : base{executor, after}
    {
        manual_clock::drive(executor);
    }

    manual_timer(executor_type const& executor, time_point at) : base{executor, at}
    {
        manual_clock::drive(executor);
    }
};

} // namespace viaduct::testing

/// How long Asio may sleep until it looks at such a timer again: for ever, if it is not due yet.
template <>
struct viaduct::net::wait_traits<viaduct::testing::manual_clock>
{
    using clock = viaduct::testing::manual_clock;

    [[nodiscard]] static clock::duration to_wait_duration(clock::duration const& left) noexcept
    {
        return left.count() <= 0 ? clock::duration::zero() : clock::duration::max();
    }

    [[nodiscard]] static clock::duration to_wait_duration(clock::time_point const& when) noexcept
    {
        return when <= clock::now() ? clock::duration::zero() : clock::duration::max();
    }
};

#endif
