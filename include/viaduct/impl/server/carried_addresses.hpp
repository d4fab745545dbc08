#ifndef VIADUCT_IMPL_SERVER_CARRIED_ADDRESSES_HPP
#define VIADUCT_IMPL_SERVER_CARRIED_ADDRESSES_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/impl/server/special_addresses.hpp>
#include <viaduct/server/address_class.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>

// The IPv4 addresses that hide in IPv6 addresses, and what both are by themselves.

namespace viaduct::detail {

[[nodiscard]] inline ipv4_octets octets_at(ipv6_octets const& a, std::size_t at,
                                           std::uint8_t mask = 0) noexcept
{
    ipv4_octets out{};
    for (std::size_t i = 0; i < 4; ++i)
        out[i] = static_cast<std::uint8_t>(a[at + i] ^ mask);
    return out;
}

/// The IPv4 address behind a NAT64 prefix of this length: octet 8 is none of it (RFC 6052 section 2.2).
[[nodiscard]] inline ipv4_octets translated(ipv6_octets const& a, unsigned prefix_length) noexcept
{
    ipv4_octets out{};
    std::size_t at = prefix_length / 8;
    for (auto& octet : out) {
        if (at == 8) ++at;
        octet = a[at++];
    }
    return out;
}

/// Whether an IPv6 address is nothing but a spelling of the IPv4 address in its last four octets.
[[nodiscard]] inline bool spells_ipv4(ipv6_octets const& a) noexcept
{
    static constexpr auto prefixes = std::to_array<ipv6_octets>({
        {},                                         // compatible (RFC 4291)
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, // mapped
        {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff},       // translated (RFC 2765)
        {0x00, 0x64, 0xff, 0x9b},                   // NAT64 (RFC 6052)
        {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01},       // NAT64, local use (RFC 8215)
    });
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](auto const& prefix) { return same_prefix(a, prefix, 96); });
}

/// Whether a predicate holds for every IPv4 address that an IPv6 address carries; true if it carries none.
/** There may be two, for a tunnel's end may be an ISATAP host, and a gateway may unwrap either. */
template <class Predicate>
[[nodiscard]] bool all_of_carried(ipv6_octets const& a, Predicate holds)
{
    static constexpr ipv6_octets six_to_four{0x20, 0x02};
    static constexpr ipv6_octets teredo{0x20, 0x01};
    bool const isatap = (a[8] & 0xfc) == 0 && a[9] == 0 && a[10] == 0x5e && a[11] == 0xfe; // RFC 5214
    if ((spells_ipv4(a) || isatap) && !holds(octets_at(a, 12))) return false;
    if (same_prefix(a, six_to_four, 16) && !holds(octets_at(a, 2))) return false;
    return !same_prefix(a, teredo, 32) || holds(octets_at(a, 12, 0xff)); // the client's address, inverted
}

/// The class of an IPv6 address, whatever it may carry.
[[nodiscard]] inline address_class own_class(ipv6_octets const& a) noexcept
{
    if (auto const c = look_up(a, ipv6_blocks); c != address_class::global) return c;
    // Global unicast is 2000::/3 (RFC 4291); everything that has no meaning today is refused.
    return spells_ipv4(a) || same_prefix(a, ipv6_octets{0x20}, 3) ? address_class::global
                                                                  : address_class::reserved;
}

[[nodiscard]] inline address_class classify_ipv4(ipv4_octets const& octets) noexcept
{
    return look_up(octets, ipv4_blocks);
}

[[nodiscard]] inline address_class classify_ipv6(ipv6_octets const& octets) noexcept
{
    auto found = own_class(octets);
    if (found != address_class::global) return found;
    std::ignore = all_of_carried(octets, [&](ipv4_octets const& carried) {
        return (found = classify_ipv4(carried)) == address_class::global;
    });
    return found;
}

} // namespace viaduct::detail

#endif
