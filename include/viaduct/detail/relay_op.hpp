#ifndef VIADUCT_DETAIL_RELAY_OP_HPP
#define VIADUCT_DETAIL_RELAY_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/point_after.hpp>
#include <viaduct/detail/socket_half_relay.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/detail/stream_half_relay.hpp>
#include <viaduct/relay/relay_clock.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace viaduct::detail {

/// How one direction between two streams is carried: as between any streams ...
template <class Source, class Destination>
struct half_relay
{
    using type = stream_half_relay<Source, Destination>;
};

#if defined(__linux__)
/// ... or as between sockets.
template <class P1, class E1, class P2, class E2>
struct half_relay<net::basic_stream_socket<P1, E1>, net::basic_stream_socket<P2, E2>>
{
    using type = socket_half_relay<net::basic_stream_socket<P1, E1>, net::basic_stream_socket<P2, E2>>;
};
#endif

/// Two directions and a clock. Whichever fails stops the others; the last to end completes the operation.
template <class A, class B>
class relay_op
{
    using time_point = std::chrono::steady_clock::time_point;

public:
    struct from_a
    {};
    struct from_b
    {};
    struct on_clock
    {};

    relay_op(A* a, B* b, early_octets const& early, relay_options const& options)
        : a_{a},
          b_{b},
          clock_{options, start_},
          progress_{options.progress},
          timer_{a->get_executor(), first_look(options)},
          a_to_b_{*a, *b, options, {options.limit_a_to_b, options.meters_a_to_b}, early.from_a},
          b_to_a_{*b, *a, options, {options.limit_b_to_a, options.meters_b_to_a}, early.from_b}
    {}

    [[nodiscard]] net::cancellation_slot slot(from_a) noexcept { return a_to_b_.slot(); }
    [[nodiscard]] net::cancellation_slot slot(from_b) noexcept { return b_to_a_.slot(); }
    [[nodiscard]] net::cancellation_slot slot(on_clock) noexcept { return {}; }

    [[nodiscard]] op_memory& memory(from_a) noexcept { return memory_a_; }
    [[nodiscard]] op_memory& memory(from_b) noexcept { return memory_b_; }
    [[nodiscard]] op_memory& memory(on_clock) noexcept { return memory_clock_; }

    [[nodiscard]] auto get_executor() const { return a_->get_executor(); }

    void cancel() { stop(net::error::operation_aborted); }

    template <class Self>
    void operator()(Self& self)
    {
        if (stopped_) { // before it has begun
            parts_ = 1;
            return end_part(self);
        }
        a_to_b_.start(self, from_a{});
        b_to_a_.start(self, from_b{});
        timer_.async_wait(self.then(on_clock{}));
    }

    template <class Self>
    void operator()(Self& self, from_a tag, error_code ec = {}, std::size_t n = 0)
    {
        if (go_on(self, tag, a_to_b_, ec, n)) return;
        end_direction(a_to_b_.rule(), relay_side::a, stream_end<B>::can_half_close);
        end_part(self);
    }

    template <class Self>
    void operator()(Self& self, from_b tag, error_code ec = {}, std::size_t n = 0)
    {
        if (go_on(self, tag, b_to_a_, ec, n)) return;
        end_direction(b_to_a_.rule(), relay_side::b, stream_end<A>::can_half_close);
        end_part(self);
    }

    template <class Self>
    void operator()(Self& self, on_clock, error_code)
    {
        if (auto const expired = clock_.expired(std::chrono::steady_clock::now()); expired && !stopped_) {
            timed_out_ = true;
            stop(*expired);
        }
        if (stopped_) return end_part(self);
        timer_.expires_at(clock_.next_look());
        timer_.async_wait(self.then(on_clock{}));
    }

private:
    /// A tunnel that is over by then has set its timer once: the half-close clock is the shortest, as a rule.
    [[nodiscard]] time_point first_look(relay_options const& options) const noexcept
    {
        return std::min(clock_.next_look(), point_after(start_, options.half_close_timeout));
    }

