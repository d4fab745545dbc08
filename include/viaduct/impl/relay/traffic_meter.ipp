#ifndef VIADUCT_IMPL_RELAY_TRAFFIC_METER_IPP
#define VIADUCT_IMPL_RELAY_TRAFFIC_METER_IPP

#include <viaduct/relay/traffic_meter.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace viaduct {
namespace detail {

/// No turn is larger than what one read takes, however fast the meter: the rest would keep others waiting.
inline constexpr std::uint64_t largest_turn = 64 * 1024;

/// A queue up to here has whole turns. Beyond it a turn shrinks as the queue grows, and so the queue grows
/// with the square root of the number of those who wait: 10,000 of them wait a few seconds.
inline constexpr std::chrono::steady_clock::duration short_queue = std::chrono::milliseconds{100};

} // namespace detail

VIADUCT_DECL traffic_meter::traffic_meter(meter_terms const& terms, time_point now)
{
    reload(terms, now);
}

VIADUCT_DECL void traffic_meter::reload(meter_terms const& terms, time_point now)
{
    std::lock_guard const lock{mutex_};
    quota_ = terms.quota;
    period_ = std::min(terms.period, std::chrono::duration_cast<std::chrono::seconds>(detail::longest_wait));
    if (terms.rate == rate_) return;
    rate_ = terms.rate;
    bucket_.reset();
    if (rate_.octets_per_second == 0) return;
    bucket_.emplace(rate_, now);
    useful_ = std::min(bucket_->useful(), detail::largest_turn);
}

VIADUCT_DECL std::uint64_t traffic_meter::available(time_point now) const
{
    std::lock_guard const lock{mutex_};
    if (!bucket_) return rest(now);
    auto const there = bucket_->available(now);
    return there < useful_ ? 0 : std::min(there, rest(now));
}

VIADUCT_DECL std::uint64_t traffic_meter::left(time_point now) const
{
    std::lock_guard const lock{mutex_};
    return rest(now);
}

VIADUCT_DECL traffic_meter::time_point traffic_meter::renewal(time_point now) const
{
    std::lock_guard const lock{mutex_};
    if (!in_period(now)) return now;
    return period_ == clock::duration::zero() ? now + detail::longest_wait : begun_ + period_;
}

VIADUCT_DECL std::uint64_t traffic_meter::turn(time_point now) const
{
    std::lock_guard const lock{mutex_};
    if (!bucket_) return detail::largest_turn;
    auto const queue = bucket_->even() - now;
    if (queue <= detail::short_queue) return useful_;
    std::chrono::duration<double> const usual = detail::short_queue;
    auto const share = static_cast<double>(useful_) * (usual / queue);
    return static_cast<std::uint64_t>(std::ceil(share)); // up: so the smallest turns are even too
}

VIADUCT_DECL traffic_meter::time_point traffic_meter::reserve(std::uint64_t octets, time_point now)
{
    std::lock_guard const lock{mutex_};
    if (!bucket_) return now;
    bucket_->take(octets, now);
    return std::max(bucket_->even(), now);
}

VIADUCT_DECL void traffic_meter::give_back(std::uint64_t reserved)
{
    std::lock_guard const lock{mutex_};
    if (bucket_) bucket_->give_back(reserved);
}

VIADUCT_DECL void traffic_meter::take(std::uint64_t octets, time_point now, std::uint64_t reserved)
{
    std::lock_guard const lock{mutex_};
    if (bucket_ && reserved > octets) bucket_->give_back(reserved - octets);
    if (bucket_ && reserved < octets) bucket_->take(octets - reserved, now);
    if (quota_ == 0 || octets == 0) return;
    if (!in_period(now)) {
        begun_ = now;
        carried_ = 0;
    }
    carried_ += std::min(octets, std::numeric_limits<std::uint64_t>::max() - carried_);
}

VIADUCT_DECL bool traffic_meter::is_fresh(time_point now) const
{
    std::lock_guard const lock{mutex_};
    return (!bucket_ || bucket_->is_full(now)) && !in_period(now);
}

/// Whether octets have been carried that count still.
VIADUCT_DECL bool traffic_meter::in_period(time_point now) const
{
    return carried_ != 0 && (period_ == clock::duration::zero() || now - begun_ < period_);
}

VIADUCT_DECL std::uint64_t traffic_meter::rest(time_point now) const
{
    if (quota_ == 0) return std::numeric_limits<std::uint64_t>::max();
    if (!in_period(now)) return quota_;
    return carried_ < quota_ ? quota_ - carried_ : 0;
}

} // namespace viaduct

#endif
