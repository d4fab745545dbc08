#ifndef VIADUCT_IMPL_SERVER_WORKER_POOL_IPP
#define VIADUCT_IMPL_SERVER_WORKER_POOL_IPP

#include <viaduct/impl/server/open_ports.hpp>
#include <viaduct/impl/server/worker_question.hpp>
#include <viaduct/server/worker_pool.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <iterator>

namespace viaduct {
namespace detail {

/// Finds out whether somebody else uses a port, which sharing would hide; turns port 0 into a port.
[[nodiscard]] inline net::ip::tcp::endpoint find_unused(net::any_io_executor const& executor,
                                                        net::ip::tcp::endpoint const& where)
{
    try {
        net::ip::tcp::acceptor alone{executor, where.protocol()};
        alone.set_option(net::ip::tcp::acceptor::reuse_address{true});
        alone.bind(where); // without listening: nobody must be accepted and then dropped
        return alone.local_endpoint();
    } catch (system_error const& e) {
        throw system_error(e.code(), "cannot listen on " + to_text(where));
    }
}

/// Makes a listener one of several on the same port.
inline void share(net::any_io_executor const& executor, service_listener& listener, port_sharing sharing)
{
    if (listener.socket) return;
    if (sharing == port_sharing::by_system)
        listener.endpoint = find_unused(executor, listener.endpoint);
    else
        listener.socket = open_listener(executor, listener.endpoint, false).release();
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

/// A port as the pool knows it: what was asked for, and what came of it.
struct known_port
{
    net::ip::tcp::endpoint asked;
    net::ip::tcp::endpoint at;

    [[nodiscard]] net::ip::tcp::endpoint const& local() const noexcept { return at; }
};

[[nodiscard]] inline std::vector<net::ip::tcp::endpoint>
asked_for(std::vector<service_listener> const& listeners)
{
    std::vector<net::ip::tcp::endpoint> all;
    for (auto const& each : listeners)
        all.push_back(each.endpoint);
    return all;
}

/// What one worker is to go on with, its new ports open.
struct worker_change
{
    /// @param executor Of the calling thread.
    worker_change(net::any_io_executor const& executor, service_options const& all,
                  std::vector<bool> const& is_new)
        : options{duplicate(all)},
          rest{options.listen}
    {
        options.accept.reuse_port = true;
        for (std::size_t i = 0; i != is_new.size(); ++i)
            if (auto& each = options.listen[i]; is_new[i] && !each.socket)
                each.socket = open_listener(executor, each.endpoint, true).release();
    }

    service_options options;
    untaken_sockets const rest;
};

/// @param is_first Whether the caller hears of an error; on another thread nobody does. Without memory for
/// the change that worker goes on as it was.
inline void put_in_force(worker& to, worker_change& change, bool is_first)
{
    try {
        to.service().reload(std::exchange(change.options, {}));
    } catch (std::exception const&) {
        if (is_first) throw;
    }
}

} // namespace detail

VIADUCT_DECL worker_pool::worker_pool(net::io_context& first, std::size_t count, service_options options,
                                      port_sharing sharing)
    : asked_{detail::asked_for(options.listen)},
      sharing_{sharing}
{
    detail::untaken_sockets const originals{options.listen}; // each worker has descriptors of its own
    if (count > 1) {
        for (auto& listener : options.listen)
            detail::share(first.get_executor(), listener, sharing);
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

/// All ports are opened here, on one thread, and the workers only take them over: that one of them has what
/// another one has not cannot happen.
VIADUCT_DECL void worker_pool::reload(service_options options)
{
    if (workers_.size() == 1) return workers_.front()->service().reload(std::move(options));
    detail::untaken_sockets const originals{options.listen};
    auto asked = detail::asked_for(options.listen);
    auto const is_new = go_on(options.listen);
    for (std::size_t i = 0; i != is_new.size(); ++i)
        if (is_new[i]) detail::share(workers_.front()->executor(), options.listen[i], sharing_);
    std::vector<std::shared_ptr<detail::worker_change>> changes;
    for (std::size_t i = 0; i != workers_.size(); ++i)
        changes.push_back(
            std::make_shared<detail::worker_change>(workers_.front()->executor(), options, is_new));
    for (std::size_t i = 0; i != workers_.size(); ++i)
        workers_[i]->on_thread([to = workers_[i], change = changes[i], is_first = i == 0] {
            detail::put_in_force(*to, *change, is_first);
        });
    asked_ = std::move(asked);
}

/// Gives listeners that were there before the endpoints that they are at; tells which ones are new.
VIADUCT_DECL std::vector<bool> worker_pool::go_on(std::vector<service_listener>& listeners) const
{
    std::vector<detail::known_port> known;
    auto const where = endpoints();
    for (std::size_t i = 0; i != where.size(); ++i)
        known.push_back({asked_[i], where[i]});
    auto const found = detail::match_ports(listeners, known);
    std::vector<bool> is_new(listeners.size(), true);
    for (std::size_t i = 0; i != listeners.size(); ++i) {
        is_new[i] = found[i] == known.size();
        if (!is_new[i]) listeners[i].endpoint = where[found[i]];
    }
    return is_new;
}

VIADUCT_DECL std::size_t worker_pool::active() const noexcept
{
    std::size_t sum = 0;
    for (auto const& each : workers_)
        sum += each->service().active();
    return sum;
}

VIADUCT_DECL std::size_t worker_pool::open_tunnels() const noexcept
{
    std::size_t sum = 0;
    for (auto const& each : workers_)
        sum += each->service().open_tunnels();
    return sum;
}

VIADUCT_DECL void worker_pool::list_tunnels(std::size_t limit,
                                            detail::any_handler<void(std::vector<tunnel_record>)> handler)
{
    detail::ask_workers(
        workers_, std::move(handler), [limit](service& each) { return each.tunnels(limit); },
        [limit](std::vector<tunnel_record>& all, std::vector<tunnel_record> more) {
            std::move(more.begin(), more.end(), std::back_inserter(all));
            std::sort(all.begin(), all.end(),
                      [](auto const& a, auto const& b) { return a.elapsed > b.elapsed; });
            if (all.size() > limit) all.resize(limit);
        });
}

VIADUCT_DECL void worker_pool::find_tunnel(std::uint64_t id,
                                           detail::any_handler<void(std::optional<tunnel_record>)> handler)
{
    detail::ask_workers(
        workers_, std::move(handler), [id](service& each) { return each.find_tunnel(id); },
        [](std::optional<tunnel_record>& found, std::optional<tunnel_record> here) {
            if (here) found = std::move(here);
        });
}

VIADUCT_DECL void worker_pool::end_tunnel(std::uint64_t id, detail::any_handler<void(bool)> handler)
{
    detail::ask_workers(
        workers_, std::move(handler), [id](service& each) { return each.end_tunnel(id); },
        [](bool& any, bool found) { any = any || found; });
}

VIADUCT_DECL void worker_pool::stop()
{
    for (auto const& each : workers_)
        each->on_thread([each] { each->service().stop(); });
}

} // namespace viaduct

#endif
