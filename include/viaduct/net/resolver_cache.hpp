#ifndef VIADUCT_NET_RESOLVER_CACHE_HPP
#define VIADUCT_NET_RESOLVER_CACHE_HPP

#include <viaduct/error.hpp>
#include <viaduct/net/resolver.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace viaduct {

/// How long answers of a name service are kept.
struct resolver_cache_options
{
    /// How many names are remembered; of more, those that were not asked for the longest are forgotten.
    std::size_t size = 16384;

    /// The longest time for addresses, whatever their TTL: Squid's `positive_dns_ttl`, with its default.
    std::chrono::seconds positive_max = std::chrono::hours{6};

    /// The shortest one, and the one of addresses whose TTL nobody knows. Squid takes its `negative_dns_ttl`
    /// for this, which has the same default.
    std::chrono::seconds positive_min{60};

    /// For a name that does not exist, or that has no address: Squid's `negative_dns_ttl`, with its default.
    std::chrono::seconds negative{60};

    /// For any other failure, such as a name service that does not answer; until then it is not asked again.
    std::chrono::seconds failure{10};

    /// How much longer addresses are kept for want of newer ones (RFC 8767); zero for not at all.
    std::chrono::seconds stale_while_error = std::chrono::hours{1};
};

/// What is known of names, and for how long: the rule of `caching_resolver`, without any I/O.
/**
 * Names are taken as they are: `authority` has brought them into one form. Distinct objects: safe. Shared
 * objects: unsafe.
 */
class resolver_cache
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Of one answer: whoever tries more than that has tried long enough.
    static constexpr std::size_t max_addresses = 64;

    /// What is known of a name.
    struct entry
    {
        error_code error{};
        resolution found{}; ///< With the rest of its time as its TTL; no address if there is an error.

        /// Its time is over: ask anew, and take this if there is no answer.
        bool stale = false;
    };

    explicit resolver_cache(resolver_cache_options const& options = {}) : options_{options} {}

    /// What is known; nothing if it is too old even for a stale answer.
    [[nodiscard]] VIADUCT_DECL std::optional<entry> find(std::string const& host, time_point now);

    /// Remembers an answer.
    /**
     * A failure that does not say that the name does not exist leaves stale addresses as they are: they then
     * count as fresh ones until the name service is to be asked again. What says nothing about the name is
     * not remembered: `operation_aborted`, `errc::resolver_overloaded`, want of memory.
     */
    VIADUCT_DECL void store(std::string const& host, error_code ec, resolution found, time_point now);

    /// How many names are remembered.
    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
    struct record;
    using records = std::map<std::string, record>; // those who choose the names cannot make it slow
    using by_use = std::list<records::iterator>;   // the one that was asked for last is the first

    struct record
    {
        error_code error{};
        std::vector<net::ip::address> addresses{};
        time_point fresh_until{};
        time_point stale_until{};
        by_use::iterator use{};
    };

    [[nodiscard]] std::chrono::seconds positive_ttl(std::chrono::seconds ttl) const noexcept;
    [[nodiscard]] record& make_record(std::string const& host);

    resolver_cache_options options_;
    records records_;
    by_use by_use_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/resolver_cache.ipp>
#endif

#endif
