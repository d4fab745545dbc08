#ifndef VIADUCT_IMPL_RELAY_TOKEN_BUCKET_IPP
#define VIADUCT_IMPL_RELAY_TOKEN_BUCKET_IPP

#include <viaduct/relay/token_bucket.hpp>

#include <algorithm>

namespace viaduct {

VIADUCT_DECL token_bucket::token_bucket(rate_limit const& limit, time_point now) noexcept
    : rate_{std::max<std::uint64_t>(limit.octets_per_second, 1)},
      burst_{std::max<std::uint64_t>(limit.burst != 0 ? limit.burst : rate_ / 10, 1)},
      useful_{std::clamp<std::uint64_t>(rate_ / 50, 1, burst_)},
      full_{now}
{}

VIADUCT_DECL std::uint64_t token_bucket::available(time_point now) const noexcept
{
    if (now >= full_) return burst_;
    // Rounded up: time is counted in whole units, and a bucket that waited until `ready` has what it waited
    // for.
    std::chrono::duration<double> const missing_time = full_ - now;
    auto const missing = static_cast<std::uint64_t>(missing_time.count() * static_cast<double>(rate_));
    return burst_ - std::min(missing, burst_);
}

VIADUCT_DECL void token_bucket::take(std::uint64_t octets, time_point now) noexcept
{
    full_ = std::max(full_, now) + time_of(octets);
}

VIADUCT_DECL token_bucket::time_point token_bucket::ready() const noexcept
{
    return full_ - time_of(burst_ - useful_);
}

VIADUCT_DECL token_bucket::duration token_bucket::time_of(std::uint64_t octets) const noexcept
{
    std::chrono::duration<double> const seconds{static_cast<double>(octets) / static_cast<double>(rate_)};
    return std::chrono::duration_cast<duration>(seconds);
}

} // namespace viaduct

#endif
