#ifndef VIADUCT_IMPL_SERVER_OPEN_PORTS_HPP
#define VIADUCT_IMPL_SERVER_OPEN_PORTS_HPP

// How listeners become open ports.

#include <viaduct/detail/address_text.hpp>
#include <viaduct/impl/server/listen_on.hpp>
#include <viaduct/server/acceptor.hpp>
#include <viaduct/server/service_options.hpp>

#include <cerrno>
#include <cstddef>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A socket of somebody else's, as one of ours.
[[nodiscard]] inline net::ip::tcp::acceptor take_over(net::any_io_executor const& executor,
                                                      net::ip::tcp::acceptor::native_handle_type socket)
{
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0)
        throw system_error(error_code{errno, net::error::get_system_category()});
    net::ip::tcp::acceptor listening{executor};
    listening.assign(name.ss_family == AF_INET6 ? net::ip::tcp::v6() : net::ip::tcp::v4(), socket);
    return listening;
}

[[nodiscard]] inline net::ip::tcp::acceptor open_listener(net::any_io_executor const& executor,
                                                          net::ip::tcp::endpoint const& where, bool shared)
{
    try {
        return listen_on(executor, where, shared);
    } catch (system_error const& e) {
        throw system_error(e.code(), "cannot listen on " + to_text(where));
    }
}

/// Closes the sockets of listeners that nobody has taken.
class untaken_sockets
{
public:
    explicit untaken_sockets(std::vector<service_listener>& listeners) noexcept : listeners_{&listeners} {}
    untaken_sockets(untaken_sockets const&) = delete;
    untaken_sockets& operator=(untaken_sockets const&) = delete;
    ~untaken_sockets()
    {
        for (auto const& each : *listeners_)
            if (each.socket) ::close(*each.socket);
    }

private:
    std::vector<service_listener>* listeners_;
};

/// What a listener says, and for the rest what all do.
[[nodiscard]] inline accept_options options_of(service_listener const& listener, accept_options options)
{
    if (listener.pages_only) options.request.kinds = request_kinds::pages;
    if (!listener.name.empty()) options.name = listener.name;
    if (listener.tls) options.tls = listener.tls;
    if (listener.proxy_protocol) options.proxy_protocol = listener.proxy_protocol;
    if (listener.liveness) options.liveness = *listener.liveness;
    return options;
}

[[nodiscard]] inline acceptor open_acceptor(net::any_io_executor const& executor, service_listener& listener,
                                            accept_options const& for_all)
{
    auto options = options_of(listener, for_all);
    try {
        if (!listener.socket) return acceptor{executor, listener.endpoint, std::move(options)};
        auto taken = take_over(executor, *listener.socket);
        listener.socket.reset();
        return acceptor{std::move(taken), std::move(options)};
    } catch (system_error const& e) {
        throw system_error(e.code(), "cannot listen on " + to_text(listener.endpoint));
    }
}

/// Finds for each listener the port that it goes on with; none (the number of ports) for those to be opened.
/** A listener without a socket of its own goes on where it has been before: the first that it can mean. */
template <class Port>
[[nodiscard]] std::vector<std::size_t> match_ports(std::vector<service_listener> const& listeners,
                                                   std::vector<Port> const& ports)
{
    std::vector<bool> taken(ports.size(), false);
    std::vector<std::size_t> found(listeners.size(), ports.size());
    auto const match = [&](auto const& means) {
        for (std::size_t i = 0; i != listeners.size(); ++i)
            for (std::size_t k = 0; k != ports.size() && found[i] == ports.size(); ++k)
                if (!taken[k] && !listeners[i].socket && means(ports[k], listeners[i].endpoint)) {
                    found[i] = k;
                    taken[k] = true;
                }
    };
    match([](auto const& port, auto const& where) { return port.local() == where; });
    match([](auto const& port, auto const& where) { return port.asked == where; });
    return found;
}

} // namespace viaduct::detail

#endif
