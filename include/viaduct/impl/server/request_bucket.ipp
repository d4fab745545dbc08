#ifndef VIADUCT_IMPL_SERVER_REQUEST_BUCKET_IPP
#define VIADUCT_IMPL_SERVER_REQUEST_BUCKET_IPP

#include <viaduct/server/request_bucket.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

/// A year, so that nothing here overflows: a burst that takes longer to fill is as good as this one.
inline constexpr std::chrono::milliseconds longest_refill = std::chrono::hours{24 * 365};

} // namespace detail

VIADUCT_DECL request_bucket::request_bucket(request_rate const& rate, time_point now) noexcept : full_{now}
{
    duration const span = std::clamp(rate.per, std::chrono::milliseconds{1}, detail::longest_refill);
    duration const most = detail::longest_refill;
    interval_ = std::max(span / std::max(rate.count, 1U), duration{1});
    auto const burst = rate.burst != 0 ? rate.burst : rate.count;
    auto const more = std::max(burst, 1U) - 1;
    tolerance_ = more < most / interval_ ? interval_ * more : most;
}

VIADUCT_DECL bool request_bucket::take(time_point now) noexcept
{
    if (now < ready()) return false;
    full_ = std::max(full_, now) + interval_;
    return true;
}

} // namespace viaduct

#endif
