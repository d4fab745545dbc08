#ifndef VIADUCT_EXAMPLES_PROXY_SAY_HPP
#define VIADUCT_EXAMPLES_PROXY_SAY_HPP

#include <algorithm>
#include <cstdio>
#include <string>

namespace viaduct_proxy {

/// Says something to whoever started the program. That nobody listens is no reason to stop.
inline void tell(std::string const& line) noexcept
{
    std::fputs(("viaduct-proxy: " + line + '\n').c_str(), stderr);
}

/// A text that somebody else chose, without what a terminal would obey.
[[nodiscard]] inline std::string printable(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return text;
}

} // namespace viaduct_proxy

#endif
