#ifndef VIADUCT_RELAY_RELAY_OPTIONS_HPP
#define VIADUCT_RELAY_RELAY_OPTIONS_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace viaduct {

class traffic_meter;

/// How far a relay has come, for whoever watches it meanwhile.
struct relay_progress
{
    using time_point = std::chrono::steady_clock::time_point;

    std::uint64_t a_to_b = 0; ///< Octets read from `a` and written to `b`.
    std::uint64_t b_to_a = 0; ///< Octets read from `b` and written to `a`.

    time_point first_a_to_b{}; ///< When the first of them was written; the clock's epoch before that.
    time_point first_b_to_a{}; ///< Likewise.
    time_point last{};         ///< When the last one was, either way.
};

/// How fast octets may go one way.
struct rate_limit
{
    std::uint64_t octets_per_second = 0; ///< Zero for no limit.
    std::uint64_t burst = 0; ///< What may pass at once after a pause; zero for a tenth of a second's worth.

    friend bool operator==(rate_limit const&, rate_limit const&) = default;
};

/// The clocks and the memory of a relay. Zero switches a clock off.
struct relay_options
{
    /// No octet in either direction for this long ends the relay with `errc::idle_timeout`.
    std::chrono::milliseconds idle_timeout = std::chrono::minutes{15};

    /// The same once one direction has ended: `errc::half_close_timeout`. A side that goes on talking keeps
    /// it away.
    std::chrono::milliseconds half_close_timeout = std::chrono::seconds{30};

    /// The relay ends after this time with `errc::lifetime_exceeded`, whatever it does.
    std::chrono::milliseconds lifetime = std::chrono::milliseconds::zero();

    /// Octets that one direction may hold. It holds 1 KiB while its stream is silent, and more as its reads
    /// fill what they are given; see `read_size`. Between sockets on Linux it holds none while its reader
    /// keeps up, and otherwise what a read had taken (64 KiB) or what lies in a pipe (512 KiB), whatever is
    /// said here.
    std::size_t buffer_size = 64 * 1024;

    /// What is read from `a` goes no faster than this; `a` is read no faster, and so held up in turn. Early
    /// octets have been read already, and do not count.
    rate_limit limit_a_to_b{};

    /// The same for what is read from `b`.
    rate_limit limit_b_to_a{};

    /// Meters that what is read from `a` counts at, and is held up by; other relays may share them. A quota
    /// that is used up ends the relay with `errc::quota_exceeded`. None of them may be null.
    std::vector<std::shared_ptr<traffic_meter>> meters_a_to_b{};

    /// The same for what is read from `b`; a meter may stand in both.
    std::vector<std::shared_ptr<traffic_meter>> meters_b_to_a{};

    /// Kept up to date while the relay runs, on its thread; must live until the completion. Null: nobody
    /// looks.
    relay_progress* progress = nullptr;
};

/// Octets that somebody has read from the streams of a relay before it, and that it is to deliver first.
struct early_octets
{
    std::string from_a{}; ///< For `b`.
    std::string from_b{}; ///< For `a`.
};

/// One of the two streams of a relay, in the order of its arguments.
enum class relay_side : unsigned char
{
    none,
    a,
    b
};

[[nodiscard]] constexpr relay_side other_side(relay_side side) noexcept
{
    return side == relay_side::a ? relay_side::b : relay_side::a;
}

/// Why a relay ended.
enum class relay_end : unsigned char
{
    closed,    ///< Both directions came to the end of their stream.
    reset,     ///< A side reset its connection; the other side was reset in turn.
    failed,    ///< Another error; see the error code.
    timed_out, ///< A clock ran out; see the error code.
    cancelled  ///< The operation was cancelled.
};

/// What a relay did.
struct relay_result : relay_progress
{
    relay_side first_to_end = relay_side::none; ///< The side that sent its end of stream, or broke, first.
    relay_side broken = relay_side::none;       ///< The side whose failure ended it, if that did.
    relay_end end = relay_end::closed;
    std::chrono::steady_clock::duration duration{};
};

} // namespace viaduct

#endif
