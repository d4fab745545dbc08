#ifndef VIADUCT_IMPL_SERVER_WORKER_POOL_IPP
#define VIADUCT_IMPL_SERVER_WORKER_POOL_IPP

#include <viaduct/server/worker_pool.hpp>

#include <cerrno>
#include <fcntl.h>

namespace viaduct {
namespace detail {

/// Finds out whether somebody else uses a port, which sharing would hide; turns port 0 into a port.
[[nodiscard]] inline net::ip::tcp::endpoint find_unused(net::io_context& context,
                                                        net::ip::tcp::endpoint const& where)
{
    try {
        net::ip::tcp::acceptor alone{context, where.protocol()};
        alone.set_option(net::ip::tcp::acceptor::reuse_address{true});
        alone.bind(where); // without listening: nobody must be accepted and then dropped
        return alone.local_endpoint();
    } catch (system_error const& e) {
        throw system_error(e.code(), "cannot listen on " + to_text(where));
    }
}

/// Makes a listener one of several on the same port.
inline void share(net::io_context& context, service_listener& listener, port_sharing sharing)
{
    if (listener.socket) return;
    if (sharing == port_sharing::by_system)
        listener.endpoint = find_unused(context, listener.endpoint);
    else
        listener.socket = open_listener(context.get_executor(), listener.endpoint).release();
}

/// The same listeners for one worker: descriptors of its own, of the same sockets.
[[nodiscard]] inline service_options duplicate(service_options options)
{
    auto const originals = options.listen;
    for (auto& each : options.listen)
        each.socket.reset();
    for (std::size_t i = 0; i != originals.size(); ++i) {
        if (!originals[i].socket) continue;
        int const copy = ::fcntl(*originals[i].socket, F_DUPFD_CLOEXEC, 0);
        if (copy >= 0) {
            options.listen[i].socket = copy;
            continue;
        }
        error_code const why{errno, net::error::get_system_category()};
        untaken_sockets const all{options.listen};
        throw system_error(why);
    }
    return options;
}

} // namespace detail

VIADUCT_DECL worker_pool::worker_pool(net::io_context& first, std::size_t count, service_options options,
                                      port_sharing sharing)
{
    detail::untaken_sockets const originals{options.listen}; // each worker has descriptors of its own
    if (count > 1) {
        for (auto& listener : options.listen)
            detail::share(first, listener, sharing);
        options.accept.reuse_port = true;
    }
    workers_.push_back(std::make_shared<detail::worker>(first, detail::duplicate(options)));
    while (workers_.size() < count)
        workers_.push_back(std::make_shared<detail::worker>(detail::duplicate(options)));
}

VIADUCT_DECL worker_pool::~worker_pool()
{
    for (auto const& each : workers_)
        each->stop_and_join();
}

VIADUCT_DECL std::vector<net::ip::tcp::endpoint> worker_pool::endpoints() const
{
    return workers_.front()->service().endpoints();
}

VIADUCT_DECL void worker_pool::start()
{
    for (auto const& each : workers_)
        each->start();
}

VIADUCT_DECL void worker_pool::reload(egress const& way)
{
    for (auto const& each : workers_)
        each->on_thread([each, way] { each->service().reload(way); });
}

VIADUCT_DECL std::size_t worker_pool::active() const noexcept
{
    std::size_t sum = 0;
    for (auto const& each : workers_)
        sum += each->service().active();
    return sum;
}

VIADUCT_DECL void worker_pool::stop()
{
    for (auto const& each : workers_)
        each->on_thread([each] { each->service().stop(); });
}

} // namespace viaduct

#endif
