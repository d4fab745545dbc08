#ifndef VIADUCT_IMPL_CLIENT_PROXY_HEALTH_IPP
#define VIADUCT_IMPL_CLIENT_PROXY_HEALTH_IPP

#include <viaduct/client/proxy_health.hpp>

#include <algorithm>
#include <utility>

namespace viaduct {

VIADUCT_DECL void proxy_health::failed(proxy_url const& proxy, clock::time_point now)
{
    if (proxy.is_direct() || capacity_ == 0) return;
    auto name = to_text(proxy);
    std::lock_guard const lock{mutex_};
    auto const known = failures_.find(name);
    if (known != failures_.end()) {
        known->second = std::max(known->second, now); // threads may come here in another order
        return;
    }
    if (failures_.size() >= capacity_) make_room(now);
    failures_.emplace(std::move(name), now);
}

VIADUCT_DECL void proxy_health::worked(proxy_url const& proxy)
{
    std::lock_guard const lock{mutex_};
    if (!failures_.empty()) failures_.erase(to_text(proxy));
}

VIADUCT_DECL proxy_list proxy_health::order(proxy_list ways, clock::time_point now) const
{
    std::lock_guard const lock{mutex_};
    if (failures_.empty()) return ways;
    std::stable_partition(ways.begin(), ways.end(), [&](proxy_route const& route) {
        if (route.empty()) return true;
        auto const known = failures_.find(to_text(route.front()));
        return known == failures_.end() || !is_recent(known->second, now);
    });
    return ways;
}

/// Forgets what does not count any more, or else the oldest failure.
VIADUCT_DECL void proxy_health::make_room(clock::time_point now)
{
    std::erase_if(failures_, [&](auto const& known) { return !is_recent(known.second, now); });
    if (failures_.size() < capacity_) return;
    failures_.erase(std::min_element(failures_.begin(), failures_.end(),
                                     [](auto const& a, auto const& b) { return a.second < b.second; }));
}

VIADUCT_DECL bool proxy_health::is_recent(clock::time_point failure, clock::time_point now) const
{
    return now - failure < memory_; // and not now < failure + memory_, which a long memory overflows
}

} // namespace viaduct

#endif
