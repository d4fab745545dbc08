#ifndef VIADUCT_DETAIL_PROXY_V2_HPP
#define VIADUCT_DETAIL_PROXY_V2_HPP

#include <cstddef>
#include <string_view>

/// The octets of a version 2 header of the PROXY protocol (section 2.2 of its specification).
namespace viaduct::detail::proxy_v2 {

/// What no protocol in use begins with; has a NUL in it.
inline constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};

// The version, 2, and the command.
inline constexpr unsigned char local = 0x20;
inline constexpr unsigned char proxy = 0x21;

// The family of the addresses, and the transport.
inline constexpr unsigned char unspecified = 0x00;
inline constexpr unsigned char tcp_over_ipv4 = 0x11;
inline constexpr unsigned char tcp_over_ipv6 = 0x21;

// The last ones that are assigned: local sockets, and datagrams. They fill four bits each.
inline constexpr unsigned last_family = 3;
inline constexpr unsigned last_transport = 2;

/// The signature, command, family, and the length of the rest in two octets.
inline constexpr std::size_t fixed_size = 16;

// What follows for TCP: two addresses and two ports.
inline constexpr std::size_t ipv4_size = 12;
inline constexpr std::size_t ipv6_size = 36;

/// As much may follow the fixed part, of all that 16 bits could count: the addresses, and what a TLS front
/// tells of a client's certificate.
inline constexpr std::size_t largest_rest = 4096;

} // namespace viaduct::detail::proxy_v2

#endif
