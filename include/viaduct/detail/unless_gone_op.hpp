#ifndef VIADUCT_DETAIL_UNLESS_GONE_OP_HPP
#define VIADUCT_DETAIL_UNLESS_GONE_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/server/request.hpp>

#include <chrono>
#include <tuple>
#include <utility>

namespace viaduct::detail {

/// How long a client is not watched: most tunnels are open by then, and to watch costs a system call.
inline constexpr std::chrono::milliseconds unwatched{250};

/// An operation that is given up when the client resets its connection.
template <class Operation, class... Values>
class unless_gone_op
{
public:
    struct on_end
    {};
    struct on_time
    {};
    struct on_event
    {};

    unless_gone_op(request* asked, bool* is_gone, Operation operation)
        : asked_{asked},
          is_gone_{is_gone},
          timer_{asked->get_executor()},
          operation_{std::move(operation)}
    {}

    [[nodiscard]] net::cancellation_slot slot(on_end) noexcept { return step_.slot(); }
    [[nodiscard]] net::cancellation_slot slot(on_time) noexcept { return {}; }
    [[nodiscard]] net::cancellation_slot slot(on_event) noexcept { return watch_.slot(); }
    [[nodiscard]] auto get_executor() const { return asked_->get_executor(); }

    void cancel() { step_.emit(net::cancellation_type::terminal); }

    template <class Self>
    void operator()(Self& self)
    {
        if (self.cancelled()) return self.complete(error_code{net::error::operation_aborted}, Values{}...);
        timer_.expires_after(unwatched);
        timer_.async_wait(self.then(on_time{}));
        operation_(self.then(on_end{}));
    }

    template <class Self>
    void operator()(Self& self, on_end, error_code ec, Values... values)
    {
        is_over_ = true;
        outcome_ = ec;
        values_ = std::tuple<Values...>{std::move(values)...};
        timer_.cancel();
        watch_.emit(net::cancellation_type::terminal);
        end_part(self);
    }

    template <class Self>
    void operator()(Self& self, on_time, error_code)
    {
        if (!is_over_) {
            ++parts_;
            asked_->async_wait_client_gone(self.then(on_event{}));
        }
        end_part(self);
    }

    template <class Self>
    void operator()(Self& self, on_event, error_code ec)
    {
        if (!is_over_ && ec == net::error::connection_reset) {
            *is_gone_ = true;
            cancel();
        }
        end_part(self);
    }

private:
    template <class Self>
    void end_part(Self& self)
    {
        if (--parts_ != 0) return;
        if (self.cancelled()) outcome_ = net::error::operation_aborted;
        std::apply([&](auto&... values) { self.complete(outcome_, std::move(values)...); }, values_);
    }

    request* asked_;
    bool* is_gone_;
    net::steady_timer timer_;
    Operation operation_;
    net::cancellation_signal step_;
    net::cancellation_signal watch_;
    std::tuple<Values...> values_{};
    error_code outcome_;
    int parts_ = 2;
    bool is_over_ = false;
};

/// Runs an operation, and cancels it once the client has reset its connection.
/**
 * @param asked Neither answered nor destroyed before the completion. All runs on its executor.
 * @param is_gone Becomes true when the client is gone, whatever the operation makes of its cancellation.
 * @param operation Called with a handler: starts an operation with the completion signature
 * `void(error_code, Values...)`, which honours terminal cancellation.
 * @param token The completion token, with the operation's own outcome; `operation_aborted` after a
 * cancellation, in any type.
 */
template <class... Values, class Operation, class CompletionToken>
auto async_unless_gone(request& asked, bool& is_gone, Operation operation, CompletionToken&& token)
{
    return async_stable<unless_gone_op<Operation, Values...>, void(error_code, Values...)>(
        std::forward<CompletionToken>(token), &asked, &is_gone, std::move(operation));
}

} // namespace viaduct::detail

#endif
