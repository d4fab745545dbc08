#ifndef VIADUCT_DETAIL_POINT_AFTER_HPP
#define VIADUCT_DETAIL_POINT_AFTER_HPP

#include <chrono>

namespace viaduct::detail {

/// The end of a time that begins at `from`; never, if the limit is zero or further away than the clock can
/// tell.
[[nodiscard]] inline std::chrono::steady_clock::time_point
point_after(std::chrono::steady_clock::time_point from, std::chrono::milliseconds limit)
{
    constexpr auto never = std::chrono::steady_clock::time_point::max();
    auto const most = std::chrono::duration_cast<std::chrono::milliseconds>(never - from);
    return limit > limit.zero() && limit < most ? from + limit : never;
}

} // namespace viaduct::detail

#endif
