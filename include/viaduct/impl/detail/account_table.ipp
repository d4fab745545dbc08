#ifndef VIADUCT_IMPL_DETAIL_ACCOUNT_TABLE_IPP
#define VIADUCT_IMPL_DETAIL_ACCOUNT_TABLE_IPP

#include <viaduct/detail/account_table.hpp>

namespace viaduct::detail {

[[nodiscard]] inline std::shared_ptr<traffic_meter> make_meter(meter_terms const& terms,
                                                               traffic_meter::time_point now)
{
    bool const idle = terms.rate.octets_per_second == 0 && terms.quota == 0;
    return idle ? nullptr : std::make_shared<traffic_meter>(terms, now);
}

/// Whether an account that nobody holds is like one that was never seen.
[[nodiscard]] inline bool is_fresh(account const& a, traffic_meter::time_point now)
{
    auto const fresh = [&](auto const& meter) { return !meter || meter->is_fresh(now); };
    return (!a.requests || a.requests->is_full(now)) && fresh(a.meters.up) && fresh(a.meters.down) &&
           fresh(a.meters.quota);
}

VIADUCT_DECL account_meters account_terms::make_meters(traffic_meter::time_point now) const
{
    return {make_meter({.rate = rates.up}, now), make_meter({.rate = rates.down}, now),
            make_meter({.quota = quota, .period = quota_period}, now)};
}

/// A meter without terms of its own holds up nobody who has it still.
inline void renew_meter(std::shared_ptr<traffic_meter>& meter, meter_terms const& terms,
                        traffic_meter::time_point now)
{
    auto fresh = make_meter(terms, now);
    if (meter) meter->reload(terms, now);
    if (!meter || !fresh) meter = std::move(fresh);
}

VIADUCT_DECL void account_terms::renew(account_meters& meters, traffic_meter::time_point now) const
{
    renew_meter(meters.up, {.rate = rates.up}, now);
    renew_meter(meters.down, {.rate = rates.down}, now);
    renew_meter(meters.quota, {.quota = quota, .period = quota_period}, now);
}

VIADUCT_DECL void account_table::reload(account_terms const& terms, std::size_t capacity, time_point now)
{
    bool const has_other_rate = terms.requests != terms_.requests;
    terms_ = terms;
    capacity_ = capacity;
    for (auto& [name, each] : accounts_) {
        terms_.renew(each.meters, now);
        if (has_other_rate) each.requests.reset();
        if (has_other_rate && terms_.requests.count != 0) each.requests.emplace(terms_.requests, now);
    }
    while (!idle_.empty() && (!remembers() || accounts_.size() > capacity_))
        forget_oldest();
}

VIADUCT_DECL account_table::entry& account_table::hold(std::string_view name, time_point now)
{
    sweep(now);
    auto const known = accounts_.find(name);
    auto& found = known != accounts_.end() ? *known : make(name, now);
    if (found.second.tunnels++ == 0) held_.splice(held_.end(), idle_, found.second.place);
    while (accounts_.size() > capacity_ && !idle_.empty())
        forget_oldest();
    return found;
}

VIADUCT_DECL void account_table::let_go(entry& held) noexcept
{
    if (--held.second.tunnels != 0) return;
    idle_.splice(idle_.end(), held_, held.second.place);
    if (!remembers() || accounts_.size() > capacity_) forget_oldest();
}

VIADUCT_DECL account const* account_table::find(std::string_view name) const
{
    auto const known = accounts_.find(name);
    return known == accounts_.end() ? nullptr : &known->second;
}

VIADUCT_DECL account_table::entry& account_table::make(std::string_view name, time_point now)
{
    account fresh;
    if (terms_.requests.count != 0) fresh.requests.emplace(terms_.requests, now);
    fresh.meters = terms_.make_meters(now);
    account::list place{nullptr};
    fresh.place = place.begin();
    auto& made = *accounts_.try_emplace(std::string{name}, std::move(fresh)).first;
    *made.second.place = &made;
    idle_.splice(idle_.end(), place);
    return made;
}

/// Whether there is anything to remember of those who have left.
VIADUCT_DECL bool account_table::remembers() const noexcept
{
    auto const& rates = terms_.rates;
    return terms_.requests.count != 0 || terms_.quota != 0 || rates.up.octets_per_second != 0 ||
           rates.down.octets_per_second != 0;
}

/// Forgets those who left first, as far as there is nothing to remember of them.
VIADUCT_DECL void account_table::sweep(time_point now)
{
    while (!idle_.empty() && is_fresh(idle_.front()->second, now))
        forget_oldest();
}

VIADUCT_DECL void account_table::forget_oldest()
{
    auto const oldest = accounts_.find(idle_.front()->first);
    idle_.pop_front();
    accounts_.erase(oldest);
}

} // namespace viaduct::detail

#endif
