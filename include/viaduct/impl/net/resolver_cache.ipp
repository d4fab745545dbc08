#ifndef VIADUCT_IMPL_NET_RESOLVER_CACHE_IPP
#define VIADUCT_IMPL_NET_RESOLVER_CACHE_IPP

#include <viaduct/net/resolver_cache.hpp>

#include <algorithm>
#include <utility>

namespace viaduct {
namespace detail {

/// Whether the name service knows for certain that there is no address.
[[nodiscard]] inline bool says_no_address(error_code ec) noexcept
{
    return ec == net::error::host_not_found || ec == net::error::no_data;
}

/// Whether an outcome says something about the name, and not just about this machine.
[[nodiscard]] inline bool is_of_name(error_code ec) noexcept
{
    return ec != net::error::operation_aborted && ec != errc::resolver_overloaded &&
           ec != net::error::no_memory;
}

/// Time that no option can make overflow.
[[nodiscard]] inline std::chrono::seconds within_a_year(std::chrono::seconds s) noexcept
{
    return std::clamp(s, std::chrono::seconds{0}, std::chrono::seconds{std::chrono::hours{24 * 365}});
}

} // namespace detail

VIADUCT_DECL std::optional<resolver_cache::entry> resolver_cache::find(std::string const& host,
                                                                       time_point now)
{
    auto const at = records_.find(host);
    if (at == records_.end()) return std::nullopt;
    auto const& known = at->second;
    if (now >= std::max(known.fresh_until, known.stale_until)) {
        by_use_.erase(known.use);
        records_.erase(at);
        return std::nullopt;
    }
    by_use_.splice(by_use_.begin(), by_use_, known.use);
    auto const rest = std::chrono::duration_cast<std::chrono::seconds>(known.fresh_until - now);
    return entry{
        known.error, {known.addresses, std::max(rest, std::chrono::seconds{0})}, now >= known.fresh_until};
}

VIADUCT_DECL void resolver_cache::store(std::string const& host, error_code ec, resolution found,
                                        time_point now)
{
    if (options_.size == 0 || !detail::is_of_name(ec)) return;
    if (!ec && found.addresses.empty()) ec = net::error::no_data;
    auto& known = make_record(host);
    if (ec && !detail::says_no_address(ec)) {
        known.fresh_until = now + detail::within_a_year(options_.failure);
        if (!known.addresses.empty() && now < known.stale_until) { // better than nothing, for a while
            known.fresh_until = std::min(known.fresh_until, known.stale_until);
            return;
        }
        found.addresses.clear();
    } else if (ec) {
        known.fresh_until = now + detail::within_a_year(options_.negative);
        found.addresses.clear();
    } else {
        known.fresh_until = now + positive_ttl(found.ttl);
        if (found.addresses.size() > max_addresses) found.addresses.resize(max_addresses);
    }
    known.error = ec;
    known.addresses = std::move(found.addresses);
    known.stale_until =
        ec ? known.fresh_until : known.fresh_until + detail::within_a_year(options_.stale_while_error);
}

VIADUCT_DECL std::chrono::seconds resolver_cache::positive_ttl(std::chrono::seconds ttl) const noexcept
{
    return detail::within_a_year(std::min(std::max(ttl, options_.positive_min), options_.positive_max));
}

VIADUCT_DECL resolver_cache::record& resolver_cache::make_record(std::string const& host)
{
    auto const [at, is_new] = records_.try_emplace(host);
    auto& made = at->second;
    if (is_new)
        made.use = by_use_.insert(by_use_.begin(), at);
    else
        by_use_.splice(by_use_.begin(), by_use_, made.use);
    if (records_.size() > options_.size) {
        records_.erase(by_use_.back());
        by_use_.pop_back();
    }
    return made;
}

} // namespace viaduct

#endif
