#ifndef VIADUCT_SERVER_SERVICE_OPTIONS_HPP
#define VIADUCT_SERVER_SERVICE_OPTIONS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/net/tls_acceptor.hpp>
#include <viaduct/server/accept_options.hpp>
#include <viaduct/server/egress.hpp>
#include <viaduct/server/page.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct {

/// Where a service listens, and what is spoken there before HTTP.
struct service_listener
{
    service_listener() = default;

    /// HTTP in the clear, and nothing before it.
    service_listener(net::ip::tcp::endpoint const& where) : endpoint{where} {}
    service_listener(net::ip::address const& address, std::uint16_t port) : endpoint{address, port} {}

    net::ip::tcp::endpoint endpoint{}; ///< Port 0 takes a free one.

    /// A TCP socket that is listening already, opened by a service manager or by a process before this one:
    /// used in place of opening `endpoint`. Taken over by whoever is constructed of it, and closed also if
    /// that fails.
    std::optional<net::ip::tcp::acceptor::native_handle_type> socket{};

    std::string name{};                  ///< For rules (`myportname`) and logs; may be empty.
    std::shared_ptr<tls_acceptor> tls{}; ///< Null: no TLS.
    std::optional<proxy_protocol_in> proxy_protocol{};
    std::optional<tcp_liveness> liveness{}; ///< Of its clients, in place of that of `accept`.

    /// Whether pages are all that there is: a CONNECT gets 405. Such a listener stays open while the service
    /// drains, so that one can hear of it, and closes when the last tunnel has ended.
    bool pages_only = false;
};

/// What a `service` is made of.
struct service_options
{
    std::vector<service_listener> listen{};

    /// For all listeners, as far as they do not say otherwise. `log` also gets the records of the tunnels. Of
    /// several workers each calls `on_exhausted` on its own thread.
    accept_options accept{};

    /// Whether the log also gets a record when a tunnel opens (`record_event::start`).
    bool log_starts = false;

    /// How often the log gets a record of a tunnel that is still open (`record_event::progress`); zero for
    /// never.
    std::chrono::milliseconds log_every = std::chrono::milliseconds::zero();

    egress way{};

    /// Pages of the proxy's own, on all listeners: for GET, HEAD and DELETE of `/path`. Null: there are none,
    /// and everything but CONNECT gets 405.
    /** Rules say who may have them (the ACL `manager` matches such a request), and those that would have to
     * find something out about the client refuse; without rules it is whoever asks from this machine. Ports,
     * guard and limits are those of tunnels, and have nothing to do with pages. */
    std::shared_ptr<page_source> pages{};
};

} // namespace viaduct

#endif
