#ifndef VIADUCT_IMPL_AUTH_CONSTANT_TIME_HPP
#define VIADUCT_IMPL_AUTH_CONSTANT_TIME_HPP

#include <cstddef>
#include <string_view>

namespace viaduct::detail {

/// Whether two texts are equal, in a time that depends on the length of the first one only.
/**
 * So whoever has sent `given` learns nothing from the clock, neither where the texts begin to differ nor how
 * long the expected one is.
 */
[[nodiscard]] inline bool constant_time_equal(std::string_view given, std::string_view expected) noexcept
{
    static constexpr std::string_view nothing{"", 1};
    bool const comparable = !expected.empty();
    auto const against = comparable ? expected : nothing;
    unsigned char volatile differences = given.size() == expected.size() ? 0 : 1; // looked at only at the end
    for (std::size_t i = 0, at = 0; i != given.size(); ++i, at = at + 1 == against.size() ? 0 : at + 1)
        differences = static_cast<unsigned char>(
            differences | (static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(against[at])));
    return differences == 0;
}

} // namespace viaduct::detail

#endif
