#ifndef VIADUCT_NET_PROXY_PROTOCOL_HPP
#define VIADUCT_NET_PROXY_PROTOCOL_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/config.hpp>

#include <string>

namespace viaduct {

/// The two forms of the PROXY protocol (HAProxy's "The PROXY protocol", versions 1 and 2).
enum class proxy_protocol_version : unsigned char
{
    v1 = 1, ///< A line of text.
    v2 = 2  ///< Octets with lengths.
};

/// Makes the header that tells a server whose connection it is that a proxy carries to it.
/**
 * It is sent once, before everything else, TLS included. A receiver must be set up to expect it.
 *
 * IPv4 addresses mapped to IPv6, as sockets for both families have them, are told as IPv4. If one address is
 * IPv4 and the other is not, both are told as IPv6, the former mapped. The zone of a link-local address is
 * not told.
 *
 * @param version The form.
 * @param source Where the connection comes from.
 * @param destination Where it was meant to go: the address that the client has connected to.
 */
[[nodiscard]] VIADUCT_DECL std::string proxy_protocol_header(proxy_protocol_version version,
                                                             net::ip::tcp::endpoint const& source,
                                                             net::ip::tcp::endpoint const& destination);

/// Makes the header of a connection that the proxy makes for itself, or of whose origin it knows nothing:
/// `UNKNOWN` in version 1, `LOCAL` in version 2. The receiver then goes by the connection's own addresses.
[[nodiscard]] VIADUCT_DECL std::string proxy_protocol_local(proxy_protocol_version version);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/proxy_protocol.ipp>
#endif

#endif
