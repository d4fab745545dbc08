#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_INCLUDE_LINE_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_INCLUDE_LINE_HPP

#include <string>
#include <string_view>
#include <vector>

namespace viaduct_proxy {

/// The patterns of an `include`: apart by blanks, but for those between double quotes, where a backslash
/// takes the meaning off what follows it.
struct include_patterns
{
    std::vector<std::string> all{};
    bool open = false; ///< A quote has no end.
};

[[nodiscard]] include_patterns split_patterns(std::string_view text);

/// A line `#line 12 "file"`, as preprocessors leave them.
struct line_mark
{
    bool given = false; ///< False for any other comment.
    unsigned line = 0;  ///< Of the next line.
    std::string file{}; ///< Empty if it stays.
};

[[nodiscard]] line_mark to_line_mark(std::string_view line);

} // namespace viaduct_proxy

#endif
