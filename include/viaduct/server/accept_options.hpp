#ifndef VIADUCT_SERVER_ACCEPT_OPTIONS_HPP
#define VIADUCT_SERVER_ACCEPT_OPTIONS_HPP

#include <viaduct/log/log_sink.hpp>
#include <viaduct/server/connect_request.hpp>

#include <chrono>
#include <cstddef>

namespace viaduct {

/// How an acceptor listens and reads.
struct accept_options
{
    request_options request{};

    /// Shares the port with other acceptors that ask for it too, of the same user; the system spreads the
    /// connections among them (SO_REUSEPORT).
    bool reuse_port = false;

    /// Request heads that are read at once; above it, new connections wait in the system's queue.
    std::size_t max_heads = 4096;

    /// Valid requests that may wait for `async_accept` before no more connections are accepted. Those that
    /// have been accepted by then are still read.
    std::size_t max_waiting = 256;

    /// How long to stop accepting when the system has no descriptor or no memory left.
    std::chrono::milliseconds pause_when_exhausted = std::chrono::milliseconds{100};

    /// Gets one record for every connection that brought no valid request, but for those that are dropped
    /// when the acceptor is closed; none if null. Must live until the last record: of a service, until it has
    /// drained or its context is gone.
    log_sink* log = nullptr;
};

} // namespace viaduct

#endif
