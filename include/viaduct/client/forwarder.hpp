#ifndef VIADUCT_CLIENT_FORWARDER_HPP
#define VIADUCT_CLIENT_FORWARDER_HPP

#include <viaduct/client/connect_failure.hpp>
#include <viaduct/client/dialer.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/relay/relay_options.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace viaduct {

namespace detail {
class forwarder_state;
}

/// How a forwarder treats its connections.
struct forwarder_options
{
    /// Where to listen. Whoever can connect there gets a tunnel: think twice before it is not loopback.
    net::ip::tcp::endpoint listen{net::ip::address_v4::loopback(), 0};

    relay_options relay{};              ///< For each connection.
    std::size_t max_connections = 1024; ///< Further ones wait in the system's queue.

    /// Hears of each tunnel that did not come about; its connection is reset. On the forwarder's executor;
    /// must not throw.
    std::function<void(connect_failure const&)> on_failure{};
};

/// A port of this machine that leads to a target through the proxies of a dialer.
/**
 * For libraries that take nothing but a host and a port: gRPC, libpq, MQTT. Each connection to the port gets
 * a tunnel of its own. TLS and its certificates are between that library and the target; tell it the target's
 * name, since it believes to be talking to 127.0.0.1.
 *
 * @code
 * viaduct::forwarder broker{dialer, {"broker.example", 8883}};
 * mqtt.connect("127.0.0.1", broker.endpoint().port());
 * @endcode
 *
 * A connection that does not come to its end in good order is reset, so that nobody takes a part for the
 * whole. Destroying the forwarder closes the port and breaks off all connections. Runs on the dialer's
 * executor, which must be one thread or one strand; that is where its members must be called, too.
 */
class forwarder
{
public:
    /// Listens, and takes connections as soon as the executor runs.
    /** @throws system_error if the address cannot be listened on */
    VIADUCT_DECL forwarder(dialer through, authority const& target, forwarder_options const& options = {});
    VIADUCT_DECL ~forwarder();
    forwarder(forwarder&&) noexcept = default;
    forwarder& operator=(forwarder&&) = delete;

    /// Where it listens, or has listened.
    [[nodiscard]] VIADUCT_DECL net::ip::tcp::endpoint endpoint() const;

    /// How many connections there are, those that are still being dialled included.
    [[nodiscard]] VIADUCT_DECL std::size_t connections() const noexcept;

    /// Closes the port, and breaks all connections off.
    VIADUCT_DECL void close();

private:
    std::shared_ptr<detail::forwarder_state> state_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/forwarder.ipp>
#endif

#endif
