#ifndef VIADUCT_IMPL_SERVER_SPECIAL_ADDRESSES_HPP
#define VIADUCT_IMPL_SERVER_SPECIAL_ADDRESSES_HPP

#include <viaduct/server/address_class.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace viaduct::detail {

using ipv4_octets = std::array<std::uint8_t, 4>;
using ipv6_octets = std::array<std::uint8_t, 16>;

template <class Octets>
struct special_block
{
    Octets prefix;
    unsigned length;
    address_class kind;
};

/// Whether the first `length` bits of two addresses agree.
template <class Octets>
[[nodiscard]] constexpr bool same_prefix(Octets const& a, Octets const& b, unsigned length) noexcept
{
    std::size_t const whole = length / 8;
    for (std::size_t i = 0; i < whole; ++i)
        if (a[i] != b[i]) return false;
    unsigned const rest = length % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

// The registries of RFC 6890 as they stand, the more specific block before the one that holds it.
inline constexpr auto ipv4_blocks = std::to_array<special_block<ipv4_octets>>({
    {{0, 0, 0, 0}, 8, address_class::unspecified},
    {{10, 0, 0, 0}, 8, address_class::private_use},
    {{100, 64, 0, 0}, 10, address_class::shared},
    {{127, 0, 0, 0}, 8, address_class::loopback},
    {{169, 254, 0, 0}, 16, address_class::link_local},
    {{172, 16, 0, 0}, 12, address_class::private_use},
    {{192, 0, 0, 0}, 24, address_class::reserved},
    {{192, 0, 2, 0}, 24, address_class::documentation},
    {{192, 88, 99, 0}, 24, address_class::reserved},
    {{192, 168, 0, 0}, 16, address_class::private_use},
    {{198, 18, 0, 0}, 15, address_class::benchmarking},
    {{198, 51, 100, 0}, 24, address_class::documentation},
    {{203, 0, 113, 0}, 24, address_class::documentation},
    {{224, 0, 0, 0}, 4, address_class::multicast},
    {{255, 255, 255, 255}, 32, address_class::broadcast},
    {{240, 0, 0, 0}, 4, address_class::reserved},
});

inline constexpr auto ipv6_blocks = std::to_array<special_block<ipv6_octets>>({
    {{}, 128, address_class::unspecified},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, address_class::loopback},
    {{0x01}, 64, address_class::reserved},     // 100::/64, discard-only
    {{0x20, 0x01}, 32, address_class::global}, // Teredo: as what it carries
    {{0x20, 0x01, 0x00, 0x02}, 48, address_class::benchmarking},
    {{0x20, 0x01, 0x00, 0x03}, 32, address_class::global},             // AMT relays
    {{0x20, 0x01, 0x00, 0x04, 0x01, 0x12}, 48, address_class::global}, // AS112
    {{0x20, 0x01}, 23, address_class::reserved},                       // protocol assignments
    {{0x20, 0x01, 0x0d, 0xb8}, 32, address_class::documentation},
    {{0x3f, 0xff}, 20, address_class::documentation},
    {{0x5f}, 16, address_class::reserved}, // segment routing
    {{0xfc}, 7, address_class::private_use},
    {{0xfe, 0x80}, 10, address_class::link_local},
    {{0xfe, 0xc0}, 10, address_class::private_use},
    {{0xff}, 8, address_class::multicast},
});

template <class Octets, class Table>
[[nodiscard]] address_class look_up(Octets const& octets, Table const& table) noexcept
{
    auto const hit = std::find_if(table.begin(), table.end(), [&](auto const& block) {
        return same_prefix(octets, block.prefix, block.length);
    });
    return hit == table.end() ? address_class::global : hit->kind;
}

} // namespace viaduct::detail

#endif
