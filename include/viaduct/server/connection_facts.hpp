#ifndef VIADUCT_SERVER_CONNECTION_FACTS_HPP
#define VIADUCT_SERVER_CONNECTION_FACTS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/net/tls_client_facts.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace viaduct {

/// What is known of a connection from a client before its request.
struct connection_facts
{
    /// Who is served: the other end, or whom a trusted PROXY protocol header names.
    net::ip::tcp::endpoint client{};

    /// Where the client connected to: this end, or what a trusted PROXY protocol header names.
    net::ip::tcp::endpoint local{};

    /// The other end of the TCP connection: a load balancer where there is a PROXY protocol header.
    net::ip::tcp::endpoint peer{};

    /// When the connection was accepted, or the last challenge on it had been sent.
    std::chrono::steady_clock::time_point accepted = std::chrono::steady_clock::now();

    std::shared_ptr<std::string const> listener{}; ///< Its name; null without one.

    /// What TLS has told of the client; null on a plain connection.
    std::shared_ptr<tls_client_facts const> tls{};
};

} // namespace viaduct

#endif
