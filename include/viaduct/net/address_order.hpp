#ifndef VIADUCT_NET_ADDRESS_ORDER_HPP
#define VIADUCT_NET_ADDRESS_ORDER_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/config.hpp>

#include <vector>

namespace viaduct {

/// Lets IPv6 and IPv4 take turns, so that a family without a way out holds nobody up (RFC 8305 section 4).
/**
 * The first endpoint stays the first, and within a family the order stays as it is: both are the resolver's
 * choice (RFC 6724). What one family has more than the other comes last.
 *
 * @param endpoints In the order of the resolver; an IPv4 address mapped to IPv6 counts as IPv6. A list of one
 * family comes back as it is, and costs nothing.
 */
[[nodiscard]] VIADUCT_DECL std::vector<net::ip::tcp::endpoint>
interleave_families(std::vector<net::ip::tcp::endpoint> endpoints);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/address_order.ipp>
#endif

#endif
