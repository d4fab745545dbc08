#ifndef VIADUCT_SERVER_ROUTING_HPP
#define VIADUCT_SERVER_ROUTING_HPP

#include <viaduct/client/dial_report.hpp>
#include <viaduct/error.hpp>
#include <viaduct/policy/policy.hpp>
#include <viaduct/policy/request_facts.hpp>
#include <viaduct/server/parents.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace viaduct {

/// Which requests go to parents, and which directly to their targets: Squid's directives of these names.
struct routing_rules
{
    /// Requests that go to their targets directly, and never to a parent. Empty: none. Asked first.
    std::function<bool(request_facts const&)> always_direct{};

    /// Requests that go to parents only; without one that can be reached they fail. Empty: none.
    std::function<bool(request_facts const&)> never_direct{};

    /// For all others: whether a CONNECT goes to its target directly, and not to a parent at all. On, as in
    /// Squid: a parent has nothing in its cache for a tunnel. Whoever wants parents in use sets
    /// `never_direct`, or turns this off.
    bool nonhierarchical_direct = true;

    /// For all others, with `nonhierarchical_direct` off: whether the direct way is tried before the parents,
    /// and not behind them.
    bool prefer_direct = false;
};

/// The rules of a policy's `always_direct` and `never_direct`; kept alive.
[[nodiscard]] VIADUCT_DECL routing_rules routing_by(std::shared_ptr<policy const> const& rules);

/// Where a request goes: the direct way first, the parents in their order, the direct way last.
struct route
{
    std::vector<parent_pick> parents{};
    bool direct_first = false;
    bool direct_last = false;

    /// Whether there is no way at all: `errc::parent_unavailable`.
    [[nodiscard]] bool empty() const noexcept { return parents.empty() && !direct_first && !direct_last; }
};

/// Finds out where a request goes.
/**
 * @code
 * auto const way = choose_route(rules, parents, facts);
 * dialer.async_dial(ways_through(way.parents, parents), via, target, [=, &parents](error_code ec, tunnel t) {
 *     learn(parents, way.parents, ec, t.report());
 *     if (ec) return reject(parent_refusal(ec, t.report()));
 *     auto lease = parents.lease(way.parents[t.report().way].index); // for as long as the tunnel is open
 *     ...
 * @endcode
 *
 * @param parents Asked only if the request may go there, so that no turn is lost.
 */
[[nodiscard]] VIADUCT_DECL route
choose_route(routing_rules const& rules, parent_table& parents, request_facts const& asked,
             parent_table::clock::time_point now = parent_table::clock::now());

/// Tells the table what a dial through parents has shown of them.
/**
 * All before the last one tried could not be reached. The last one could, if it was asked: what it answered
 * says nothing against it. A dial that was cancelled says nothing of it at all.
 *
 * @param tried The parents whose ways were dialled, in this order: see `ways_through`.
 * @param ec, report The outcome of the dial.
 */
VIADUCT_DECL void learn(parent_table& parents, std::vector<parent_pick> const& tried, error_code ec,
                        dial_report const& report,
                        parent_table::clock::time_point now = parent_table::clock::now());

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/routing.ipp>
#endif

#endif
