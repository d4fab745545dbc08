#ifndef VIADUCT_NET_CONNECT_RACE_HPP
#define VIADUCT_NET_CONNECT_RACE_HPP

#include <viaduct/error.hpp>
#include <viaduct/net/connect_clocks.hpp>

#include <array>
#include <chrono>
#include <cstddef>

namespace viaduct {

/// Which address is tried when, and for how long: a race of connections (RFC 8305 section 5) without I/O.
/**
 * Addresses are known by their number, in the order of the list. The first is tried at once, each further one
 * when the one before has been tried for `connect_clocks::stagger`, or as soon as any attempt has failed.
 * Never more than `max_under_way` are tried at once, however many a name has.
 *
 * Whoever drives it calls `on_start`, and `on_failed` when an attempt has failed; after either, and when the
 * time of the last `wait` has come, `next` again and again until it says `wait` or `over`. The first attempt
 * that succeeds ends the race: no more is asked of the rule then.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class connect_race
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Bounds the descriptors that one name can cost.
    static constexpr std::size_t max_under_way = 8;

    /// What to do next.
    struct step
    {
        enum class kind : unsigned char
        {
            start,   ///< Try address `which`.
            give_up, ///< End the attempt at `which`, whose time is over: it has failed with `error`.
            wait,    ///< Nothing before `until`, unless an attempt ends.
            over     ///< All have failed, `which` last; or the time for all is over. `error` says why.
        };

        kind what = kind::over;
        std::size_t which = 0;
        time_point until = time_point::max();
        error_code error{};
    };

    /**
     * @param addresses How many there are; at least one.
     * @param clocks For one attempt, for all, and between two.
     */
    connect_race(std::size_t addresses, connect_clocks const& clocks) noexcept
        : addresses_{clocks.max_attempts != 0 && clocks.max_attempts < addresses ? clocks.max_attempts
                                                                                 : addresses},
          clocks_{clocks}
    {}

    /// The time for all attempts begins.
    VIADUCT_DECL void on_start(time_point now) noexcept;

    /// An attempt has failed by itself. One that is not under way, such as one that was given up, does not
    /// count.
    VIADUCT_DECL void on_failed(std::size_t which, error_code ec, time_point now) noexcept;

    /// Says what to do, and takes it as done; the clock must not go backwards from call to call.
    [[nodiscard]] VIADUCT_DECL step next(time_point now) noexcept;

    /// Whether an attempt has been started, and has neither failed nor been given up.
    [[nodiscard]] VIADUCT_DECL bool is_under_way(std::size_t which) const noexcept;

private:
    struct attempt
    {
        std::size_t which = 0;
        time_point end{};
    };

    [[nodiscard]] bool has_more() const noexcept { return tried_ < addresses_; }
    [[nodiscard]] std::size_t place_of(std::size_t which) const noexcept;
    [[nodiscard]] time_point next_look() const noexcept;
    step start(time_point now) noexcept;
    step give_up_oldest(time_point now) noexcept;

    std::size_t addresses_;
    connect_clocks clocks_;
    std::size_t tried_ = 0;
    std::size_t under_way_ = 0;
    std::array<attempt, max_under_way>
        attempts_{}; // the first `under_way_`, oldest first: it ends first, too
    time_point end_ = time_point::max();
    time_point next_start_{};
    std::size_t last_failed_ = 0;
    error_code last_error_{};
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/connect_race.ipp>
#endif

#endif
