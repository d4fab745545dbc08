#ifndef VIADUCT_DETAIL_READ_REQUEST_OP_HPP
#define VIADUCT_DETAIL_READ_REQUEST_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/run_rule.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/server/server_handshake.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace viaduct::detail {

/// The head under its clock; when that runs out, the answer to it under another.
template <class Stream>
class read_request_op : public one_step_at_a_time
{
public:
    struct on_head
    {};
    struct on_answer
    {};

    read_request_op(Stream* stream, request_options const& options)
        : stream_{stream},
          rule_{options},
          head_timeout_{options.head_timeout}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        auto const next = start_rule(*stream_, rule_);
        if (!next.is_done()) return run(next, head_timeout_, self.then(on_head{}));
        net::post(stream_->get_executor(), prepend(self.then(on_head{}), next.error));
    }

    template <class Self>
    void operator()(Self& self, on_head, error_code ec)
    {
        if (ec != errc::head_timeout || rule_.request().answered_status != 0) return finish(self, ec);
        rule_.expire();
        run(rule_.resume({}, 0), answer_timeout, self.then(on_answer{}));
    }

    template <class Self>
    void operator()(Self& self, on_answer, error_code)
    {
        finish(self, self.cancelled() ? error_code{net::error::operation_aborted}
                                      : make_error_code(errc::head_timeout));
    }

private:
    static constexpr std::chrono::milliseconds answer_timeout = std::chrono::seconds{2};

    template <class Step>
    void run(action next, std::chrono::milliseconds limit, Step step)
    {
        if (!timer_) timer_.emplace(stream_->get_executor());
        async_with_deadline(*timer_, limit, errc::head_timeout,
                            async_run_rule(*stream_, rule_, next, deferred), std::move(step));
    }

    template <class Self>
    void finish(Self& self, error_code ec)
    {
        rule_.request().read_at = std::chrono::steady_clock::now();
        self.complete(ec, std::move(rule_.request()));
    }

    Stream* stream_;
    std::optional<net::steady_timer> timer_; // once there is something to wait for
    server_handshake rule_;
    std::chrono::milliseconds head_timeout_;
};

} // namespace viaduct::detail

#endif
