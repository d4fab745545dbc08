#ifndef VIADUCT_TESTING_DETAIL_EXPECTATION_LIST_HPP
#define VIADUCT_TESTING_DETAIL_EXPECTATION_LIST_HPP

#include <viaduct/testing/detail/target_pattern.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace viaduct::testing::detail {

/// How often a test expects its program to ask for something.
struct expected_requests
{
    static constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

    std::string pattern{};
    std::size_t least = 1;
    std::size_t most = 1;
    std::size_t seen = 0;

    [[nodiscard]] bool is_met() const noexcept { return least <= seen && seen <= most; }
};

[[nodiscard]] inline std::string times(std::size_t n)
{
    return n == 1 ? "once" : std::to_string(n) + " times";
}

[[nodiscard]] inline std::string how_often(expected_requests const& e)
{
    if (e.most == 0) return "never";
    if (e.most == expected_requests::any_number) return "at least " + times(e.least);
    return e.least == e.most ? times(e.least) : std::to_string(e.least) + " to " + times(e.most);
}

/// All that a test expects, and what came beside it.
class expectation_list
{
public:
    [[nodiscard]] std::shared_ptr<expected_requests> add(std::string pattern)
    {
        all_.push_back(std::make_shared<expected_requests>());
        all_.back()->pattern = std::move(pattern);
        return all_.back();
    }

    /// Counts for the first expectation that still wants it, or else for the last one that knows it.
    void count(std::string const& target)
    {
        expected_requests* which = nullptr;
        for (auto const& each : all_) {
            if (!matches(each->pattern, target)) continue;
            which = each.get();
            if (each->seen < each->most) break;
        }
        if (which)
            ++which->seen;
        else
            others_.push_back(target);
    }

    /// What was missing or too much, a line each, and what came instead.
    [[nodiscard]] std::string unmet() const
    {
        std::string text;
        for (auto const& each : all_)
            if (!each->is_met())
                text += "expected " + each->pattern + ' ' + how_often(*each) + "; it " +
                        (each->seen == 0 ? "never came" : "came " + times(each->seen)) + '\n';
        if (text.empty()) return text;
        text += others_.empty() ? "nothing else came" : "what came instead:";
        for (auto const& target : others_)
            text += ' ' + target;
        return text + '\n';
    }

private:
    std::vector<std::shared_ptr<expected_requests>> all_{};
    std::vector<std::string> others_{};
};

} // namespace viaduct::testing::detail

#endif
