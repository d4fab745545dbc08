#ifndef VIADUCT_DETAIL_MACHINE_NAME_HPP
#define VIADUCT_DETAIL_MACHINE_NAME_HPP

#include <array>
#include <string>
#if !defined(_WIN32)
#include <unistd.h>
#endif

namespace viaduct::detail {

/// What this machine calls itself; empty if it does not say.
[[nodiscard]] inline std::string machine_name()
{
    std::array<char, 256> name{};
#if !defined(_WIN32)
    if (::gethostname(name.data(), name.size() - 1) != 0) return {};
#endif
    return name.data();
}

} // namespace viaduct::detail

#endif
