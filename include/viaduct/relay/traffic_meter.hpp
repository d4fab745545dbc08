#ifndef VIADUCT_RELAY_TRAFFIC_METER_HPP
#define VIADUCT_RELAY_TRAFFIC_METER_HPP

#include <viaduct/relay/relay_options.hpp>
#include <viaduct/relay/token_bucket.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace viaduct {

/// What a meter grants. A part that is zero is not limited.
struct meter_terms
{
    rate_limit rate{};                                    ///< For all that share the meter, together.
    std::uint64_t quota = 0;                              ///< Octets in a period.
    std::chrono::seconds period = std::chrono::hours{24}; ///< Begins with its first octet; zero for ever.
};

/// How much several directions may carry together: a rate, a quota or both, as a rule without a timer.
/**
 * Put it into `relay_options::meters_a_to_b` and `meters_b_to_a` of every relay that shares it, such as those
 * of one client (Squid's delay pools have the same use). A rate pushes back, as that of a single tunnel does.
 * A quota that is used up ends a relay with `errc::quota_exceeded` when it would read next.
 *
 * **Everybody gets a share.** Who finds nothing there takes a turn: it reserves a few octets, is told when
 * they are its own, and wakes once, then. Turns are in the order in which they were asked for. The longer the
 * queue, the smaller a turn, so that a wait of thousands is a matter of seconds.
 *
 * A read under way counts once it has ended: as many as end at the same time may pass what was there, and
 * that is made good before anybody reads again. The relay holds the meter alive.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class traffic_meter
{
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;

    VIADUCT_DECL explicit traffic_meter(meter_terms const& terms, time_point now = clock::now());
    traffic_meter(traffic_meter const&) = delete;
    traffic_meter& operator=(traffic_meter const&) = delete;

    /// From now on it grants this. What has been carried in this period counts on; a rate that is another one
    /// begins with a whole burst.
    VIADUCT_DECL void reload(meter_terms const& terms, time_point now);

    /// Octets that may be read now; none if it is so few that a turn is better, or if the quota is used up.
    [[nodiscard]] VIADUCT_DECL std::uint64_t available(time_point now) const;

    /// Octets of the quota that are left in this period.
    [[nodiscard]] VIADUCT_DECL std::uint64_t left(time_point now) const;

    /// When the next period begins; now, if none has begun.
    [[nodiscard]] VIADUCT_DECL time_point renewal(time_point now) const;

    /// Octets of a turn: less than a fiftieth of a second's worth, the less the longer the queue, and never
    /// none.
    [[nodiscard]] VIADUCT_DECL std::uint64_t turn(time_point now) const;

    /// Takes a turn of so many octets.
    /** @return When they may be read. Then call `take`, or before it `give_back`. */
    [[nodiscard]] VIADUCT_DECL time_point reserve(std::uint64_t octets, time_point now);

    /// A turn is not used after all.
    VIADUCT_DECL void give_back(std::uint64_t reserved);

    /// So many have been read.
    /** @param reserved Those of the turn they were read in, or none; what is left of it goes to others. */
    VIADUCT_DECL void take(std::uint64_t octets, time_point now, std::uint64_t reserved = 0);

    /// Whether a new meter would grant just as much, so that this one need not be remembered.
    [[nodiscard]] VIADUCT_DECL bool is_fresh(time_point now) const;

private:
    [[nodiscard]] bool in_period(time_point now) const;
    [[nodiscard]] std::uint64_t rest(time_point now) const;

    std::mutex mutable mutex_;
    rate_limit rate_{};
    std::optional<token_bucket> bucket_;
    std::uint64_t useful_ = 0; // the largest turn
    std::uint64_t quota_ = 0;
    clock::duration period_{};
    time_point begun_{}; // the period, if any octets are in it
    std::uint64_t carried_ = 0;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/relay/traffic_meter.ipp>
#endif

#endif
