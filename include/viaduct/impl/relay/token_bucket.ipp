#ifndef VIADUCT_IMPL_RELAY_TOKEN_BUCKET_IPP
#define VIADUCT_IMPL_RELAY_TOKEN_BUCKET_IPP

#include <viaduct/relay/token_bucket.hpp>

#include <algorithm>
#include <cmath>

namespace viaduct {
namespace detail {

/// A hundred years, so that no sum of two overflows.
inline constexpr std::chrono::steady_clock::duration longest_wait = std::chrono::hours{24 * 36525};

} // namespace detail

VIADUCT_DECL token_bucket::token_bucket(rate_limit const& limit, time_point now) noexcept
    : rate_{std::max<std::uint64_t>(limit.octets_per_second, 1)},
      burst_{std::max<std::uint64_t>(limit.burst != 0 ? limit.burst : rate_ / 10, 1)},
      useful_{std::clamp<std::uint64_t>(rate_ / 50, 1, burst_)},
      full_{now}
{}

VIADUCT_DECL std::uint64_t token_bucket::available(time_point now) const noexcept
{
    if (now >= full_) return burst_;
    // Whole octets only. A millionth of one is less than a double can tell apart, and must not be waited
    // for.
    std::chrono::duration<double> const missing_time = full_ - now;
    auto const missing = std::ceil(missing_time.count() * static_cast<double>(rate_) - 1e-6);
    return missing < static_cast<double>(burst_) ? burst_ - static_cast<std::uint64_t>(missing) : 0;
}

VIADUCT_DECL void token_bucket::take(std::uint64_t octets, time_point now) noexcept
{
    auto const from = std::max(full_, now);
    full_ = from + std::min(time_of(octets), now + detail::longest_wait - from);
}

VIADUCT_DECL token_bucket::time_point token_bucket::ready() const noexcept
{
    return full_ - time_of(burst_ - useful_);
}

VIADUCT_DECL token_bucket::time_point token_bucket::even() const noexcept
{
    return full_ - time_of(burst_);
}

VIADUCT_DECL void token_bucket::give_back(std::uint64_t octets) noexcept
{
    full_ -= time_of(octets);
}

VIADUCT_DECL token_bucket::duration token_bucket::time_of(std::uint64_t octets) const noexcept
{
    std::chrono::duration<double> const seconds{static_cast<double>(octets) / static_cast<double>(rate_)};
    return seconds < detail::longest_wait ? std::chrono::duration_cast<duration>(seconds)
                                          : detail::longest_wait;
}

} // namespace viaduct

#endif
