#ifndef VIADUCT_IMPL_NET_OUTGOING_SOCKET_IPP
#define VIADUCT_IMPL_NET_OUTGOING_SOCKET_IPP

#include <viaduct/detail/number_option.hpp>
#include <viaduct/net/outgoing_socket.hpp>

#include <tuple>

#if !defined(_WIN32)
#include <netinet/in.h>
#endif

namespace viaduct::detail {

[[nodiscard]] inline error_code set_number(net::ip::tcp::socket& socket, int level, int name, int value)
{
    error_code ec;
    socket.set_option(number_option{level, name, value}, ec);
    return ec;
}

[[nodiscard]] inline error_code set_tos(net::ip::tcp::socket& socket, bool is_v4, std::uint8_t tos)
{
    if (is_v4) return set_number(socket, IPPROTO_IP, IP_TOS, tos);
#if defined(IPV6_TCLASS)
    return set_number(socket, IPPROTO_IPV6, IPV6_TCLASS, tos);
#else
    return net::error::operation_not_supported;
#endif
}

[[nodiscard]] inline error_code set_mark([[maybe_unused]] net::ip::tcp::socket& socket,
                                         [[maybe_unused]] std::uint32_t mark)
{
#if defined(SO_MARK)
    return set_number(socket, SOL_SOCKET, SO_MARK, static_cast<int>(mark));
#else
    return net::error::operation_not_supported;
#endif
}

[[nodiscard]] inline error_code bind_outgoing(net::ip::tcp::socket& socket, net::ip::address const& address)
{
#if defined(IP_BIND_ADDRESS_NO_PORT)
    // The port is chosen with the peer known, so that there are as many for each peer and not for all.
    std::ignore = set_number(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
#endif
    error_code ec;
    socket.bind({address, 0}, ec);
    return ec;
}

VIADUCT_DECL error_code open_outgoing(net::ip::tcp::socket& socket, net::ip::tcp const& family,
                                      outgoing_socket const& from)
{
    bool const is_v4 = family == net::ip::tcp::v4();
    error_code ec;
    socket.open(family, ec);
    if (!ec && from.tos) ec = set_tos(socket, is_v4, *from.tos);
    if (!ec && from.mark) ec = set_mark(socket, *from.mark);
    if (!ec && is_v4 && from.address_v4) ec = bind_outgoing(socket, *from.address_v4);
    if (!ec && !is_v4 && from.address_v6) ec = bind_outgoing(socket, *from.address_v6);
    return ec;
}

} // namespace viaduct::detail

#endif
