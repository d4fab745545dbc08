#ifndef VIADUCT_EXAMPLES_PROXY_SAY_HPP
#define VIADUCT_EXAMPLES_PROXY_SAY_HPP

#include <cstdio>
#include <string>

namespace viaduct_proxy {

/// Says something to whoever started the program. That nobody listens is no reason to stop.
inline void tell(std::string const& line) noexcept
{
    std::fputs(("viaduct-proxy: " + line + '\n').c_str(), stderr);
}

} // namespace viaduct_proxy

#endif
