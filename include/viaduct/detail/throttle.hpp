#ifndef VIADUCT_DETAIL_THROTTLE_HPP
#define VIADUCT_DETAIL_THROTTLE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/relay/token_bucket.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace viaduct::detail {

/// Holds up the reads of one direction: a token bucket and a timer, or nothing where there is no limit.
class throttle
{
public:
    throttle(net::any_io_executor const& executor, rate_limit const& limit)
        : state_{limit.octets_per_second == 0 ? nullptr : std::make_unique<state>(executor, limit)}
    {}

    /// Whether a read must wait.
    [[nodiscard]] bool pauses() const
    {
        return state_ && state_->bucket.available(now()) < state_->bucket.useful();
    }

    /// Waits until a read is worth while; then call `ends_pause`.
    template <class Step>
    [[nodiscard]] bool wait(Step step)
    {
        state_->paused = true;
        state_->timer.expires_at(state_->bucket.ready());
        state_->timer.async_wait(std::move(step));
        return true;
    }

    /// Whether it was such a wait that ended well.
    [[nodiscard]] bool ends_pause(error_code ec) noexcept
    {
        return state_ && std::exchange(state_->paused, false) && !ec;
    }

    /// How many octets may be read now, of `wanted`.
    [[nodiscard]] std::size_t at_most(std::size_t wanted) const
    {
        if (!state_) return wanted;
        return std::min<std::size_t>(wanted, state_->bucket.available(now()));
    }

    /// So many have been read.
    void take(std::size_t n)
    {
        if (state_) state_->bucket.take(n, now());
    }

    void cancel()
    {
        if (state_) state_->timer.cancel();
    }

private:
    struct state
    {
        state(net::any_io_executor const& executor, rate_limit const& limit)
            : bucket{limit, now()},
              timer{executor}
        {}

        token_bucket bucket;
        net::steady_timer timer;
        bool paused = false;
    };

    [[nodiscard]] static std::chrono::steady_clock::time_point now()
    {
        return std::chrono::steady_clock::now();
    }

    std::unique_ptr<state> state_;
};

} // namespace viaduct::detail

#endif
