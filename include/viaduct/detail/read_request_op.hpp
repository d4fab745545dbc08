#ifndef VIADUCT_DETAIL_READ_REQUEST_OP_HPP
#define VIADUCT_DETAIL_READ_REQUEST_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/run_rule.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/server/server_handshake.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace viaduct::detail {

/// The head under its clock; when that runs out, the answer to it under another.
template <class Stream>
class read_request_op
{
public:
    struct on_head
    {};
    struct on_answer
    {};

    read_request_op(Stream& stream, request_options const& options)
        : state_{std::make_unique<state>(stream, options)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        run(self, state_->head_timeout, on_head{});
    }

    template <class Self>
    void operator()(Self& self, on_head, error_code ec)
    {
        auto& s = *state_;
        if (ec != errc::head_timeout || s.rule.request().answered_status != 0) return finish(self, ec);
        s.rule.expire();
        run(self, answer_timeout, on_answer{});
    }

    template <class Self>
    void operator()(Self& self, on_answer, error_code)
    {
        finish(self, cancelled(self) ? error_code{net::error::operation_aborted}
                                     : make_error_code(errc::head_timeout));
    }

private:
    static constexpr std::chrono::milliseconds answer_timeout = std::chrono::seconds{2};

    struct state
    {
        state(Stream& st, request_options const& options)
            : stream{st},
              timer{st.get_executor()},
              rule{options},
              head_timeout{options.head_timeout}
        {}

        Stream& stream;
        net::steady_timer timer;
        server_handshake rule;
        std::chrono::milliseconds head_timeout;
    };

    template <class Self, class Tag>
    void run(Self& self, std::chrono::milliseconds limit, Tag tag)
    {
        auto& s = *state_;
        async_with_deadline(s.timer, limit, errc::head_timeout, async_run_rule(s.stream, s.rule, deferred),
                            prepend(std::move(self), tag));
    }

    template <class Self>
    void finish(Self& self, error_code ec)
    {
        auto request = std::move(state_->rule.request());
        state_.reset();
        self.complete(ec, std::move(request));
    }

    std::unique_ptr<state> state_;
};

} // namespace viaduct::detail

#endif
