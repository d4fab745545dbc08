#ifndef VIADUCT_DETAIL_NEAREST_NAME_HPP
#define VIADUCT_DETAIL_NEAREST_NAME_HPP

#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail {

inline constexpr std::size_t one_letter = 65; ///< More than all letters of a name in another case.

/// `one_letter` for each that one has to add, to leave out or to change, and 1 for each in another case, so
/// that case decides only between names that are equally near.
[[nodiscard]] inline std::size_t letters_apart(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] = j * one_letter;
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], row[0] + one_letter);
        for (std::size_t j = 0; j < b.size(); ++j) {
            bool const same = characters::to_lower(a[i]) == characters::to_lower(b[j]);
            auto const changed = diagonal + (a[i] == b[j] ? 0 : same ? 1 : one_letter);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + one_letter, diagonal + one_letter});
        }
    }
    return row.back();
}

/// Finds the one of several names that a wrong one was most likely meant to be.
class nearest_name
{
public:
    explicit nearest_name(std::string_view wrong)
        : wrong_{wrong.substr(0, 64)},
          least_{std::min<std::size_t>(3, wrong.size() / 2 + 1) * one_letter}
    {}

    void offer(std::string_view name)
    {
        auto const d = letters_apart(wrong_, name);
        if (d >= least_) return;
        least_ = d;
        found_ = name;
    }

    /// Empty if none is near.
    [[nodiscard]] std::string_view found() const noexcept { return found_; }

private:
    std::string_view wrong_;
    std::string_view found_{};
    std::size_t least_;
};

} // namespace viaduct::detail

#endif
