#ifndef VIADUCT_IMPL_SERVER_DELAY_POOLS_IPP
#define VIADUCT_IMPL_SERVER_DELAY_POOLS_IPP

#include <viaduct/detail/plain_address.hpp>
#include <viaduct/server/delay_pools.hpp>

#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace viaduct {
namespace detail {

/// Makes buckets of one rate.
struct bucket_maker
{
    [[nodiscard]] bool is_limited() const noexcept { return rate.restore >= 0 && rate.max >= 0; }

    /// Squid fills a bucket once a second, and to its brim: so it never gives more than that in a second.
    [[nodiscard]] std::shared_ptr<traffic_meter> make(traffic_meter::time_point now) const
    {
        auto const most = static_cast<std::uint64_t>(std::max<std::int64_t>(rate.max, 1));
        auto const restore = static_cast<std::uint64_t>(std::max<std::int64_t>(rate.restore, 1));
        auto meter =
            std::make_shared<traffic_meter>(meter_terms{.rate = {std::min(restore, most), most}}, now);
        auto const missing = 100U - std::min(level, 100U);
        meter->take(most / 100 * missing + most % 100 * missing / 100, now);
        return meter;
    }

    delay_rate rate;
    unsigned level; // percent
};

/// The buckets of networks, or of hosts. An ordered map, as its keys come from the network.
class bucket_table
{
public:
    using time_point = traffic_meter::time_point;

    bucket_table(bucket_maker maker, std::size_t capacity) : maker_{maker}, capacity_{capacity} {}

    /// The bucket of a name; null where there is no limit.
    [[nodiscard]] std::shared_ptr<traffic_meter> find(std::string const& name, time_point now)
    {
        if (!maker_.is_limited()) return nullptr;
        std::lock_guard const lock{mutex_};
        auto const known = buckets_.find(name);
        return known != buckets_.end() ? known->second : add(name, now);
    }

    [[nodiscard]] std::size_t size() const
    {
        std::lock_guard const lock{mutex_};
        return buckets_.size();
    }

private:
    using map = std::map<std::string, std::shared_ptr<traffic_meter>>;

    [[nodiscard]] std::shared_ptr<traffic_meter> add(std::string const& name, time_point now)
    {
        auto meter = maker_.make(now);
        age_.push_back(buckets_.emplace(name, meter).first);
        for (int looks = 8; looks != 0 && buckets_.size() > capacity_; --looks)
            look_at_oldest();
        return meter;
    }

    /// Forgets it, unless a tunnel draws from it: the next look is at another one then.
    void look_at_oldest()
    {
        if (age_.front()->second.use_count() > 1) return age_.splice(age_.end(), age_, age_.begin());
        buckets_.erase(age_.front());
        age_.pop_front();
    }

    bucket_maker maker_;
    std::size_t capacity_;
    std::mutex mutable mutex_;
    map buckets_;
    std::list<map::iterator> age_; // the oldest first
};

/// The first bits of an address, as a key.
template <std::size_t N>
[[nodiscard]] std::string first_octets(std::array<unsigned char, N> const& octets, std::size_t count)
{
    return {octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(count)};
}

[[nodiscard]] inline std::string network_of(net::ip::address const& client)
{
    return client.is_v4() ? first_octets(client.to_v4().to_bytes(), 3)
                          : first_octets(client.to_v6().to_bytes(), 6);
}

[[nodiscard]] inline std::string host_of(net::ip::address const& client)
{
    return client.is_v4() ? first_octets(client.to_v4().to_bytes(), 4)
                          : first_octets(client.to_v6().to_bytes(), 8);
}

/// A pool and its buckets.
class delay_pool_state
{
public:
    delay_pool_state(delay_pool pool, delay_options const& options, traffic_meter::time_point now)
        : access_{std::move(pool.access)},
          networks_{{pool.network, options.initial_level}, options.max_tracked},
          hosts_{{pool.host, options.initial_level}, options.max_tracked}
    {
        bucket_maker const maker{pool.all, options.initial_level};
        if (maker.is_limited()) all_ = maker.make(now);
    }

    /// The first rule that matches decides; otherwise the opposite of the last.
    [[nodiscard]] bool takes(request_facts const& facts) const
    {
        acl_inquiry inquiry{facts};
        for (auto const& rule : access_.rules())
            if (rule.ask(inquiry) == acl_answer::match) return rule.action == rule_action::allow;
        return default_of(access_.rules()) == rule_action::allow;
    }

    [[nodiscard]] delay_pools::meters meters_for(net::ip::address const& client,
                                                 traffic_meter::time_point now)
    {
        delay_pools::meters found{all_, networks_.find(network_of(client), now),
                                  hosts_.find(host_of(client), now)};
        std::erase(found, nullptr);
        return found;
    }

    [[nodiscard]] std::size_t tracked() const { return networks_.size() + hosts_.size(); }

private:
    access_list access_;
    std::shared_ptr<traffic_meter> all_{}; // null where there is no limit
    bucket_table networks_;
    bucket_table hosts_;
};

} // namespace detail

VIADUCT_DECL delay_pools::delay_pools(std::vector<delay_pool> pools, delay_options const& options,
                                      clock::time_point now)
{
    for (auto& each : pools)
        pools_.push_back(std::make_unique<detail::delay_pool_state>(std::move(each), options, now));
}

VIADUCT_DECL delay_pools::~delay_pools() = default;

VIADUCT_DECL delay_pools::meters delay_pools::meters_for(request_facts const& facts, clock::time_point now)
{
    for (auto const& each : pools_)
        if (each->takes(facts)) return each->meters_for(detail::without_mapping(facts.client.address()), now);
    return {};
}

VIADUCT_DECL std::size_t delay_pools::tracked() const
{
    std::size_t sum = 0;
    for (auto const& each : pools_)
        sum += each->tracked();
    return sum;
}

} // namespace viaduct

#endif
