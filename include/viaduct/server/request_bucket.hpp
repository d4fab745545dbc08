#ifndef VIADUCT_SERVER_REQUEST_BUCKET_HPP
#define VIADUCT_SERVER_REQUEST_BUCKET_HPP

#include <viaduct/detail/config.hpp>

#include <chrono>
#include <cstdint>

namespace viaduct {

/// How many new tunnels there may be in a while.
struct request_rate
{
    std::uint32_t count = 0;                                 ///< Zero for no limit.
    std::uint32_t burst = 0;                                 ///< At once, after a pause; zero for `count`.
    std::chrono::milliseconds per = std::chrono::seconds{1}; ///< The while.

    friend bool operator==(request_rate const&, request_rate const&) = default;
};

/// Whether one more request may come now: a bucket of requests, as a rule without a timer.
class request_bucket
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// @param rate With a count above zero.
    VIADUCT_DECL request_bucket(request_rate const& rate, time_point now) noexcept;

    /// Takes one request, if there is one.
    [[nodiscard]] VIADUCT_DECL bool take(time_point now) noexcept;

    /// The request that was taken last is refused for another reason.
    void give_back() noexcept { full_ -= interval_; }

    /// When there is one, if none is taken until then.
    [[nodiscard]] time_point ready() const noexcept { return full_ - tolerance_; }

    /// Whether the whole burst is there.
    [[nodiscard]] bool is_full(time_point now) const noexcept { return now >= full_; }

private:
    using duration = std::chrono::steady_clock::duration;

    duration interval_;  // between two requests that come evenly
    duration tolerance_; // how much earlier one may come
    time_point full_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/request_bucket.ipp>
#endif

#endif
