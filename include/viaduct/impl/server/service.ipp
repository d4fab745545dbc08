#ifndef VIADUCT_IMPL_SERVER_SERVICE_IPP
#define VIADUCT_IMPL_SERVER_SERVICE_IPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/point_after.hpp>
#include <viaduct/server/serve_tunnel.hpp>
#include <viaduct/server/service.hpp>

#include <algorithm>
#include <cerrno>
#include <new>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace viaduct {
namespace detail {

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
                                                          net::ip::tcp::endpoint const& where)
{
    try {
        return listen_on(executor, where, false);
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

[[nodiscard]] inline acceptor open_acceptor(net::any_io_executor const& executor, service_listener& listener,
                                            accept_options options)
{
    if (listener.pages_only) options.request.kinds = request_kinds::pages;
    if (!listener.name.empty()) options.name = listener.name;
    if (listener.tls) options.tls = listener.tls;
    if (listener.proxy_protocol) options.proxy_protocol = listener.proxy_protocol;
    try {
        if (!listener.socket) return acceptor{executor, listener.endpoint, std::move(options)};
        auto taken = take_over(executor, *listener.socket);
        listener.socket.reset();
        return acceptor{std::move(taken), std::move(options)};
    } catch (system_error const& e) {
        throw system_error(e.code(), "cannot listen on " + to_text(listener.endpoint));
    }
}

VIADUCT_DECL service_state::service_state(net::any_io_executor executor, service_options options)
    : executor_{std::move(executor)},
      options_{std::move(options)},
      idle_{executor_},
      watch_{executor_}
{
    options_.accept.request.kinds =
        options_.pages ? request_kinds::tunnels_and_pages : request_kinds::tunnels;
    acceptors_.reserve(options_.listen.size());
    untaken_sockets const rest{options_.listen};
    for (auto& listener : options_.listen)
        acceptors_.push_back(open_acceptor(executor_, listener, options_.accept));
    reload(std::move(options_.way));
}

VIADUCT_DECL void service_state::reload(egress way)
{
    for (auto const& source : acceptors_)
        way.guard.protect(source.local_endpoint());
    way.wishes = options_.accept.log ? options_.accept.log->wishes() : record_wishes{};
    way_ = std::make_shared<egress const>(std::move(way));
}

VIADUCT_DECL void service_state::start()
{
    if (std::exchange(started_, true)) return;
    for (auto& source : acceptors_)
        source.start([weak = weak_from_this()](request next) {
            if (auto const self = weak.lock()) self->serve(std::move(next));
        });
    watch();
}

VIADUCT_DECL void service_state::serve(request next)
{
    if (next.head().asks_for_page) return serve_page(std::move(next));
    auto const who = tunnels_.emplace(tunnels_.end(), *this);
    active_.store(tunnels_.size(), std::memory_order_relaxed);
    try {
        async_serve_tunnel(std::move(next), way_, &*who, served{shared_from_this(), who});
    } catch (std::bad_alloc const&) { // the connection has been closed; there is no memory for more
        forget(who);
    }
}

VIADUCT_DECL void service_state::on_open(live_tunnel& who)
{
    open_.fetch_add(1, std::memory_order_relaxed);
    if (!options_.accept.log) return;
    if (options_.log_starts) tell(who, record_event::start);
    who.due = point_after(std::chrono::steady_clock::now(), options_.log_every);
}

VIADUCT_DECL void service_state::tell(live_tunnel const& who, record_event event) noexcept
{
    try {
        options_.accept.log->write(*who.record(event));
    } catch (std::bad_alloc const&) { // the tunnel goes on, and has a record when it is over
    }
}

/// One timer for all tunnels, which looks at them often enough.
VIADUCT_DECL void service_state::watch()
{
    if (!options_.accept.log || options_.log_every.count() <= 0) return;
    watch_.expires_after(std::min<std::chrono::milliseconds>(options_.log_every, std::chrono::seconds{1}));
    watch_.async_wait([weak = weak_from_this()](error_code ec) {
        auto const self = weak.lock();
        if (ec || !self || (self->draining_ && self->tunnels_.empty())) return;
        self->report_progress();
        self->watch();
    });
}

VIADUCT_DECL void service_state::report_progress()
{
    auto const now = std::chrono::steady_clock::now();
    for (auto& each : tunnels_) {
        if (now < each.due || !each.is_open()) continue;
        tell(each, record_event::progress);
        each.due = point_after(now, options_.log_every);
    }
}

VIADUCT_DECL void service_state::on_served(tunnels::iterator who, tunnel_record record, request again)
{
    note_reason(record);
    if (record.phase == request_phase::tunnel) open_.fetch_sub(1, std::memory_order_relaxed);
    if (options_.accept.log) options_.accept.log->write(record);
    if (again && draining_)
        give_up(again);
    else if (again)
        serve(std::move(again)); // before the other is forgotten: a drain sees no gap
    forget(who);
}

VIADUCT_DECL void service_state::forget(tunnels::iterator who)
{
    tunnels_.erase(who);
    active_.store(tunnels_.size(), std::memory_order_relaxed);
    if (!tunnels_.empty()) return;
    if (draining_) {
        watch_.cancel();
        close_page_listeners();
    }
    if (is_idle()) idle_.cancel();
}

VIADUCT_DECL void service_state::end_tunnels(error_code why)
{
    ended_by_ = why;
    for (auto* const list : {&tunnels_, &pages_})
        for (auto& each : *list)
            each.end.emit(net::cancellation_type::terminal);
}

} // namespace detail

VIADUCT_DECL service::service(net::any_io_executor executor, service_options options)
    : state_{std::make_shared<detail::service_state>(std::move(executor), std::move(options))}
{}

VIADUCT_DECL service::~service()
{
    if (state_) stop();
}

VIADUCT_DECL std::vector<net::ip::tcp::endpoint> service::endpoints() const
{
    std::vector<net::ip::tcp::endpoint> all;
    for (auto const& source : state_->acceptors())
        all.push_back(source.local_endpoint());
    return all;
}

VIADUCT_DECL void service::start()
{
    state_->start();
}

VIADUCT_DECL void service::reload(egress way)
{
    state_->reload(std::move(way));
}

VIADUCT_DECL std::vector<tunnel_record> service::tunnels(std::size_t limit) const
{
    return state_->list_tunnels(limit);
}

VIADUCT_DECL std::optional<tunnel_record> service::find_tunnel(std::uint64_t id) const
{
    return state_->find_tunnel(id);
}

VIADUCT_DECL bool service::end_tunnel(std::uint64_t id)
{
    return state_->end_tunnel(id);
}

VIADUCT_DECL void service::stop()
{
    state_->stop_accepting();
    state_->close_page_listeners();
    state_->end_tunnels(net::error::operation_aborted);
}

} // namespace viaduct

#endif
