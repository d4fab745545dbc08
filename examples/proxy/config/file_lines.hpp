#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_FILE_LINES_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_FILE_LINES_HPP

#include "conditions.hpp"

#include <algorithm>
#include <string_view>

namespace viaduct_proxy {

/// A file of values: each of its lines, without the blanks around it, and their numbers.
template <class F>
void each_line(std::string_view text, F&& f)
{
    if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
    for (unsigned number = 1; !text.empty(); ++number) {
        auto const end = std::min(text.find('\n'), text.size());
        f(trimmed(text.substr(0, end)), number);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

/// A line up to its comment, which starts where a word would.
[[nodiscard]] inline std::string_view without_comment(std::string_view line) noexcept
{
    constexpr std::string_view blanks = " \t\n\r";
    std::size_t end = 0;
    for (std::size_t i = 0; i < line.size() && line[i] != '#';) {
        end = std::min(line.find_first_of(blanks, i), line.size());
        i = std::min(line.find_first_not_of(blanks, end), line.size());
    }
    return line.substr(0, end);
}

} // namespace viaduct_proxy

#endif
