#ifndef VIADUCT_IMPL_DETAIL_ACCOUNT_BOOK_IPP
#define VIADUCT_IMPL_DETAIL_ACCOUNT_BOOK_IPP

#include <viaduct/detail/account_book.hpp>

#include <algorithm>
#include <functional>
#include <string>

namespace viaduct::detail {

VIADUCT_DECL account_book::account_book(account_terms const& terms, errc too_many, std::size_t capacity)
    : most_{terms.tunnels},
      too_many_{too_many}
{
    for (std::size_t i = 0; i < shards; ++i)
        shards_.push_back(std::make_unique<shard>(terms, std::max<std::size_t>(capacity / shards, 1)));
}

VIADUCT_DECL account_book::answer account_book::take(std::string_view name, time_point now,
                                                     std::string_view address)
{
    name = name.substr(0, longest_name);
    auto& where = shard_of(name);
    std::lock_guard const lock{where.mutex};
    auto& held = where.accounts.hold(name, now);
    auto const result = judge(held, now);
    if (result.held == nullptr)
        where.accounts.let_go(held);
    else if (!address.empty())
        ++held.second.addresses[std::string{address}];
    return result;
}

/// The rate comes last, as it takes where the others only look.
VIADUCT_DECL account_book::answer account_book::judge(entry& held, time_point now) const
{
    auto& its = held.second;
    if (auto const most = most_.load(); most != 0 && its.tunnels > most) return {nullptr, too_many_, {}};
    if (its.meters.quota && its.meters.quota->left(now) == 0)
        return {nullptr, errc::quota_exceeded, its.meters.quota->renewal(now)};
    if (its.requests && !its.requests->take(now))
        return {nullptr, errc::too_many_requests, its.requests->ready()};
    return {&held, {}, {}};
}

VIADUCT_DECL void account_book::let_go(entry& held, std::string_view address) noexcept
{
    auto& where = shard_of(held.first);
    std::lock_guard const lock{where.mutex};
    auto& addresses = held.second.addresses;
    if (auto const at = addresses.find(address); at != addresses.end() && --at->second == 0)
        addresses.erase(at);
    where.accounts.let_go(held);
}

VIADUCT_DECL void account_book::give_back_request(entry& held)
{
    std::lock_guard const lock{shard_of(held.first).mutex};
    if (held.second.requests) held.second.requests->give_back();
}

VIADUCT_DECL std::size_t account_book::tunnels_of(std::string_view name) const
{
    name = name.substr(0, longest_name);
    auto const& where = shard_of(name);
    std::lock_guard const lock{where.mutex};
    auto const* found = where.accounts.find(name);
    return found == nullptr ? 0 : found->tunnels;
}

VIADUCT_DECL std::size_t account_book::addresses_of(std::string_view name, std::string_view address) const
{
    name = name.substr(0, longest_name);
    auto const& where = shard_of(name);
    std::lock_guard const lock{where.mutex};
    auto const* found = where.accounts.find(name);
    if (found == nullptr) return 1;
    return found->addresses.size() + (found->addresses.contains(address) ? 0 : 1);
}

VIADUCT_DECL account_meters account_book::meters_of(entry const& held) const
{
    std::lock_guard const lock{shard_of(held.first).mutex};
    return held.second.meters;
}

VIADUCT_DECL void account_book::reload(account_terms const& terms, std::size_t capacity, time_point now)
{
    most_ = terms.tunnels;
    for (auto const& each : shards_) {
        std::lock_guard const lock{each->mutex};
        each->accounts.reload(terms, std::max<std::size_t>(capacity / shards, 1), now);
    }
}

VIADUCT_DECL std::size_t account_book::size() const
{
    std::size_t sum = 0;
    for (auto const& each : shards_) {
        std::lock_guard const lock{each->mutex};
        sum += each->accounts.size();
    }
    return sum;
}

VIADUCT_DECL account_book::shard& account_book::shard_of(std::string_view name) const
{
    return *shards_[std::hash<std::string_view>{}(name) % shards];
}

} // namespace viaduct::detail

#endif
