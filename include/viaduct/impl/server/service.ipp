#ifndef VIADUCT_IMPL_SERVER_SERVICE_IPP
#define VIADUCT_IMPL_SERVER_SERVICE_IPP

#include <viaduct/detail/point_after.hpp>
#include <viaduct/server/serve_tunnel.hpp>
#include <viaduct/server/service.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace viaduct {
namespace detail {

VIADUCT_DECL void service_state::start()
{
    if (!std::exchange(started_, true)) begin();
}

VIADUCT_DECL void service_state::begin()
{
    for (auto& each : ports_)
        each.source.start([weak = weak_from_this()](request next) {
            if (auto const self = weak.lock()) self->serve(std::move(next), self->way_);
        });
    watch();
}

VIADUCT_DECL void service_state::serve(request next, std::shared_ptr<egress const> const& way)
{
    if (next.head().asks_for_page) return serve_page(std::move(next));
    auto const who = tunnels_.emplace(tunnels_.end(), *this, way);
    active_.store(tunnels_.size(), std::memory_order_relaxed);
    try {
        async_serve_tunnel(std::move(next), way, &*who, served{shared_from_this(), who});
    } catch (std::bad_alloc const&) { // the connection has been closed; there is no memory for more
        forget(who);
    }
}

VIADUCT_DECL void service_state::on_open(live_tunnel& who)
{
    open_.fetch_add(1, std::memory_order_relaxed);
    who.way.reset();
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
    watch_.cancel();
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
        serve_again(std::move(again), *who); // before the other is forgotten: a drain sees no gap
    forget(who);
}

/// Who is in the middle of proving who it is goes on with whom it has begun with.
VIADUCT_DECL void service_state::serve_again(request next, live_tunnel const& before)
{
    bool const converses = before.way && next.session().kept;
    serve(std::move(next), converses ? before.way : way_);
}

VIADUCT_DECL void service_state::forget(tunnels::iterator who)
{
    tunnels_.erase(who);
    active_.store(tunnels_.size(), std::memory_order_relaxed);
    forget_ended_ports();
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
    for (auto const& each : state_->ports())
        all.push_back(each.local());
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

VIADUCT_DECL void service::reload(service_options options)
{
    state_->reload(std::move(options));
}

VIADUCT_DECL void service::stop()
{
    state_->stop_accepting();
    state_->close_page_listeners();
    state_->end_tunnels(net::error::operation_aborted);
}

} // namespace viaduct

#endif
