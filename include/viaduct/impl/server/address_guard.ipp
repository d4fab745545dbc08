#ifndef VIADUCT_IMPL_SERVER_ADDRESS_GUARD_IPP
#define VIADUCT_IMPL_SERVER_ADDRESS_GUARD_IPP

#include <viaduct/impl/server/special_addresses.hpp>
#include <viaduct/server/address_guard.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

namespace viaduct {
namespace detail {

[[nodiscard]] inline ipv4_octets octets_at(ipv6_octets const& a, std::size_t at,
                                           std::uint8_t mask = 0) noexcept
{
    ipv4_octets out{};
    for (std::size_t i = 0; i < 4; ++i)
        out[i] = static_cast<std::uint8_t>(a[at + i] ^ mask);
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

/// An IPv4 address that is written as an IPv6 one, as itself.
[[nodiscard]] inline net::ip::address without_mapping(net::ip::address const& address)
{
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
}

} // namespace detail

VIADUCT_DECL std::string_view to_string(address_class c) noexcept
{
    switch (c) {
    case address_class::global: return "global";
    case address_class::unspecified: return "unspecified";
    case address_class::loopback: return "loopback";
    case address_class::private_use: return "private";
    case address_class::shared: return "shared";
    case address_class::link_local: return "link-local";
    case address_class::multicast: return "multicast";
    case address_class::broadcast: return "broadcast";
    case address_class::documentation: return "documentation";
    case address_class::benchmarking: return "benchmarking";
    default: return "reserved";
    }
}

VIADUCT_DECL address_class classify(net::ip::address const& address) noexcept
{
    return address.is_v4() ? detail::classify_ipv4(address.to_v4().to_bytes())
                           : detail::classify_ipv6(address.to_v6().to_bytes());
}

VIADUCT_DECL address_block address_block::parse(std::string_view text, error_code& ec)
{
    address_block block;
    auto const slash = text.find('/');
    block.address_ = net::ip::make_address(std::string{text.substr(0, slash)}, ec);
    if (ec) return block;
    unsigned const bits = block.address_.is_v4() ? 32 : 128;
    block.length_ = bits;
    if (slash == std::string_view::npos) return block;

    auto const digits = text.substr(slash + 1);
    auto const last = digits.data() + digits.size();
    auto const [end, error] = std::from_chars(digits.data(), last, block.length_);
    bool const number = error == std::errc{} && end == last && block.length_ <= bits;
    if (!number || !block.is_canonical()) ec = net::error::invalid_argument;
    return block;
}

VIADUCT_DECL bool address_block::is_canonical() const noexcept
{
    auto const rest_is_zero = [&](auto const& octets) {
        for (std::size_t bit = length_; bit < octets.size() * 8; ++bit)
            if ((octets[bit / 8] >> (7 - bit % 8) & 1) != 0) return false;
        return true;
    };
    return address_.is_v4() ? rest_is_zero(address_.to_v4().to_bytes())
                            : rest_is_zero(address_.to_v6().to_bytes());
}

VIADUCT_DECL bool address_block::contains(net::ip::address const& address) const noexcept
{
    if (address.is_v4() != address_.is_v4()) return false;
    return address.is_v4()
               ? detail::same_prefix(address.to_v4().to_bytes(), address_.to_v4().to_bytes(), length_)
               : detail::same_prefix(address.to_v6().to_bytes(), address_.to_v6().to_bytes(), length_);
}

VIADUCT_DECL bool address_guard::allows(net::ip::address const& address) const noexcept
{
    if (all_ || classify(address) == address_class::global) return true;
    auto const allowed = [&](net::ip::address const& a) {
        return std::any_of(allowed_.begin(), allowed_.end(),
                           [&](auto const& block) { return block.contains(a); });
    };
    if (allowed(address)) return true;
    if (address.is_v4()) return false;
    auto const octets = address.to_v6().to_bytes();
    return detail::own_class(octets) == address_class::global &&
           detail::all_of_carried(octets, [&](auto const& carried) {
               return detail::classify_ipv4(carried) == address_class::global ||
                      allowed(net::ip::address_v4{carried});
           });
}

VIADUCT_DECL bool address_guard::allows(net::ip::tcp::endpoint const& endpoint) const noexcept
{
    auto const is_target = [&](net::ip::tcp::endpoint const& own) {
        if (own.port() != endpoint.port()) return false;
        auto const address = detail::without_mapping(endpoint.address());
        auto const here = classify(address);
        bool const loops_back = here == address_class::loopback || here == address_class::unspecified;
        bool const to_any = here == address_class::unspecified && own.address().is_loopback();
        return address == detail::without_mapping(own.address()) || to_any ||
               (own.address().is_unspecified() && loops_back);
    };
    return allows(endpoint.address()) && std::none_of(own_.begin(), own_.end(), is_target);
}

VIADUCT_DECL bool address_guard::leads_back(net::ip::tcp::socket const& connection,
                                            net::ip::tcp::endpoint const& remote) const noexcept
{
    bool const suspicious = std::any_of(own_.begin(), own_.end(), [&](auto const& own) {
        return own.address().is_unspecified() && own.port() == remote.port();
    });
    if (!suspicious) return false; // as it nearly always is
    error_code ec;                 // a connection that has ended leads nowhere
    auto const local = connection.local_endpoint(ec);
    // The kernel gives both ends one address where a connection stays on the machine.
    return !ec && local.address() == remote.address();
}

} // namespace viaduct

#endif
