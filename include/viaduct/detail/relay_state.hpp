#ifndef VIADUCT_DETAIL_RELAY_STATE_HPP
#define VIADUCT_DETAIL_RELAY_STATE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/relay/relay_clock.hpp>
#include <viaduct/relay/relay_options.hpp>

#include <chrono>
#include <cstddef>

namespace viaduct::detail {

[[nodiscard]] inline relay_side other_side(relay_side side) noexcept
{
    return side == relay_side::a ? relay_side::b : relay_side::a;
}

/// What both directions and the watch share; stays in place while handlers move.
/** A direction belongs to the side that it reads from. */
template <class Direction>
class relay_state
{
public:
    relay_state(net::any_io_executor const& executor, relay_options const& options)
        : timer{executor},
          clock{options, start_},
          buffer_size{options.buffer_size}
    {}

    [[nodiscard]] Direction& direction_from(relay_side from) noexcept
    {
        return from == relay_side::a ? a_to_b_ : b_to_a_;
    }

    /// Notes that a direction has ended, and returns what its operation is to complete with.
    /** A destination that cannot be told of the end alone is told by ending everything: `eof`. */
    [[nodiscard]] error_code end_direction(relay_side from, bool can_half_close)
    {
        auto const& rule = direction_from(from);
        auto const ec = rule.error();
        bool const by_others = ec == net::error::operation_aborted;
        if (first_to_end_ == relay_side::none && !by_others)
            first_to_end_ = rule.failed_writing() ? other_side(from) : from;
        if (ec) return ec;
        ++ended_;
        clock.on_half_close(std::chrono::steady_clock::now());
        timer.cancel(); // the watch looks at the clock anew
        return can_half_close ? error_code{} : error_code{net::error::eof};
    }

    [[nodiscard]] bool both_ended() const noexcept { return ended_ == 2; }
    [[nodiscard]] relay_side first_to_end() const noexcept { return first_to_end_; }

    [[nodiscard]] relay_result result(relay_end how) const
    {
        relay_result r;
        r.a_to_b = a_to_b_.transferred();
        r.b_to_a = b_to_a_.transferred();
        r.first_to_end = first_to_end_;
        r.end = how;
        r.duration = std::chrono::steady_clock::now() - start_;
        return r;
    }

private:
    std::chrono::steady_clock::time_point start_ =
        std::chrono::steady_clock::now(); // before the clock, which needs it

public:
    net::steady_timer timer;
    relay_clock clock;
    std::size_t buffer_size;

private:
    Direction a_to_b_;
    Direction b_to_a_;
    int ended_ = 0; // directions that came to their end in good order
    relay_side first_to_end_ = relay_side::none;
};

} // namespace viaduct::detail

#endif
