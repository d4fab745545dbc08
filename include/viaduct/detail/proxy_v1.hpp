#ifndef VIADUCT_DETAIL_PROXY_V1_HPP
#define VIADUCT_DETAIL_PROXY_V1_HPP

#include <cstddef>
#include <string_view>

/// The words of a version 1 header of the PROXY protocol (section 2.1 of its specification).
namespace viaduct::detail::proxy_v1 {

inline constexpr std::string_view start = "PROXY ";
inline constexpr std::string_view tcp_over_ipv4 = "TCP4";
inline constexpr std::string_view tcp_over_ipv6 = "TCP6";
inline constexpr std::string_view unknown = "UNKNOWN";
inline constexpr std::string_view end = "\r\n";

/// No line is longer, its end included.
inline constexpr std::size_t longest = 107;

} // namespace viaduct::detail::proxy_v1

#endif
