#ifndef VIADUCT_NET_OUTGOING_SOCKET_HPP
#define VIADUCT_NET_OUTGOING_SOCKET_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

#include <cstdint>
#include <optional>

namespace viaduct {

/// What a connection leaves with: an address of our own, and marks for the network.
/**
 * What is not set is the system's choice. Each is set before the connection is begun, so that its first
 * packet has it too.
 */
struct outgoing_socket
{
    std::optional<net::ip::address_v4> address_v4{}; ///< For connections over IPv4; of this machine.
    std::optional<net::ip::address_v6> address_v6{}; ///< For those over IPv6.
    std::optional<std::uint8_t> tos{};               ///< IP_TOS, or IPV6_TCLASS: the octet with DSCP and ECN.
    std::optional<std::uint32_t> mark{};             ///< SO_MARK: needs CAP_NET_ADMIN, and Linux.

    /// Whether a connection over this family asks for anything at all.
    [[nodiscard]] bool concerns(net::ip::tcp const& family) const noexcept
    {
        return tos || mark ||
               (family == net::ip::tcp::v4() ? address_v4.has_value() : address_v6.has_value());
    }

    friend bool operator==(outgoing_socket const&, outgoing_socket const&) = default;
};

namespace detail {

/// Opens a socket and gives it what it is to leave with.
/**
 * An endpoint of a family that there is no address for is left to the system, as Squid does it with
 * `tcp_outgoing_address`. Nothing is left out silently: a connection that leaves without its mark may go
 * where it must not.
 *
 * @param socket Closed; open after a success, and perhaps after an error.
 * @return The system's; `operation_not_supported` for a mark where there are none.
 */
[[nodiscard]] VIADUCT_DECL error_code open_outgoing(net::ip::tcp::socket& socket, net::ip::tcp const& family,
                                                    outgoing_socket const& from);

} // namespace detail
} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/outgoing_socket.ipp>
#endif

#endif
