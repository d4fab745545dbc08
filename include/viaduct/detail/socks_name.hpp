#ifndef VIADUCT_DETAIL_SOCKS_NAME_HPP
#define VIADUCT_DETAIL_SOCKS_NAME_HPP

#include <string_view>

namespace viaduct::detail {

/// The name of what a proxy speaks, for people, if that is SOCKS; empty for anything else.
/** @param proxy Its URL, as `dial_moment::proxy` has it. */
[[nodiscard]] constexpr std::string_view socks_name(std::string_view proxy) noexcept
{
    if (proxy.starts_with("socks4")) return "SOCKS4";
    return proxy.starts_with("socks") ? "SOCKS5" : "";
}

} // namespace viaduct::detail

#endif
