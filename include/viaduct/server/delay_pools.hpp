#ifndef VIADUCT_SERVER_DELAY_POOLS_HPP
#define VIADUCT_SERVER_DELAY_POOLS_HPP

#include <viaduct/policy/access_list.hpp>
#include <viaduct/policy/request_facts.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/relay/traffic_meter.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace viaduct {

/// How fast a bucket fills, and how much it holds: `restore/max` of a `delay_parameters`.
struct delay_rate
{
    std::int64_t restore = -1; ///< Octets a second; negative for no limit.
    std::int64_t max = -1;     ///< Octets; negative for no limit. Less than `restore` slows that down, too.
};

/// A pool. Squid's class 1 has `all`, class 2 `all` and `host`, class 3 all three.
struct delay_pool
{
    delay_rate all{};     ///< One bucket, for everybody in the pool.
    delay_rate network{}; ///< One for each network of clients.
    delay_rate host{};    ///< One for each client.
    access_list access{}; ///< Who is in the pool: `delay_access`. Without a rule, nobody.
};

/// What is true of all pools.
struct delay_options
{
    unsigned initial_level = 50; ///< How full a new bucket is, in percent: `delay_initial_bucket_level`.

    /// Networks and hosts that a pool remembers, of each kind; those with a tunnel are never forgotten, and
    /// of the others the one that came first. A bucket that was forgotten begins anew.
    std::size_t max_tracked = 65'536;
};

namespace detail {
class delay_pool_state;
}

/// Holds back what tunnels bring to clients: the `delay_pools` of a squid.conf, of its classes 1 to 3.
/**
 * The first pool that allows a request takes it, and its tunnel is as fast as the emptiest of its buckets
 * lets it. Only what servers send is held back, as in Squid; so it comes at `restore` octets a second once a
 * bucket is empty. A rule of `access` that asks for something that is not known (a user, a helper's answer)
 * is passed over.
 *
 * A host is an address and a network 24 bits of it, all of them: Squid tells hosts of class 2 apart by their
 * last octet, and networks by their third. It has no buckets of hosts and networks for IPv6; here a host is
 * a /64, as for `limits`, and a network a /48.
 *
 * One object for all workers. Distinct objects: safe. Shared objects: safe.
 */
class delay_pools
{
public:
    using clock = std::chrono::steady_clock;
    using meters = std::vector<std::shared_ptr<traffic_meter>>;

    VIADUCT_DECL explicit delay_pools(std::vector<delay_pool> pools, delay_options const& options = {},
                                      clock::time_point now = clock::now());
    delay_pools(delay_pools const&) = delete;
    delay_pools& operator=(delay_pools const&) = delete;
    VIADUCT_DECL ~delay_pools();

    /// The meters of the buckets that a request's tunnel draws from; none where no pool takes it.
    [[nodiscard]] VIADUCT_DECL meters meters_for(request_facts const& facts,
                                                 clock::time_point now = clock::now());

    /// Adds them to what is read from the target, which is the relay's `b`.
    void apply(relay_options& options, request_facts const& facts, clock::time_point now = clock::now())
    {
        for (auto& each : meters_for(facts, now))
            options.meters_b_to_a.push_back(std::move(each));
    }

    /// Networks and hosts that are remembered at present.
    [[nodiscard]] VIADUCT_DECL std::size_t tracked() const;

private:
    std::vector<std::unique_ptr<detail::delay_pool_state>> pools_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/delay_pools.ipp>
#endif

#endif
