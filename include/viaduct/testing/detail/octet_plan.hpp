#ifndef VIADUCT_TESTING_DETAIL_OCTET_PLAN_HPP
#define VIADUCT_TESTING_DETAIL_OCTET_PLAN_HPP

#include <viaduct/testing/proxy_behaviour.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace viaduct::testing::detail {

/// What becomes of the octets of one direction, as a rule without I/O.
class octet_plan
{
public:
    using clock = std::chrono::steady_clock;

    octet_plan() = default;

    /// @param faults Those of this direction; `where` means nothing any more, `after` counts from its start.
    octet_plan(proxy_behaviour const& of, std::vector<proxy_fault> faults)
        : faults_{std::move(faults)},
          pieces_of_{of.pieces_of},
          rate_{of.octets_per_second}
    {}

    /// How many of so many octets may go in one piece.
    [[nodiscard]] std::size_t at_most(std::size_t wanted) const
    {
        std::uint64_t most = wanted;
        if (pieces_of_ != 0) most = std::min<std::uint64_t>(most, pieces_of_);
        if (rate_ != 0) most = std::min(most, std::max<std::uint64_t>(rate_ / pieces_a_second, 1));
        for (auto const& each : faults_) {
            if (each.after > passed_) most = std::min(most, each.after - passed_);
            if (flips(each)) most = std::min<std::uint64_t>(most, 1);
        }
        return static_cast<std::size_t>(most);
    }

    /// Whether the next octet is to be another one.
    [[nodiscard]] bool flips_next() const
    {
        return std::any_of(faults_.begin(), faults_.end(), [this](auto const& each) { return flips(each); });
    }

    void pass(std::size_t octets)
    {
        passed_ += octets;
        if (rate_ == 0) return;
        auto const cost =
            std::chrono::duration<double>(static_cast<double>(octets) / static_cast<double>(rate_));
        ready_at_ = std::max(ready_at_, clock::now()) + std::chrono::duration_cast<clock::duration>(cost);
    }

    /// When the next octets may go, for the sake of the rate.
    [[nodiscard]] clock::time_point ready_at() const noexcept { return ready_at_; }

    /// What ends this direction at this very octet.
    [[nodiscard]] std::optional<proxy_fault::kind> due() const
    {
        for (auto const& each : faults_)
            if (each.after == passed_ && each.what != proxy_fault::kind::corrupt) return each.what;
        return std::nullopt;
    }

    [[nodiscard]] std::uint64_t passed() const noexcept { return passed_; }

private:
    static constexpr std::uint64_t pieces_a_second = 20;

    [[nodiscard]] bool flips(proxy_fault const& each) const
    {
        return each.what == proxy_fault::kind::corrupt && each.after == passed_;
    }

    std::vector<proxy_fault> faults_{};
    std::size_t pieces_of_ = 0;
    std::uint64_t rate_ = 0;
    std::uint64_t passed_ = 0;
    clock::time_point ready_at_{};
};

} // namespace viaduct::testing::detail

#endif
