#ifndef VIADUCT_TESTING_DETAIL_TARGET_PATTERN_HPP
#define VIADUCT_TESTING_DETAIL_TARGET_PATTERN_HPP

#include <cstddef>
#include <string_view>

namespace viaduct::testing::detail {

/// Whether a target is as a pattern says, in which `*` stands for any octets, or none.
[[nodiscard]] inline bool matches(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0;
    std::size_t after_star = std::string_view::npos; // in the pattern
    std::size_t retry = 0;                           // in the text, with one octet more for the star
    for (std::size_t t = 0; t < text.size() || p < pattern.size();) {
        if (p < pattern.size() && pattern[p] == '*') {
            after_star = ++p;
            retry = t;
        } else if (p < pattern.size() && t < text.size() && pattern[p] == text[t]) {
            ++p, ++t;
        } else if (after_star != std::string_view::npos && retry < text.size()) {
            p = after_star;
            t = ++retry;
        } else {
            return false;
        }
    }
    return true;
}

} // namespace viaduct::testing::detail

#endif
