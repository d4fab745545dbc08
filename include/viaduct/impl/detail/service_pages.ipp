#ifndef VIADUCT_IMPL_DETAIL_SERVICE_PAGES_IPP
#define VIADUCT_IMPL_DETAIL_SERVICE_PAGES_IPP

#include <viaduct/detail/serve_page_op.hpp>
#include <viaduct/detail/service_state.hpp>
#include <viaduct/server/tunnel_facts.hpp>
#include <viaduct/server/tunnel_records.hpp>

#include <algorithm>
#include <cstddef>
#include <new>
#include <optional>

namespace viaduct::detail {

VIADUCT_DECL void service_state::serve_page(request next)
{
    auto const who = pages_.emplace(pages_.end(), *this, nullptr);
    try {
        async_stable<serve_page_op, void(error_code, tunnel_record, request)>(
            page_served{{shared_from_this(), who}}, std::move(next), way_, options_.pages, draining_);
    } catch (std::bad_alloc const&) { // the connection has been closed; there is no memory for more
        forget_page(who);
    }
}

VIADUCT_DECL void service_state::on_page_served(tunnels::iterator who, tunnel_record record)
{
    note_reason(record);
    if (options_.accept.log) options_.accept.log->write(record);
    forget_page(who);
}

/// Nobody else cancels.
VIADUCT_DECL void service_state::note_reason(tunnel_record& record)
{
    bool const by_operator = std::erase(ended_, record.id) != 0;
    if (record.error != net::error::operation_aborted) return;
    record.error = by_operator ? make_error_code(errc::ended_by_operator) : ended_by_;
}

VIADUCT_DECL void service_state::forget_page(tunnels::iterator who)
{
    pages_.erase(who);
    if (is_idle()) idle_.cancel();
}

/// A request that came too late to be served is closed without an answer; it has its record all the same.
VIADUCT_DECL void service_state::give_up(request const& late)
{
    if (!options_.accept.log) return;
    if (late.head().asks_for_page) {
        auto record = page_record(late.connection(), late.head());
        record.error = ended_by_;
        return options_.accept.log->write(record);
    }
    tunnel_facts facts{late, way_->wishes};
    facts.on_end(net::error::operation_aborted);
    options_.accept.log->write(facts.record(record_event::end, ended_by_));
}

VIADUCT_DECL void service_state::stop_accepting()
{
    draining_ = true;
    for (auto& each : ports_)
        if (!each.pages_only) each.source.close();
    for (auto& ports : retired_)
        for (auto& each : ports)
            each.source.close();
    if (!tunnels_.empty()) return;
    watch_.cancel();
    close_page_listeners();
}

VIADUCT_DECL void service_state::close_page_listeners()
{
    for (auto& each : ports_)
        if (each.pages_only) each.source.close();
}

VIADUCT_DECL std::vector<tunnel_record> service_state::list_tunnels(std::size_t limit) const
{
    std::vector<tunnel_record> all;
    for (auto const& each : tunnels_) {
        if (all.size() >= limit) break;
        if (auto record = each.record()) all.push_back(std::move(*record));
    }
    return all;
}

VIADUCT_DECL std::optional<tunnel_record> service_state::find_tunnel(std::uint64_t id) const
{
    for (auto const& each : tunnels_)
        if (id != 0 && each.id() == id) return each.record();
    return std::nullopt;
}

VIADUCT_DECL bool service_state::end_tunnel(std::uint64_t id)
{
    auto const is_it = [id](live_tunnel const& each) { return each.id() == id; };
    auto const who = id == 0 ? tunnels_.end() : std::find_if(tunnels_.begin(), tunnels_.end(), is_it);
    if (who == tunnels_.end()) return false;
    ended_.push_back(id);
    who->end.emit(net::cancellation_type::terminal);
    return true;
}

} // namespace viaduct::detail

#endif
