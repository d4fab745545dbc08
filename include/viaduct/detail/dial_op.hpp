#ifndef VIADUCT_DETAIL_DIAL_OP_HPP
#define VIADUCT_DETAIL_DIAL_OP_HPP

#include <viaduct/client/converse.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/dial_state.hpp>
#include <viaduct/detail/resolve_op.hpp>
#include <viaduct/detail/run_rule.hpp>
#include <viaduct/detail/secure_op.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/connect_any.hpp>
#include <viaduct/net/deadline.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// Takes the steps of a dial's plan.
class dial_steps_op : public one_step_at_a_time
{
public:
    struct on_resolved
    {};
    struct on_connected
    {};
    struct on_header_sent
    {};
    struct on_secured
    {};
    struct on_conversed
    {};
    struct on_target_resolved
    {};
    struct on_socks
    {};
    struct on_done
    {};

    explicit dial_steps_op(dial_state* state) : state_{state} {}

    template <class Self>
    void operator()(Self& self)
    {
        auto const first = state_->begin();
        if (first != step::done) return take(self, first);
        net::post(state_->timer().get_executor(), self.then(on_done{})); // never at once
    }

    template <class Self>
    void operator()(Self& self, on_done)
    {
        self.complete(state_->plan().error());
    }

    template <class Self>
    void operator()(Self& self, on_resolved, error_code ec)
    {
        take(self, state_->on_resolved(outcome(self, ec)));
    }

    template <class Self>
    void operator()(Self& self, on_connected, error_code ec, net::ip::tcp::endpoint remote)
    {
        take(self, state_->on_connected(outcome(self, ec), remote));
    }

    template <class Self>
    void operator()(Self& self, on_header_sent, error_code ec, std::size_t)
    {
        take(self, state_->on_header_sent(outcome(self, ec)));
    }

    template <class Self>
    void operator()(Self& self, on_secured, error_code ec)
    {
        take(self, state_->on_secured(outcome(self, ec), std::move(secured_), std::move(facts_)));
    }

    template <class Self>
    void operator()(Self& self, on_conversed, error_code ec)
    {
        take(self, state_->on_conversed(outcome(self, ec)));
    }

    template <class Self>
    void operator()(Self& self, on_target_resolved, error_code ec)
    {
        take(self, state_->on_target_resolved(outcome(self, ec)));
    }

    template <class Self>
    void operator()(Self& self, on_socks, error_code ec)
    {
        take(self, state_->on_socks(outcome(self, ec)));
    }

private:
    using step = dial_plan::step;

    template <class Self>
    [[nodiscard]] static error_code outcome(Self& self, error_code ec)
    {
        return self.cancelled() ? error_code{net::error::operation_aborted} : ec;
    }

    template <class Self>
    void take(Self& self, step next)
    {
        auto& s = *state_;
        switch (next) {
        case step::resolve: return resolve(self, s.plan().first_stop(), s.found(), on_resolved{});
        case step::connect: return connect(self);
        case step::send_header:
            return net::async_write(s.stream(), net::buffer(s.header()), self.then(on_header_sent{}));
        case step::secure: return secure(self);
        case step::converse: return converse(self);
        case step::resolve_target:
            return resolve(self, s.plan().next_target(), s.found_target(), on_target_resolved{});
        case step::socks: return socks(self);
        case step::done: return self.complete(s.plan().error());
        }
    }

    template <class Self, class Tag>
    void resolve(Self& self, authority const& whom, std::vector<net::ip::tcp::endpoint>& into, Tag tag)
    {
        auto& s = *state_;
        if (s.start_resolving(whom, into)) return (*this)(self, tag, error_code{});
        async_with_deadline(s.step_timer(), s.options().resolve_timeout, errc::resolve_timeout,
                            async_resolve_into(into, s.names(), s.timer().get_executor(), whom, deferred),
                            self.then(tag));
    }

    template <class Self>
    void connect(Self& self)
    {
        auto& s = *state_;
        s.start_connecting();
        async_connect_any(s.socket(), s.found(), s.options().clocks, s.from(), &s, self.then(on_connected{}));
    }

    template <class Self>
    void secure(Self& self)
    {
        auto& s = *state_;
        s.start_securing();
        async_with_deadline(s.step_timer(), s.options().tls_timeout, errc::tls_timeout,
                            async_stable<secure_op, void(error_code)>(deferred, &s, &secured_, &facts_),
                            self.then(on_secured{}));
    }

    /// On a bare socket heads are read by peeking; on any other stream octet by octet.
    template <class Self>
    void converse(Self& self)
    {
        auto& s = *state_;
        s.start_conversing();
        if (s.stream().is_plain())
            async_converse(s.stream().lowest_layer(), s.conversation(), self.then(on_conversed{}));
        else
            async_converse(s.stream(), s.conversation(), self.then(on_conversed{}));
    }

    template <class Self>
    void socks(Self& self)
    {
        auto& s = *state_;
        s.start_socks();
        auto& rule = s.socks();
        async_with_deadline(s.step_timer(), s.options().connect.timeout, errc::handshake_timeout,
                            async_run_rule(s.stream(), rule, rule.resume({}, 0), deferred),
                            self.then(on_socks{}));
    }

    dial_state* state_;
    any_stream secured_;
    tls_facts facts_;
};

/// The steps under one clock.
class dial_op : public one_step_at_a_time
{
public:
    struct on_end
    {};

    dial_op(std::shared_ptr<dialer_state> dialer, net::any_io_executor const& executor,
            authority const& target, dial_wishes wishes)
        : state_{std::make_unique<dial_state>(std::move(dialer), executor, target, std::move(wishes))}
    {}

    [[nodiscard]] auto get_executor() const { return state_->timer().get_executor(); }

    template <class Self>
    void operator()(Self& self)
    {
        auto& s = *state_;
        if (self.cancelled())
            return (*this)(self, on_end{}, net::error::operation_aborted); // before the start
        async_with_deadline(s.timer(), s.options().timeout, errc::dial_timeout,
                            async_stable<dial_steps_op, void(error_code)>(deferred, &s), self.then(on_end{}));
    }

    template <class Self>
    void operator()(Self& self, on_end, error_code ec)
    {
        if (self.cancelled()) ec = net::error::operation_aborted; // also in the very last moment
        auto result = state_->finish(ec);
        state_.reset();
        self.complete(ec, std::move(result));
    }

private:
    std::unique_ptr<dial_state> state_;
};

} // namespace viaduct::detail

#endif
