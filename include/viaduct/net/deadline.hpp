#ifndef VIADUCT_NET_DEADLINE_HPP
#define VIADUCT_NET_DEADLINE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

namespace viaduct {
namespace detail {

template <class Operation>
class deadline_op
{
public:
    deadline_op(net::steady_timer& timer, errc expired, Operation operation)
        : timer_{&timer},
          expired_{expired},
          operation_{std::move(operation)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& timer = *timer_;
        auto operation = std::move(operation_);
        // Both must run where the handler runs, for whichever ends first cancels the other.
        auto const executor = self.get_executor();
        net::experimental::make_parallel_group(net::bind_executor(executor, std::move(operation)),
                                               net::bind_executor(executor, timer.async_wait(deferred)))
            .async_wait(net::experimental::wait_for_one(), std::move(self));
    }

    template <class Self>
    void operator()(Self& self, std::array<std::size_t, 2> order, error_code ec, error_code)
    {
        bool const timer_was_first = order[0] == 1;
        if (cancelled(self))
            self.complete(net::error::operation_aborted);
        else if (timer_was_first && ec)
            self.complete(expired_);
        else
            self.complete(ec);
    }

private:
    net::steady_timer* timer_;
    errc expired_;
    Operation operation_;
};

} // namespace detail

/// Runs an operation, and cancels it when it takes too long.
/**
 * @param timer Used for the deadline; must stay where it is until the completion, and have no other wait.
 * @param limit From now on; zero or less means no limit.
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
template <class Operation, class CompletionToken>
auto async_with_deadline(net::steady_timer& timer, std::chrono::steady_clock::duration limit, errc expired,
                         Operation operation, CompletionToken&& token)
{
    if (limit > limit.zero())
        timer.expires_after(limit);
    else
        timer.expires_at(net::steady_timer::time_point::max());
    return net::async_compose<CompletionToken, void(error_code)>(
        detail::deadline_op<Operation>{timer, expired, std::move(operation)}, token, timer);
}

} // namespace viaduct

#endif
