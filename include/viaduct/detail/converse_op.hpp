#ifndef VIADUCT_DETAIL_CONVERSE_OP_HPP
#define VIADUCT_DETAIL_CONVERSE_OP_HPP

#include <viaduct/client/connect_conversation.hpp>
#include <viaduct/detail/answer_wait.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/point_after.hpp>
#include <viaduct/detail/run_rule.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/deadline.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace viaduct::detail {

/// What an authenticator has answered.
struct auth_answer
{
    error_code error{};
    std::string value{};
};

/// Takes the steps of a `connect_conversation` on one connection.
template <class Stream>
class converse_op : public one_step_at_a_time
{
public:
    struct on_authorized
    {};
    struct on_answer
    {};
    struct on_drained
    {};
    struct on_done
    {};

    converse_op(Stream* stream, connect_conversation* conversation)
        : stream_{stream},
          conversation_{conversation},
          timer_{stream->get_executor()},
          end_{point_after(std::chrono::steady_clock::now(), conversation->options().timeout)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        auto const first = conversation_->begin();
        if (first != step::done) return take(self, first);
        outcome_ = conversation_->error();
        net::post(stream_->get_executor(), self.then(on_done{})); // never at once
    }

    /// The wait for the authenticator is over: its answer is there, the time is, or the user has cancelled.
    template <class Self>
    void operator()(Self& self, on_authorized, error_code)
    {
        if (self.cancelled()) return finish(self, net::error::operation_aborted);
        if (!(*wait_).arrived()) return finish(self, errc::authentication_timeout);
        auto const& answer = (*wait_).answer();
        auto const next = conversation_->on_authorized(answer.error, answer.value);
        wait_.reset();
        take(self, next);
    }

    template <class Self>
    void operator()(Self& self, on_answer, error_code ec)
    {
        if (self.cancelled()) return finish(self, net::error::operation_aborted);
        take(self, conversation_->on_answer(ec));
    }

    template <class Self>
    void operator()(Self& self, on_drained, error_code ec)
    {
        if (self.cancelled()) return finish(self, net::error::operation_aborted);
        take(self, conversation_->on_drained(ec, is_idle(*stream_)));
    }

    template <class Self>
    void operator()(Self& self, on_done)
    {
        finish(self, outcome_);
    }

private:
    using step = connect_conversation::step;
    using duration = std::chrono::steady_clock::duration;

    [[nodiscard]] duration left() const
    {
        if (conversation_->options().timeout <= duration::zero()) return duration::zero(); // no limit
        return std::max(end_ - std::chrono::steady_clock::now(), duration{1});
    }

    template <class Self>
    void take(Self& self, step next)
    {
        switch (next) {
        case step::authorize: return authorize(self);
        case step::ask: return ask(self);
        case step::drain: return drain(self);
        case step::done: return finish(self, conversation_->error());
        }
    }

    template <class Self>
    void authorize(Self& self)
    {
        auto wait = wait_.start(timer_);
        timer_.expires_at(end_);
        timer_.async_wait(self.then(on_authorized{})); // before the answer, which ends it
        conversation_->authorize([wait = std::move(wait)](error_code ec, std::string value) {
            wait->bring({ec, std::move(value)});
        });
    }

    template <class Self>
    void ask(Self& self)
    {
        auto& rule = conversation_->handshake();
        async_with_deadline(timer_, left(), errc::handshake_timeout,
                            async_run_rule(*stream_, rule, rule.resume({}, 0), deferred),
                            self.then(on_answer{}));
    }

    template <class Self>
    void drain(Self& self)
    {
        auto& rule = conversation_->body();
        async_with_deadline(timer_, conversation_->options().body_timeout, errc::handshake_timeout,
                            async_run_rule(*stream_, rule, start_rule(*stream_, rule), deferred),
                            self.then(on_drained{}));
    }

    template <class Self>
    void finish(Self& self, error_code ec)
    {
        wait_.reset();
        self.complete(ec);
    }

    Stream* stream_;
    connect_conversation* conversation_;
    net::steady_timer timer_;
    answer_wait_owner<auth_answer> wait_; // destroyed before the timer
    std::chrono::steady_clock::time_point end_;
    error_code outcome_;
};

} // namespace viaduct::detail

#endif
