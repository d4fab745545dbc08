#ifndef VIADUCT_DETAIL_ADMIT_OP_HPP
#define VIADUCT_DETAIL_ADMIT_OP_HPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/opening.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/server/authentication.hpp>

#include <utility>

namespace viaduct::detail {

/// Waits for a helper's answer. On the timer's executor: the answer, which may be there at once, must not
/// come before the wait.
class ask_helper_op
{
public:
    struct on_answer
    {};

    explicit ask_helper_op(opening* open) noexcept : open_{open} {}

    [[nodiscard]] auto get_executor() const { return open_->next.get_executor(); }
    [[nodiscard]] net::cancellation_slot slot(on_answer) noexcept { return {}; }
    void cancel() { open_->timer.cancel(); }

    template <class Self>
    void operator()(Self& self)
    {
        auto& timer = open_->timer;
        timer.expires_at(self.cancelled() ? net::steady_timer::time_point::min()
                                          : net::steady_timer::time_point::max());
        timer.async_wait(self.then(on_answer{}));
        if (!self.cancelled()) open_->ask_helper();
    }

    template <class Self>
    void operator()(Self& self, on_answer, error_code)
    {
        self.complete(self.cancelled() ? error_code{net::error::operation_aborted} : error_code{});
    }

private:
    opening* open_;
};

/// Finds out what rules ask for, until they let a request pass (no error) or refuse it.
class admit_op : public one_step_at_a_time
{
public:
    struct on_user
    {};
    struct on_look_up
    {};
    struct on_answer
    {};

    /// @param first What the rules have asked for.
    admit_op(opening* open, admission::step first) : open_{open}, first_{first} {}

    template <class Self>
    void operator()(Self& self)
    {
        perform(self, first_);
    }

    template <class Self>
    void operator()(Self& self, on_user, error_code ec, authentication_result result)
    {
        open_->scheme = std::move(result.scheme);
        open_->challenges = std::move(result.challenges);
        open_->needs_connection = result.needs_connection;
        open_->info = std::move(result.info);
        bool const is_over = self.cancelled() || ec == errc::authentication_broken || result.proceeds;
        if (is_over) return self.complete(ec);
        open_->judge.on_user(std::move(result.user), ec);
        perform(self, open_->judge.next());
    }

    template <class Self>
    void operator()(Self& self, on_look_up, error_code ec)
    {
        open_->on_looked_up(ec);
        if (self.cancelled()) return self.complete(ec);
        open_->judge.on_addresses(open_->addresses());
        perform(self, open_->judge.next());
    }

    template <class Self>
    void operator()(Self& self, on_answer, error_code ec)
    {
        if (self.cancelled()) return self.complete(ec);
        if (auto const broken = open_->on_helper()) return self.complete(broken);
        perform(self, open_->judge.next());
    }

private:
    template <class Self>
    void perform(Self& self, admission::step what)
    {
        switch (what) {
        case admission::step::check_user: return check_user(self);
        case admission::step::look_up: return async_look_up(*open_, self.then(on_look_up{}));
        case admission::step::ask_helper: return ask_helper(self);
        case admission::step::go: return self.complete(error_code{});
        case admission::step::refuse: return self.complete(open_->judge.why());
        }
    }

    template <class Self>
    void check_user(Self& self)
    {
        auto& next = open_->next;
        open_->way->auth->async_authenticate(
            next.get_executor(), next.head().fields.list(), next.head().method, next.head().target_text,
            to_text(next.client().address()), next.session(), self.then(on_user{}));
    }

    template <class Self>
    void ask_helper(Self& self)
    {
        async_stable<ask_helper_op, void(error_code)>(self.then(on_answer{}), open_);
    }

    opening* open_;
    admission::step first_;
};

} // namespace viaduct::detail

#endif
