#ifndef VIADUCT_NET_DEADLINE_HPP
#define VIADUCT_NET_DEADLINE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/error.hpp>

#include <chrono>
#include <utility>

namespace viaduct {
namespace detail {

/// A limit as the clock counts; one that nobody will see the end of is none.
template <class Rep, class Period>
[[nodiscard]] std::chrono::steady_clock::duration as_limit(std::chrono::duration<Rep, Period> limit)
{
    using clock_duration = std::chrono::steady_clock::duration;
    constexpr std::chrono::hours longest{24 * 365 * 50};
    return limit < longest ? std::chrono::duration_cast<clock_duration>(limit) : clock_duration{0};
}

/// An operation, and a wait that ends it.
template <class Operation>
class deadline_op : public one_step_at_a_time
{
public:
    struct on_end
    {};
    struct on_time
    {};

    deadline_op(net::steady_timer* timer, std::chrono::steady_clock::duration limit, errc expired,
                Operation operation)
        : timer_{timer},
          limit_{limit},
          expired_{expired},
          operation_{std::move(operation)}
    {}

    using one_step_at_a_time::slot;
    [[nodiscard]] net::cancellation_slot slot(on_time) noexcept { return {}; }

    [[nodiscard]] auto get_executor() const { return timer_->get_executor(); }

    template <class Self>
    void operator()(Self& self)
    {
        if (self.cancelled())
            return self.complete(error_code{net::error::operation_aborted}); // before it has begun
        if (limit_ > limit_.zero())
            timer_->expires_after(limit_);
        else
            timer_->expires_at(net::steady_timer::time_point::max());
        timer_->async_wait(self.then(on_time{}));
        auto operation = std::move(operation_); // it is gone when it has started
        std::move(operation)(self.then(on_end{}));
    }

    template <class Self>
    void operator()(Self& self, on_end, error_code ec)
    {
        outcome_ = late_ && ec ? make_error_code(expired_) : ec;
        timer_->cancel();
        end_part(self);
    }

    template <class Self>
    void operator()(Self& self, on_time, error_code)
    {
        if (parts_ == 2) { // the operation is still under way
            late_ = true;
            cancel();
        }
        end_part(self);
    }

private:
    template <class Self>
    void end_part(Self& self)
    {
        if (--parts_ != 0) return;
        self.complete(self.cancelled() ? error_code{net::error::operation_aborted} : outcome_);
    }

    net::steady_timer* timer_;
    std::chrono::steady_clock::duration limit_;
    errc expired_;
    bool late_ = false;
    int parts_ = 2;
    Operation operation_;
    error_code outcome_;
};

} // namespace detail

/// Runs an operation, and cancels it when it takes too long.
/**
 * @param timer Used for the deadline; must stay where it is until the completion, and have no other wait. Its
 * executor and that of the operation must be one thread or one strand.
 * @param limit From the start of the operation on; zero or less means no limit.
 * @param expired What to report when the time was over before the operation was.
 * @param operation A deferred operation with the completion signature `void(error_code)`; it must honour
 * terminal cancellation. What it uses must live until the completion.
 * @param token The completion token.
 *
 * @par Completion Signature
 * @code void(error_code) @endcode
 * The operation's own outcome; `expired` if the time was over and the operation had not succeeded by then; or
 * `operation_aborted` after a cancellation.
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total: the operation is cancelled in turn, and the completion waits for it.
 */
template <class Rep, class Period, class Operation, class CompletionToken>
auto async_with_deadline(net::steady_timer& timer, std::chrono::duration<Rep, Period> limit, errc expired,
                         Operation operation, CompletionToken&& token)
{
    return detail::async_stable<detail::deadline_op<Operation>, void(error_code)>(
        std::forward<CompletionToken>(token), &timer, detail::as_limit(limit), expired, std::move(operation));
}

} // namespace viaduct

#endif
