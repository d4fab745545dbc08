#ifndef VIADUCT_CLIENT_DIAL_OPTIONS_HPP
#define VIADUCT_CLIENT_DIAL_OPTIONS_HPP

#include <viaduct/client/connect_options.hpp>
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/net/connect_any.hpp>

#include <chrono>

namespace viaduct {

/// How to reach a target through a proxy.
struct dial_options
{
    connect_options connect{};                                           ///< For the exchange with the proxy.
    std::chrono::milliseconds resolve_timeout = std::chrono::seconds{5}; ///< For the proxy's name.
    connect_clocks clocks{};                                     ///< For the TCP connection to the proxy.
    std::chrono::milliseconds timeout = std::chrono::seconds{0}; ///< For everything together; zero: no limit.
};

/// What a dial is doing, or was doing when it failed.
enum class dial_phase : unsigned char
{
    resolve,    ///< Asking for the proxy's addresses.
    connect,    ///< Making the TCP connection.
    handshake,  ///< Waiting for the answer to the CONNECT.
    established ///< The tunnel is open.
};

/// How a dial went, whether or not it got through.
struct dial_result
{
    using duration = std::chrono::steady_clock::duration;

    dial_phase phase = dial_phase::resolve; ///< The last one reached.
    net::ip::tcp::endpoint proxy{};         ///< The proxy's address that answered, or the last one tried.
    connect_reply reply{};                  ///< The proxy's answer, as far as one came.
    duration resolved{};                    ///< From the start to the addresses; zero if they did not come.
    duration connected{};                   ///< From the start to the TCP connection.
    duration established{};                 ///< From the start to the open tunnel.
};

} // namespace viaduct

#endif
