#ifndef VIADUCT_RELAY_RELAY_CLOCK_HPP
#define VIADUCT_RELAY_RELAY_CLOCK_HPP

#include <viaduct/error.hpp>
#include <viaduct/relay/relay_options.hpp>

#include <chrono>
#include <optional>

namespace viaduct {

/// Which of a relay's clocks runs out next, and whether it has: a rule without a timer.
class relay_clock
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    VIADUCT_DECL relay_clock(relay_options const& options, time_point start) noexcept;

    /// An octet moved, in either direction.
    void on_activity(time_point now) noexcept { last_activity_ = now; }

    /// One direction came to its end; from now on the half-close clock runs in place of the idle clock.
    void on_half_close(time_point now) noexcept
    {
        half_closed_ = true;
        last_activity_ = now;
    }

    /// When to look again; `time_point::max()` if no clock runs.
    [[nodiscard]] VIADUCT_DECL time_point next_look() const noexcept;

    /// The clock that has run out by `now`, if one has.
    [[nodiscard]] VIADUCT_DECL std::optional<errc> expired(time_point now) const noexcept;

private:
    [[nodiscard]] time_point silence_end() const noexcept;

    std::chrono::milliseconds idle_;
    std::chrono::milliseconds half_close_;
    time_point lifetime_end_;
    time_point last_activity_;
    bool half_closed_ = false;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/relay/relay_clock.ipp>
#endif

#endif
