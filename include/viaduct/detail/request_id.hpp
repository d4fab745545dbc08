#ifndef VIADUCT_DETAIL_REQUEST_ID_HPP
#define VIADUCT_DETAIL_REQUEST_ID_HPP

#include <atomic>
#include <cstdint>
#include <random>

namespace viaduct::detail {

/// Spreads numbers over all numbers, each to one of its own: the finaliser of SplitMix64 (Steele, Lea and
/// Flood, 2014).
[[nodiscard]] constexpr std::uint64_t scatter(std::uint64_t n) noexcept
{
    n = (n ^ (n >> 30U)) * 0xbf58476d1ce4e5b9U;
    n = (n ^ (n >> 27U)) * 0x94d049bb133111ebU;
    return n ^ (n >> 31U);
}

/// A number that no other request of this process has, and hardly one of another process. From any thread.
/** It need not be secret: it is for finding lines that belong together. */
[[nodiscard]] inline std::uint64_t next_request_id()
{
    static std::atomic<std::uint64_t> count{[] {
        std::random_device entropy;
        return (std::uint64_t{entropy()} << 32U) | entropy();
    }()};
    return scatter(count.fetch_add(1, std::memory_order_relaxed));
}

} // namespace viaduct::detail

#endif
