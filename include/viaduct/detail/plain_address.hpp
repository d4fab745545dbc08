#ifndef VIADUCT_DETAIL_PLAIN_ADDRESS_HPP
#define VIADUCT_DETAIL_PLAIN_ADDRESS_HPP

#include <viaduct/detail/asio.hpp>

namespace viaduct::detail {

/// An IPv4 address that is written as an IPv6 one, as itself: sockets for both families have it so.
[[nodiscard]] inline net::ip::address without_mapping(net::ip::address const& address)
{
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
}

[[nodiscard]] inline net::ip::tcp::endpoint without_mapping(net::ip::tcp::endpoint const& endpoint)
{
    return {without_mapping(endpoint.address()), endpoint.port()};
}

/// The address as others are told of it: IPv4 wherever it is that, and no zone.
[[nodiscard]] inline net::ip::address plain_address(net::ip::address const& address)
{
    auto const plain = without_mapping(address);
    return plain.is_v4() ? plain : net::ip::address{net::ip::address_v6{plain.to_v6().to_bytes()}};
}

} // namespace viaduct::detail

#endif
