#ifndef VIADUCT_DETAIL_THROTTLE_HPP
#define VIADUCT_DETAIL_THROTTLE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/relay/token_bucket.hpp>
#include <viaduct/relay/traffic_meter.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// What holds up one direction: a rate of its own, and meters that it shares.
struct direction_limits
{
    rate_limit const& own;
    std::vector<std::shared_ptr<traffic_meter>> const& meters;
};

/// Holds up the reads of one direction: token buckets and a timer, or nothing where there is no limit.
class throttle
{
public:
    throttle(net::any_io_executor const& executor, direction_limits const& limits)
        : state_{limits.own.octets_per_second == 0 && limits.meters.empty()
                     ? nullptr
                     : std::make_unique<state>(executor, limits)}
    {}

    /// Whether a read must wait. Otherwise ask `at_most` how many octets may be read.
    [[nodiscard]] bool pauses() { return state_ && state_->pauses(now()); }

    /// Waits until a read is worth while, or pointless; then call `ends_pause`.
    template <class Step>
    [[nodiscard]] bool wait(Step step)
    {
        state_->paused = true;
        state_->timer.expires_at(state_->take_turn(now()));
        state_->timer.async_wait(std::move(step));
        return true;
    }

    /// Whether it was such a wait that ended well. Then ask `used_up`.
    [[nodiscard]] bool ends_pause(error_code ec) noexcept
    {
        return state_ && std::exchange(state_->paused, false) && !ec;
    }

    /// Whether there is a quota that allows nothing more.
    [[nodiscard]] bool used_up() const { return state_ && state_->used_up(now()); }

    /// How many octets may be read now, of `wanted`.
    [[nodiscard]] std::size_t at_most(std::size_t wanted) const
    {
        return state_ ? static_cast<std::size_t>(std::min<std::uint64_t>(wanted, state_->room)) : wanted;
    }

    /// So many have been read.
    void take(std::size_t n)
    {
        if (state_) state_->take(n, now());
    }

    void cancel()
    {
        if (state_) state_->timer.cancel();
    }

private:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

    struct state
    {
        state(net::any_io_executor const& executor, direction_limits const& limits)
            : meters{limits.meters},
              timer{executor}
        {
            if (limits.own.octets_per_second != 0) own.emplace(limits.own, now());
        }
        state(state const&) = delete;
        state& operator=(state const&) = delete;

        ~state()
        {
            if (turn == 0) return;
            for (auto const& meter : meters)
                meter->give_back(turn);
        }

        [[nodiscard]] bool pauses(time_point t)
        {
            if (turn != 0) {
                begin_turn(t);
                return false;
            }
            room = own ? own->available(t) : no_limit;
            if (own && room < own->useful()) return true;
            for (auto const& meter : meters)
                room = std::min(room, meter->available(t));
            return room == 0;
        }

        /// A quota that others have used meanwhile leaves one octet of a turn at least: a read of none would
        /// look like the end of the stream.
        void begin_turn(time_point t)
        {
            room = turn;
            for (auto const& meter : meters)
                room = std::min(room, std::max<std::uint64_t>(meter->left(t), 1));
        }

        /// Takes a turn at every meter, as large as the smallest; returns when the last of them comes.
        [[nodiscard]] time_point take_turn(time_point t)
        {
            auto come = own ? own->ready() : t;
            if (meters.empty()) return come;
            if (used_up(t)) return t;
            turn = own ? std::max(own->useful(), own->available(t)) : no_limit;
            for (auto const& meter : meters)
                turn = std::min(turn, meter->turn(t));
            for (auto const& meter : meters)
                come = std::max(come, meter->reserve(turn, t));
            return come;
        }

        [[nodiscard]] bool used_up(time_point t) const
        {
            return std::any_of(meters.begin(), meters.end(),
                               [&](auto const& meter) { return meter->left(t) == 0; });
        }

        void take(std::size_t n, time_point t)
        {
            if (own) own->take(n, t);
            for (auto const& meter : meters)
                meter->take(n, t, turn);
            turn = 0;
        }

        std::optional<token_bucket> own;
        std::vector<std::shared_ptr<traffic_meter>> meters;
        net::steady_timer timer;
        std::uint64_t room = 0; // octets that may be read
        std::uint64_t turn = 0; // octets that are reserved at every meter
        bool paused = false;
    };

    [[nodiscard]] static time_point now() { return std::chrono::steady_clock::now(); }

    std::unique_ptr<state> state_;
};

} // namespace viaduct::detail

#endif
