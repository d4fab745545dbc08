#ifndef VIADUCT_DETAIL_LATER_HPP
#define VIADUCT_DETAIL_LATER_HPP

#include <algorithm>
#include <chrono>

namespace viaduct::detail {

/// The end of a wait of somebody's choice: whoever wants to wait for ever waits for a year, so that nothing
/// overflows.
[[nodiscard]] inline std::chrono::steady_clock::time_point later(std::chrono::steady_clock::time_point from,
                                                                 std::chrono::milliseconds wait) noexcept
{
    constexpr std::chrono::milliseconds year = std::chrono::hours{24 * 365};
    return from + std::clamp(wait, std::chrono::milliseconds{0}, year);
}

} // namespace viaduct::detail

#endif
