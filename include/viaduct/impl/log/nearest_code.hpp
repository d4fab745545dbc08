#ifndef VIADUCT_IMPL_LOG_NEAREST_CODE_HPP
#define VIADUCT_IMPL_LOG_NEAREST_CODE_HPP

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <vector>

namespace viaduct::detail {

/// How many letters one has to add, to leave out or to change.
[[nodiscard]] inline std::size_t letters_between(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (char const letter : a) {
        auto diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            auto const changed = diagonal + (letter == b[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// The code whose name has the least distance from a wrong one.
template <class Codes>
[[nodiscard]] std::string_view nearest_code(Codes const& codes, std::string_view wrong)
{
    auto const found = std::min_element(codes.begin(), codes.end(), [wrong](auto const& a, auto const& b) {
        return letters_between(wrong, a.name) < letters_between(wrong, b.name);
    });
    return found->name;
}

} // namespace viaduct::detail

#endif
