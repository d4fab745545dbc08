#ifndef VIADUCT_RELAY_TOKEN_BUCKET_HPP
#define VIADUCT_RELAY_TOKEN_BUCKET_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/relay/relay_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace viaduct {

/// How much may pass now: a token bucket, as a rule without a timer.
/**
 * It holds a burst at first, and fills at the rate of its limit. All that it keeps is when it will be full
 * again, so that it needs no tick and loses no fraction of an octet.
 */
class token_bucket
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// @param limit A rate above zero; without a burst of its own it is a tenth of a second's worth.
    VIADUCT_DECL token_bucket(rate_limit const& limit, time_point now) noexcept;

    /// Octets that may pass now.
    [[nodiscard]] VIADUCT_DECL std::uint64_t available(time_point now) const noexcept;

    /// So many have passed; more than were available are made good later.
    VIADUCT_DECL void take(std::uint64_t octets, time_point now) noexcept;

    /// The least that is worth a read: a fiftieth of a second's worth, as far as the burst allows it.
    [[nodiscard]] std::uint64_t useful() const noexcept { return useful_; }

    /// When that much is available, if nothing passes until then.
    [[nodiscard]] VIADUCT_DECL time_point ready() const noexcept;

    /// When all that was taken is made good: nothing is owed, and nothing there.
    [[nodiscard]] VIADUCT_DECL time_point even() const noexcept;

    /// So many were taken and have not passed.
    VIADUCT_DECL void give_back(std::uint64_t octets) noexcept;

    /// Whether the whole burst is there.
    [[nodiscard]] bool is_full(time_point now) const noexcept { return now >= full_; }

private:
    using duration = std::chrono::steady_clock::duration;

    [[nodiscard]] duration time_of(std::uint64_t octets) const noexcept;

    std::uint64_t rate_; // octets a second
    std::uint64_t burst_;
    std::uint64_t useful_;
    time_point full_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/relay/token_bucket.ipp>
#endif

#endif
