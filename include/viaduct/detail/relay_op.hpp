#ifndef VIADUCT_DETAIL_RELAY_OP_HPP
#define VIADUCT_DETAIL_RELAY_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/buffer_pool.hpp>
#include <viaduct/relay/relay_clock.hpp>
#include <viaduct/relay/relay_direction.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <array>
#include <memory>
#include <utility>

namespace viaduct::detail {

[[nodiscard]] inline bool is_reset(error_code ec) noexcept
{
    return ec == net::error::connection_reset || ec == net::error::broken_pipe ||
           ec == net::error::connection_aborted;
}

/// What both directions and the watch share; stays in place while handlers move.
struct relay_state
{
    relay_state(net::any_io_executor const& executor, relay_options const& options)
        : timer{executor},
          clock{options, start},
          buffer_size{options.buffer_size}
    {}

    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
    net::steady_timer timer;
    relay_clock clock;
    std::size_t buffer_size;
    relay_direction a_to_b;
    relay_direction b_to_a;
    int ended = 0; // directions that came to their end in good order
    relay_side first_to_end = relay_side::none;
};

/// Carries octets one way until the source ends or anything fails.
template <class Source, class Destination>
class half_relay_op
{
public:
    half_relay_op(Source& from, Destination& to, relay_state& shared, relay_direction& rule, relay_side side)
        : from_{&from},
          to_{&to},
          shared_{&shared},
          rule_{&rule},
          side_{side},
          buffer_{shared.buffer_size}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        self.reset_cancellation_state(net::enable_total_cancellation());
        perform(self, rule_->resume({}, 0));
    }

    template <class Self>
    void operator()(Self& self, error_code ec, std::size_t n)
    {
        if (cancelled(self)) ec = net::error::operation_aborted;
        if (ec == net::error::eof)
            ec = {}; // the rule hears of it as a read of nothing
        else if (n != 0)
            shared_->clock.on_activity(std::chrono::steady_clock::now());
        perform(self, rule_->resume(ec, n));
    }

private:
    template <class Self>
    void perform(Self& self, relay_direction::step step)
    {
        auto& from = *from_;
        auto& to = *to_;
        auto const memory = buffer_.span();
        switch (step) {
        case relay_direction::step::read:
            from.async_read_some(net::buffer(memory.data(), memory.size()), std::move(self));
            break;
        case relay_direction::step::write:
            net::async_write(to, net::buffer(memory.data(), rule_->pending()), std::move(self));
            break;
        case relay_direction::step::shutdown:
            perform(self, rule_->resume(stream_end<Destination>::shutdown_send(to), 0));
            break;
        case relay_direction::step::done: finish(self); break;
        }
    }

    template <class Self>
    void finish(Self& self)
    {
        buffer_ = {};
        bool const by_others = rule_->error() == net::error::operation_aborted;
        if (shared_->first_to_end == relay_side::none && !by_others)
            shared_->first_to_end = side_that_ended();
        if (rule_->error()) return self.complete(rule_->error());
        ++shared_->ended;
        shared_->clock.on_half_close(std::chrono::steady_clock::now());
        shared_->timer.cancel(); // the watch looks at the clock anew
        // A destination that cannot be told of the end alone is told by ending everything.
        self.complete(stream_end<Destination>::can_half_close ? error_code{} : error_code{net::error::eof});
    }

    [[nodiscard]] relay_side side_that_ended() const noexcept
    {
        auto const destination = side_ == relay_side::a ? relay_side::b : relay_side::a;
        return rule_->failed_writing() ? destination : side_;
    }

    Source* from_;
    Destination* to_;
    relay_state* shared_;
    relay_direction* rule_;
    relay_side side_;
    pooled_buffer buffer_;
};

/// Ends, always with an error, when a clock has run out.
class relay_watch_op
{
public:
    explicit relay_watch_op(relay_state& shared) noexcept : shared_{&shared} {}

    template <class Self>
    void operator()(Self& self)
    {
        self.reset_cancellation_state(net::enable_total_cancellation());
        wait(self);
    }

    template <class Self>
    void operator()(Self& self, error_code)
    {
        if (cancelled(self)) return self.complete(net::error::operation_aborted);
        if (auto const expired = shared_->clock.expired(std::chrono::steady_clock::now()))
            return self.complete(*expired);
        wait(self);
    }

private:
    template <class Self>
    void wait(Self& self)
    {
        auto& timer = shared_->timer;
        timer.expires_at(shared_->clock.next_look());
        timer.async_wait(std::move(self));
    }

    relay_state* shared_;
};

/// Ends the group when anything fails, or when both directions have ended.
struct relay_condition
{
    relay_state* shared;

    [[nodiscard]] net::cancellation_type operator()(error_code ec) const noexcept
    {
        return ec || shared->ended == 2 ? net::cancellation_type::all : net::cancellation_type::none;
    }
};

template <class A, class B>
class relay_op
{
public:
    relay_op(A& a, B& b, relay_options const& options)
        : a_{&a},
          b_{&b},
          state_{std::make_unique<relay_state>(a.get_executor(), options)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        self.reset_cancellation_state(net::enable_total_cancellation());
        auto& s = *state_;
        auto const part = [&](auto operation) {
            return net::async_compose<decltype(deferred) const&, void(error_code)>(std::move(operation),
                                                                                   deferred, s.timer);
        };
        net::experimental::make_parallel_group(
            part(half_relay_op<A, B>{*a_, *b_, s, s.a_to_b, relay_side::a}),
            part(half_relay_op<B, A>{*b_, *a_, s, s.b_to_a, relay_side::b}), part(relay_watch_op{s}))
            .async_wait(relay_condition{&s}, std::move(self));
    }

    template <class Self>
    void operator()(Self& self, std::array<std::size_t, 3> order, error_code a_to_b, error_code b_to_a,
                    error_code watch)
    {
        auto const done = std::move(state_);
        auto ec = cancelled(self) ? error_code{net::error::operation_aborted}
                                  : first_error(order, {a_to_b, b_to_a, watch});
        auto const end = how_it_ended(*done, ec, ec == watch);
        if (end == relay_end::closed) ec = {};
        if (end == relay_end::reset) pass_on_reset(done->first_to_end);
        self.complete(ec, result(*done, end));
    }

private:
    /// The outcome that made the group end the others; theirs are its consequences.
    [[nodiscard]] static error_code first_error(std::array<std::size_t, 3> const& order,
                                                std::array<error_code, 3> const& outcome)
    {
        for (auto const i : order)
            if (outcome[i]) return outcome[i];
        return {};
    }

    [[nodiscard]] static relay_end how_it_ended(relay_state const& s, error_code ec, bool by_watch)
    {
        if (s.ended == 2 || ec == net::error::eof) return relay_end::closed;
        if (ec == net::error::operation_aborted) return relay_end::cancelled;
        if (is_reset(ec)) return relay_end::reset;
        return by_watch ? relay_end::timed_out : relay_end::failed;
    }

    void pass_on_reset(relay_side broken)
    {
        if (broken == relay_side::a)
            stream_end<B>::reset(*b_);
        else
            stream_end<A>::reset(*a_);
    }

    [[nodiscard]] static relay_result result(relay_state const& s, relay_end end)
    {
        relay_result r;
        r.a_to_b = s.a_to_b.transferred();
        r.b_to_a = s.b_to_a.transferred();
        r.first_to_end = s.first_to_end;
        r.end = end;
        r.duration = std::chrono::steady_clock::now() - s.start;
        return r;
    }

    A* a_;
    B* b_;
    std::unique_ptr<relay_state> state_;
};

} // namespace viaduct::detail

#endif
