#ifndef VIADUCT_CURL_TELL_STYLED_HPP
#define VIADUCT_CURL_TELL_STYLED_HPP

#include <algorithm>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// A line of a head for a terminal: the field's name is bold.
[[nodiscard]] inline std::string styled(std::string_view line)
{
    auto const colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with("HTTP/")) return std::string{line};
    return "\x1b[1m" + std::string{line.substr(0, colon)} + "\x1b[0m" + std::string{line.substr(colon)};
}

} // namespace viaduct_curl

#endif
