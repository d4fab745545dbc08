#ifndef VIADUCT_IMPL_DETAIL_SERVICE_CHANGE_IPP
#define VIADUCT_IMPL_DETAIL_SERVICE_CHANGE_IPP

// How a service gets its options, at first and later.

#include <viaduct/detail/service_state.hpp>
#include <viaduct/impl/server/open_ports.hpp>

#include <algorithm>
#include <cstddef>
#include <list>
#include <memory>
#include <utility>
#include <vector>

namespace viaduct::detail {

[[nodiscard]] inline std::shared_ptr<egress const> snapshot_of(egress way, log_sink const* log)
{
    way.wishes = log ? log->wishes() : record_wishes{};
    return std::make_shared<egress const>(std::move(way));
}

/// Everything of a change that can fail, done; nothing that runs knows of it.
struct service_state::change
{
    std::vector<open_port> ports{};
    std::vector<std::size_t> goes_on_with{}; // which of the old ports; their number for none
    std::list<std::vector<open_port>> retired = std::list<std::vector<open_port>>(1); // room for them
    std::shared_ptr<egress const> way{};
};

VIADUCT_DECL service_state::service_state(net::any_io_executor executor, service_options options)
    : executor_{std::move(executor)},
      options_{std::move(options)},
      idle_{executor_},
      watch_{executor_}
{
    untaken_sockets const rest{options_.listen};
    auto first = prepare(options_);
    ports_ = std::move(first.ports);
    way_ = std::move(first.way);
}

VIADUCT_DECL service_state::change service_state::prepare(service_options& next) const
{
    change made;
    next.accept.request.kinds = next.pages ? request_kinds::tunnels_and_pages : request_kinds::tunnels;
    made.goes_on_with = match_ports(next.listen, ports_);
    made.ports.reserve(next.listen.size());
    for (std::size_t i = 0; i != next.listen.size(); ++i) {
        auto& listener = next.listen[i];
        auto const from = made.goes_on_with[i];
        bool const was_given = listener.socket.has_value();
        auto source = from == ports_.size()
                          ? open_acceptor(executor_, listener, next.accept)
                          : acceptor{net::ip::tcp::acceptor{executor_}, options_of(listener, next.accept)};
        auto const local = from == ports_.size() ? source.local_endpoint() : ports_[from].local();
        made.ports.push_back({was_given ? local : listener.endpoint, std::move(source), listener.pages_only});
        next.way.guard.protect(local);
    }
    made.way = snapshot_of(std::move(next.way), next.accept.log);
    return made;
}

VIADUCT_DECL void service_state::reload(service_options next)
{
    untaken_sockets const rest{next.listen};
    if (draining_) return;
    auto const self = shared_from_this(); // a log that gets a record of it may destroy the service
    auto made = prepare(next);
    for (std::size_t i = 0; i != made.ports.size(); ++i)
        if (auto const from = made.goes_on_with[i]; from != ports_.size())
            made.ports[i].source.take_over(ports_[from].source);
    made.retired.front() = std::exchange(ports_, std::move(made.ports));
    auto& old = made.retired.front();
    forget_ended_ports();
    retired_.splice(retired_.end(), made.retired);
    way_ = std::move(made.way);
    options_ = std::move(next);
    if (started_) begin();
    for (auto& each : old)
        each.source.retire();
}

VIADUCT_DECL void service_state::reload(egress way)
{
    for (auto const& each : ports_)
        way.guard.protect(each.local());
    way_ = snapshot_of(std::move(way), options_.accept.log);
}

VIADUCT_DECL void service_state::forget_ended_ports()
{
    retired_.remove_if([](auto const& ports) {
        return std::all_of(ports.begin(), ports.end(),
                           [](auto const& each) { return each.source.has_ended(); });
    });
}

} // namespace viaduct::detail

#endif
