#ifndef VIADUCT_IMPL_RELAY_RELAY_CLOCK_IPP
#define VIADUCT_IMPL_RELAY_RELAY_CLOCK_IPP

#include <viaduct/detail/point_after.hpp>
#include <viaduct/relay/relay_clock.hpp>

#include <algorithm>

namespace viaduct {

VIADUCT_DECL relay_clock::relay_clock(relay_options const& options, time_point start) noexcept
    : idle_{options.idle_timeout},
      half_close_{options.half_close_timeout},
      lifetime_end_{detail::point_after(start, options.lifetime)},
      last_activity_{start}
{}

VIADUCT_DECL relay_clock::time_point relay_clock::silence_end() const noexcept
{
    return detail::point_after(last_activity_, half_closed_ ? half_close_ : idle_);
}

VIADUCT_DECL relay_clock::time_point relay_clock::next_look() const noexcept
{
    return std::min(lifetime_end_, silence_end());
}

VIADUCT_DECL std::optional<errc> relay_clock::expired(time_point now) const noexcept
{
    if (now >= lifetime_end_) return errc::lifetime_exceeded;
    if (now < silence_end()) return std::nullopt;
    return half_closed_ ? errc::half_close_timeout : errc::idle_timeout;
}

} // namespace viaduct

#endif
