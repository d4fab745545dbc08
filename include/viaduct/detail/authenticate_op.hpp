#ifndef VIADUCT_DETAIL_AUTHENTICATE_OP_HPP
#define VIADUCT_DETAIL_AUTHENTICATE_OP_HPP

#include <viaduct/auth/verifier.hpp>
#include <viaduct/detail/answer_wait.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/point_after.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/fields.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct {

struct authentication_session;

namespace detail {

/// What a client has said of itself, and for which request.
struct auth_question
{
    [[nodiscard]] VIADUCT_DECL static auth_question make(field_list fields, std::string_view method,
                                                         std::string_view target, std::string_view client);

    auth_question() = default;
    auth_question(auth_question&&) = default;
    auth_question& operator=(auth_question&&) = default;
    VIADUCT_DECL ~auth_question();

    std::string scheme{}; // as the client spells it
    std::string credentials{};
    std::string method{};
    std::string target{};
    std::string client{};
    std::uint64_t generation = 0; // of the cache that was looked into
};

/// Asks one verifier under a clock, and holds a refusal back.
/** The gate's type is a parameter only because its header includes this one. */
template <class Gate, class Result>
class authenticate_op
{
public:
    struct on_ready
    {};
    struct on_verified
    {};
    struct on_delayed
    {};

    authenticate_op(net::any_io_executor executor, Gate* gate, auth_question question,
                    authentication_session* session)
        : executor_{std::move(executor)},
          timer_{executor_},
          gate_{gate},
          session_{session},
          question_{std::move(question)}
    {}
    authenticate_op(authenticate_op const&) = delete;
    authenticate_op& operator=(authenticate_op const&) = delete;
    ~authenticate_op() { release(); }

    template <class Tag>
    [[nodiscard]] net::cancellation_slot slot(Tag) const noexcept
    {
        return {}; // a step is ended through the timer
    }

    [[nodiscard]] auto get_executor() const { return executor_; }

    void cancel()
    {
        wait_.reset();
        timer_.cancel();
    }

    template <class Self>
    void operator()(Self& self)
    {
        auto plan = gate_->begin(question_, *session_);
        error_ = plan.error;
        result_ = std::move(plan.result);
        verifier_ = std::move(plan.whom);
        if (!verifier_ || self.cancelled()) return net::post(executor_, self.then(on_ready{}));
        auto wait = wait_.start(timer_);
        timer_.expires_at(point_after(std::chrono::steady_clock::now(), gate_->options_.timeout));
        timer_.async_wait(self.then(on_verified{})); // before the answer, which ends it
        ask(std::move(wait));
    }

    template <class Self>
    void operator()(Self& self, on_ready)
    {
        finish(self);
    }

    template <class Self>
    void operator()(Self& self, on_verified, error_code)
    {
        if (self.cancelled()) return finish(self);
        auto answer = (*wait_).arrived() ? std::move((*wait_).answer()) : late();
        wait_.reset();
        error_ = gate_->judge(*verifier_, question_, std::move(answer), *session_, result_);
        if (error_ != errc::authentication_failed || !gate_->hold()) return finish(self);
        held_ = true;
        timer_.expires_at(point_after(std::chrono::steady_clock::now(), gate_->options_.failure_delay));
        timer_.async_wait(self.then(on_delayed{}));
    }

    template <class Self>
    void operator()(Self& self, on_delayed, error_code)
    {
        finish(self);
    }

private:
    void ask(std::shared_ptr<answer_wait<verification>> wait)
    {
        auto attempt = gate_->attempt_of(*verifier_, question_, *session_);
        try {
            verifier_->verify(std::move(attempt),
                              [wait](verification outcome) { wait->bring(std::move(outcome)); });
        } catch (std::exception const& problem) {
            wait->bring({verification::kind::broken, {}, {}, {}, problem.what(), {}});
        }
    }

    [[nodiscard]] static verification late()
    {
        return {verification::kind::broken, {}, {}, {}, "no answer in time", {}};
    }

    void release()
    {
        if (std::exchange(held_, false)) gate_->release();
    }

    template <class Self>
    void finish(Self& self)
    {
        release();
        wait_.reset();
        if (!self.cancelled()) return self.complete(error_, std::move(result_));
        self.complete(error_code{net::error::operation_aborted}, Result{});
    }

    net::any_io_executor executor_;
    net::steady_timer timer_;
    answer_wait_owner<verification> wait_; // destroyed before the timer
    Gate* gate_;
    authentication_session* session_;
    auth_question question_;
    std::shared_ptr<verifier> verifier_;
    error_code error_;
    Result result_;
    bool held_ = false;
};

} // namespace detail
} // namespace viaduct

#endif
