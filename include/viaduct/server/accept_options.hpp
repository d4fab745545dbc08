#ifndef VIADUCT_SERVER_ACCEPT_OPTIONS_HPP
#define VIADUCT_SERVER_ACCEPT_OPTIONS_HPP

#include <viaduct/error.hpp>
#include <viaduct/log/log_sink.hpp>
#include <viaduct/net/tcp_liveness.hpp>
#include <viaduct/server/address_guard.hpp>
#include <viaduct/server/connect_request.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct {

class tls_acceptor;

/// Which connections begin with a PROXY protocol header, and from whom one is believed.
struct proxy_protocol_in
{
    /// The load balancers. A connection from one of them begins with a header of version 1 or 2, always: to
    /// guess would let their clients write one. IPv4 addresses mapped to IPv6 count as IPv4.
    std::vector<address_block> trusted{};

    /// Decides in place of `trusted`, if it is set: whether a connection from one end point to another comes
    /// from a load balancer (Squid's `proxy_protocol_access`). Called on the acceptor's executor; of several
    /// workers by each on its own thread.
    std::function<bool(net::ip::tcp::endpoint const& from, net::ip::tcp::endpoint const& to)> trusts{};

    /// Whether a connection from any other address is closed, without an answer, as Squid's
    /// `require-proxy-header` does: `errc::proxy_header_untrusted`. If not, it is served as it is, and a
    /// header that it sends is a malformed request.
    bool required = true;

    /// How long a sender may take for the header; `errc::proxy_header_timeout` afterwards.
    std::chrono::milliseconds timeout = std::chrono::seconds{3};
};

/// How an acceptor listens and reads.
struct accept_options
{
    request_options request{};

    /// Shares the port with other acceptors that ask for it too, of the same user; the system spreads the
    /// connections among them (SO_REUSEPORT).
    bool reuse_port = false;

    /// Connections whose requests are read at once, PROXY protocol and TLS included; above it, new
    /// connections wait in the system's queue.
    std::size_t max_heads = 4096;

    /// Valid requests that may wait for `async_accept` before no more connections are accepted. Those that
    /// have been accepted by then are still read.
    std::size_t max_waiting = 256;

    /// How long to stop accepting when the system has no descriptor or no memory left. Connections wait in
    /// the system's queue meanwhile. If there has been no descriptor for ten times as long, those that wait
    /// are closed, after a 503 where there is no TLS; a descriptor is kept aside for that.
    std::chrono::milliseconds pause_when_exhausted = std::chrono::milliseconds{100};

    /// Gets one record for every connection that brought no valid request, those included that are dropped
    /// when the acceptor is closed; none if null. Must live until the last record: of a service, until it has
    /// drained or its context is gone.
    log_sink* log = nullptr;

    /// The listener's name, in `connection_facts::listener`; empty for none.
    std::string name{};

    /// How the system finds out that a client is gone; connections have it from the beginning. A system that
    /// knows only some of its options is given those.
    tcp_liveness liveness{};

    /// Speaks TLS with the clients: an "https" proxy. None if null. May be shared among listeners.
    std::shared_ptr<tls_acceptor> tls{};

    /// How long the TLS handshake may take; `errc::client_tls_timeout` afterwards.
    std::chrono::milliseconds tls_timeout = std::chrono::seconds{10};

    /// Expects a PROXY protocol header, in front of everything else, TLS included. A connection that fails at
    /// it gets no answer, and a record with status 0.
    std::optional<proxy_protocol_in> proxy_protocol{};

    /// Called on the acceptor's executor with the system's error when it cannot accept, as a rule for want of
    /// descriptors or memory, and with none when connections have been accepted for ten times
    /// `pause_when_exhausted` without it: once each, however often that happens in between. May close or
    /// destroy the acceptor.
    std::function<void(error_code)> on_exhausted{};
};

} // namespace viaduct

#endif