    /// Resumes a direction with the outcome of its last call; false if it has ended.
    template <class Self, class Tag, class Half>
    [[nodiscard]] bool go_on(Self& self, Tag tag, Half& half, error_code ec, std::size_t n)
    {
        if (stopped_) ec = net::error::operation_aborted;
        auto const now = std::chrono::steady_clock::now();
        if (!ec) clock_.on_activity(now);
        bool const goes_on = half.go_on(self, tag, ec, n);
        note(now);
        return goes_on;
    }

    /// Where both directions are now.
    void note(time_point now) noexcept
    {
        auto& at = progress();
        note(at.a_to_b, at.first_a_to_b, a_to_b_.rule().transferred(), now);
        note(at.b_to_a, at.first_b_to_a, b_to_a_.rule().transferred(), now);
    }

    void note(std::uint64_t& count, time_point& first, std::uint64_t transferred, time_point now) noexcept
    {
        if (count == transferred) return;
        if (count == 0) first = now;
        count = transferred;
        progress().last = now;
    }

    [[nodiscard]] relay_progress& progress() noexcept { return progress_ ? *progress_ : own_progress_; }

    /// A destination that cannot be told of the end alone is told by ending everything.
    template <class Rule>
    void end_direction(Rule const& rule, relay_side from, bool can_half_close)
    {
        auto const ec = rule.error();
        auto const who = rule.failed_writing() ? other_side(from) : from;
        if (first_to_end_ == relay_side::none && ec != net::error::operation_aborted) first_to_end_ = who;
        if (ec) {
            if (!stopped_) broken_ = who; // which need not be the first to end
            return stop(ec);
        }
        if (++ended_ == 2 || !can_half_close) return stop(net::error::eof);
        from == relay_side::a ? b_to_a_.on_other_end() : a_to_b_.on_other_end();
        clock_.on_half_close(std::chrono::steady_clock::now());
        if (clock_.next_look() < timer_.expiry()) timer_.cancel(); // it looks at the clock anew
    }

    /// Ends whatever is under way. The first reason counts; what follows are its consequences.
    void stop(error_code why)
    {
        if (std::exchange(stopped_, true)) return;
        why_ = why;
        a_to_b_.cancel();
        b_to_a_.cancel();
        timer_.cancel();
    }

    template <class Self>
    void end_part(Self& self)
    {
        if (--parts_ != 0) return;
        auto const end = how_it_ended();
        if (end == relay_end::reset) pass_on_reset();
        self.complete(end == relay_end::closed ? error_code{} : why_, result(end));
    }

    [[nodiscard]] relay_end how_it_ended() const
    {
        if (why_ == net::error::eof) return relay_end::closed;
        if (timed_out_) return relay_end::timed_out;
        if (why_ == net::error::operation_aborted) return relay_end::cancelled;
        bool const reset = stream_end<A>::is_reset(why_) || stream_end<B>::is_reset(why_);
        return reset ? relay_end::reset : relay_end::failed;
    }

    void pass_on_reset()
    {
        if (broken_ == relay_side::a)
            stream_end<B>::reset(*b_);
        else
            stream_end<A>::reset(*a_);
    }

    [[nodiscard]] relay_result result(relay_end how)
    {
        relay_result r{progress()};
        r.first_to_end = first_to_end_;
        r.broken = broken_;
        r.end = how;
        r.duration = std::chrono::steady_clock::now() - start_;
        return r;
    }

    A* a_;
    B* b_;
    time_point start_ = std::chrono::steady_clock::now(); // before the clock, which needs it
    relay_clock clock_;
    relay_progress* progress_; // somebody else's, if anybody looks
    relay_progress own_progress_;
    net::steady_timer timer_;
    typename half_relay<A, B>::type a_to_b_;
    typename half_relay<B, A>::type b_to_a_;
    op_memory memory_a_;
    op_memory memory_b_;
    op_memory memory_clock_;
    error_code why_;
    relay_side first_to_end_ = relay_side::none;
    relay_side broken_ = relay_side::none;
    bool stopped_ = false;
    bool timed_out_ = false;
    signed char ended_ = 0; // directions that came to their end in good order
    signed char parts_ = 3; // what is under way: two directions and the clock
};

} // namespace viaduct::detail

#endif
