#ifndef VIADUCT_DETAIL_RELAY_OP_HPP
#define VIADUCT_DETAIL_RELAY_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/half_relay_op.hpp>
#include <viaduct/detail/relay_state.hpp>
#include <viaduct/detail/socket_half_relay_op.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace viaduct::detail {

/// How one direction between two streams is carried: as between any streams ...
template <class Source, class Destination>
struct half_relay
{
    using type = half_relay_op<Source, Destination>;
};

#if defined(__linux__)
/// ... or as between sockets.
template <class P1, class E1, class P2, class E2>
struct half_relay<net::basic_stream_socket<P1, E1>, net::basic_stream_socket<P2, E2>>
{
    using type = socket_half_relay_op<net::basic_stream_socket<P1, E1>, net::basic_stream_socket<P2, E2>>;
};
#endif

[[nodiscard]] inline bool is_reset(error_code ec) noexcept
{
    return ec == net::error::connection_reset || ec == net::error::broken_pipe ||
           ec == net::error::connection_aborted;
}

/// Ends, always with an error, when a clock has run out.
template <class State>
class relay_watch_op
{
public:
    explicit relay_watch_op(State& shared) noexcept : shared_{&shared} {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
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

    State* shared_;
};

/// Ends the group when anything fails, or when both directions have ended.
template <class State>
struct relay_condition
{
    State* shared;

    [[nodiscard]] net::cancellation_type operator()(error_code ec) const noexcept
    {
        return ec || shared->both_ended() ? net::cancellation_type::all : net::cancellation_type::none;
    }
};

/// Two half-relays and a watch, as one group.
template <class A, class B>
class relay_op
{
    using a_to_b = typename half_relay<A, B>::type;
    using b_to_a = typename half_relay<B, A>::type;
    using state = typename a_to_b::state;

public:
    relay_op(A& a, B& b, relay_options const& options)
        : a_{&a},
          b_{&b},
          state_{std::make_unique<state>(a.get_executor(), options)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& s = *state_;
        // All parts run where the handler runs, for whichever ends first cancels the others.
        auto executor = self.get_executor();
        auto const part = [&](auto operation) {
            return net::async_compose<decltype(deferred) const&, void(error_code)>(std::move(operation),
                                                                                   deferred, executor);
        };
        net::experimental::make_parallel_group(part(a_to_b{*a_, *b_, s, relay_side::a}),
                                               part(b_to_a{*b_, *a_, s, relay_side::b}),
                                               part(relay_watch_op<state>{s}))
            .async_wait(relay_condition<state>{&s}, std::move(self));
    }

    template <class Self>
    void operator()(Self& self, std::array<std::size_t, 3> order, error_code from_a, error_code from_b,
                    error_code watch)
    {
        auto ec = cancelled(self) ? error_code{net::error::operation_aborted}
                                  : first_error(order, {from_a, from_b, watch});
        auto const end = how_it_ended(*state_, ec, ec == watch);
        if (end == relay_end::closed) ec = {};
        if (end == relay_end::reset) pass_on_reset(state_->first_to_end());
        auto const result = state_->result(end);
        state_.reset();
        self.complete(ec, result);
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

    [[nodiscard]] static relay_end how_it_ended(state const& s, error_code ec, bool by_watch)
    {
        if (s.both_ended() || ec == net::error::eof) return relay_end::closed;
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

    A* a_;
    B* b_;
    std::unique_ptr<state> state_;
};

} // namespace viaduct::detail

#endif
