#ifndef VIADUCT_IMPL_SERVER_PARENTS_IPP
#define VIADUCT_IMPL_SERVER_PARENTS_IPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/plain_address.hpp>
#include <viaduct/server/parents.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

namespace viaduct {
namespace detail {

/// The kinds in the order in which they are looked at.
inline constexpr parent_choice choices_in_order[] = {
    parent_choice::user_hash,   parent_choice::source_hash,          parent_choice::destination_hash,
    parent_choice::round_robin, parent_choice::weighted_round_robin, parent_choice::first_up};

[[nodiscard]] inline std::string_view code_of(parent_choice choice)
{
    switch (choice) {
    case parent_choice::first_up: return hierarchy::first_up_parent;
    case parent_choice::round_robin:
    case parent_choice::weighted_round_robin: return hierarchy::round_robin_parent;
    case parent_choice::source_hash: return hierarchy::source_hash_parent;
    case parent_choice::user_hash: return hierarchy::user_hash_parent;
    case parent_choice::destination_hash: return hierarchy::carp;
    case parent_choice::last_resort: break;
    }
    return hierarchy::default_parent;
}

/// FNV-1a, which is the same on every machine.
[[nodiscard]] inline std::uint64_t hash_on(std::uint64_t hash, std::string_view text)
{
    for (char const c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return hash;
}

/// Spreads the bits, as splitmix64 ends.
[[nodiscard]] inline std::uint64_t spread(std::uint64_t bits)
{
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return bits ^ (bits >> 31);
}

/// What a parent bids for a key: with these, each gets as much as its weight of all keys.
[[nodiscard]] inline double bid(std::string_view key, std::string_view parent, double weight)
{
    auto const bits = spread(hash_on(hash_on(14695981039346656037u, key), parent));
    auto const between_0_and_1 =
        (static_cast<double>(bits >> 11) + 0.5) / 9007199254740992.0; // 2 to the 53rd
    return -weight / std::log(between_0_and_1);
}

inline void append(std::vector<parent_pick>& to, std::vector<std::size_t> const& from, std::string_view code)
{
    for (auto const index : from)
        to.push_back({index, code});
}

/// Takes those out that `is_wanted`, and keeps the order of both.
template <class Predicate>
[[nodiscard]] std::vector<std::size_t> take_out(std::vector<std::size_t>& from, Predicate is_wanted)
{
    auto const first =
        std::stable_partition(from.begin(), from.end(), [&](std::size_t index) { return !is_wanted(index); });
    std::vector<std::size_t> taken(first, from.end());
    from.erase(first, from.end());
    return taken;
}

} // namespace detail

VIADUCT_DECL parent_table::parent_table(std::vector<parent> parents, clock::duration dead_for)
    : parents_{std::move(parents)},
      dead_for_{dead_for},
      states_(parents_.size())
{
    for (std::size_t i = 0; i < size(); ++i)
        states_[i].hashed = parents_[i].name + ' ' + to_text(parents_[i].url);
}

VIADUCT_DECL double parent_table::weight(std::size_t index) const
{
    return std::max(parents_[index].weight, 1u);
}

/// Asks the rules of each; not under the lock, for they may take their time.
VIADUCT_DECL parent_table::indices parent_table::usable_for(request_facts const& asked) const
{
    indices usable;
    for (std::size_t i = 0; i < size(); ++i) {
        auto const& p = parents_[i];
        bool const full = p.max_connections != 0 && open_tunnels(i) >= p.max_connections;
        if (!full && (!p.usable || p.usable(asked))) usable.push_back(i);
    }
    return usable;
}

VIADUCT_DECL bool parent_table::is_dead(std::size_t index) const
{
    return states_[index].failures >= std::max(parents_[index].connect_fail_limit, 1u);
}

/// Whether a dead one has been left alone for long enough.
VIADUCT_DECL bool parent_table::is_probed(std::size_t index, clock::time_point now) const
{
    auto const& s = states_[index];
    return now - std::max(s.last_failure, s.last_probe) >= dead_for_;
}

VIADUCT_DECL bool parent_table::is_alive(std::size_t index, clock::time_point now) const
{
    static_cast<void>(parents_.at(index));
    std::lock_guard const lock{mutex_};
    return !is_dead(index) || is_probed(index, now);
}

VIADUCT_DECL std::vector<parent_pick> parent_table::picks(request_facts const& asked, clock::time_point now)
{
    auto live = usable_for(asked);
    std::lock_guard const lock{mutex_};
    auto const dead = detail::take_out(live, [&](std::size_t i) { return is_dead(i) && !is_probed(i, now); });
    auto const last = detail::take_out(
        live, [&](std::size_t i) { return parents_[i].choice == parent_choice::last_resort; });
    std::string_view code;
    auto const chosen = choose(live, asked, code);
    auto const others = detail::take_out(
        live, [&](std::size_t i) { return std::find(chosen.begin(), chosen.end(), i) == chosen.end(); });
    std::vector<parent_pick> result;
    detail::append(result, chosen, hierarchy::any_old_parent);
    if (!chosen.empty()) result.front().code = code;
    detail::append(result, others, hierarchy::any_old_parent);
    detail::append(result, last, hierarchy::default_parent);
    detail::append(result, dead, hierarchy::any_old_parent);
    if (!chosen.empty()) states_[chosen.front()].last_probe = now; // counts for a dead one only
    return result;
}

/// The first kind that can choose: its parents, the chosen one first.
VIADUCT_DECL parent_table::indices parent_table::choose(indices const& live, request_facts const& asked,
                                                        std::string_view& code)
{
    for (auto const how : detail::choices_in_order) {
        indices group;
        std::copy_if(live.begin(), live.end(), std::back_inserter(group), [&](std::size_t i) {
            return how == parent_choice::first_up || parents_[i].choice == how;
        });
        if (group.empty() || !rank(how, group, asked)) continue;
        code = detail::code_of(how);
        return group;
    }
    return {};
}

/// False if the kind has nothing to go by.
VIADUCT_DECL bool parent_table::rank(parent_choice how, indices& group, request_facts const& asked)
{
    switch (how) {
    case parent_choice::round_robin:
    case parent_choice::weighted_round_robin: rank_by_load(how, group); return true;
    case parent_choice::source_hash:
        rank_by_hash(detail::to_text(detail::plain_address(asked.client.address())), group);
        return true;
    case parent_choice::user_hash:
        if (!asked.user || asked.user->empty()) return false;
        rank_by_hash(*asked.user, group);
        return true;
    case parent_choice::destination_hash: rank_by_hash(asked.target->text(), group); return true;
    case parent_choice::first_up:
    case parent_choice::last_resort: break;
    }
    return true;
}

/// Whoever has been given the least is next. One that was away does not get all at once what it has missed.
VIADUCT_DECL void parent_table::rank_by_load(parent_choice how, indices& group)
{
    constexpr double usual = 0.05; // seconds to connect, of one that has not been measured
    bool const timed = how == parent_choice::weighted_round_robin;
    auto& turn = timed ? weighted_turn_ : turn_;
    for (auto const i : group)
        states_[i].load = std::max(states_[i].load, turn);
    std::stable_sort(group.begin(), group.end(),
                     [this](std::size_t a, std::size_t b) { return states_[a].load < states_[b].load; });
    auto& chosen = states_[group.front()];
    turn = chosen.load;
    chosen.load += (timed ? (chosen.took > 0 ? chosen.took : usual) : 1.0) / weight(group.front());
}

VIADUCT_DECL void parent_table::rank_by_hash(std::string_view key, indices& group) const
{
    auto const bid_of = [&](std::size_t i) { return detail::bid(key, states_[i].hashed, weight(i)); };
    std::stable_sort(group.begin(), group.end(),
                     [&](std::size_t a, std::size_t b) { return bid_of(a) > bid_of(b); });
}

VIADUCT_DECL void parent_table::on_connected(std::size_t index, clock::duration took)
{
    auto& s = states_.at(index);
    auto const seconds = std::chrono::duration<double>(took).count();
    std::lock_guard const lock{mutex_};
    s.failures = 0;
    if (seconds > 0) s.took = s.took > 0 ? 0.8 * s.took + 0.2 * seconds : seconds;
}

VIADUCT_DECL void parent_table::on_failed(std::size_t index, clock::time_point now)
{
    auto& s = states_.at(index);
    std::lock_guard const lock{mutex_};
    if (!is_dead(index)) ++s.failures;
    s.last_failure = std::max(s.last_failure, now); // threads may come here in another order
}

VIADUCT_DECL proxy_list ways_through(std::vector<parent_pick> const& picks, parent_table const& parents)
{
    proxy_list ways;
    for (auto const& pick : picks)
        ways.push_back({parents[pick.index].url});
    return ways;
}

} // namespace viaduct

#endif
