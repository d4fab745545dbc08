#ifndef VIADUCT_TESTING_TCP_PAIR_HPP
#define VIADUCT_TESTING_TCP_PAIR_HPP

#include <viaduct/detail/asio.hpp>

#include <utility>

namespace viaduct::testing {

/// Two TCP sockets on the loopback that are connected to each other.
/** @throws system_error if the system has no socket to give. */
[[nodiscard]] inline std::pair<net::ip::tcp::socket, net::ip::tcp::socket>
tcp_pair(net::any_io_executor executor)
{
    net::ip::tcp::acceptor listener{executor, {net::ip::address_v4::loopback(), 0}};
    net::ip::tcp::socket near{executor};
    net::ip::tcp::socket far{executor};
    near.connect(listener.local_endpoint());
    listener.accept(far);
    return {std::move(near), std::move(far)};
}

} // namespace viaduct::testing

#endif
