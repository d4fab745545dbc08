#ifndef VIADUCT_IMPL_SERVER_ROUTING_IPP
#define VIADUCT_IMPL_SERVER_ROUTING_IPP

#include <viaduct/server/routing.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

/// One of a policy's lists as a question; none if the list is empty.
/** @param if_unknown The answer while something would have to be found out first: `admission` sees to that.
 */
[[nodiscard]] inline std::function<bool(request_facts const&)>
asks(std::shared_ptr<policy const> const& rules, access_list const& list, bool if_unknown)
{
    if (list.empty()) return {};
    return [rules, &list, if_unknown](request_facts const& asked) {
        auto const v = list.decide(asked);
        return v.is_final() ? v.what == verdict::kind::allow : if_unknown;
    };
}

} // namespace detail

VIADUCT_DECL routing_rules routing_by(std::shared_ptr<policy const> const& rules)
{
    routing_rules routing;
    if (!rules) return routing;
    routing.always_direct = detail::asks(rules, rules->always_direct, false);
    routing.never_direct = detail::asks(rules, rules->never_direct, true);
    return routing;
}

VIADUCT_DECL route choose_route(routing_rules const& rules, parent_table& parents, request_facts const& asked,
                                parent_table::clock::time_point now)
{
    route chosen;
    if (rules.always_direct && rules.always_direct(asked)) {
        chosen.direct_first = true;
        return chosen;
    }
    bool const never = rules.never_direct && rules.never_direct(asked);
    chosen.direct_first = !never && (rules.nonhierarchical_direct || rules.prefer_direct);
    chosen.direct_last = !never && !chosen.direct_first;
    if (never || !rules.nonhierarchical_direct) chosen.parents = parents.picks(asked, now);
    return chosen;
}

VIADUCT_DECL void learn(parent_table& parents, std::vector<parent_pick> const& tried, error_code ec,
                        dial_report const& report, parent_table::clock::time_point now)
{
    auto const before = std::min(report.way, tried.size());
    for (std::size_t i = 0; i < before; ++i)
        parents.on_failed(tried[i].index, now);
    if (before == tried.size()) return;
    auto const last = tried[before].index;
    // With TLS 1.3 a parent refuses our certificate when we have asked already: that is no answer.
    bool const reached = report.phase >= dial_phase::handshake && ec != errc::tls_handshake_failed;
    if (!ec || reached)
        parents.on_connected(last, report.connected - report.resolved);
    else if (ec != net::error::operation_aborted)
        parents.on_failed(last, now);
}

} // namespace viaduct

#endif
