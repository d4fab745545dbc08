#ifndef VIADUCT_SERVER_PARENTS_HPP
#define VIADUCT_SERVER_PARENTS_HPP

#include <viaduct/client/proxy_list.hpp>
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/policy/request_facts.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct {

/// How a parent comes to be chosen among the others (the options of Squid's `cache_peer`).
enum class parent_choice : unsigned char
{
    first_up,             ///< The first of the list that lives.
    round_robin,          ///< In turn, as often as its weight.
    weighted_round_robin, ///< In turn, the more often the greater its weight and the sooner it connects.
    source_hash,          ///< By the client's address: a client keeps its parent.
    user_hash,            ///< By the user; of a client that is nobody, not at all.
    destination_hash,     ///< By the target's host and port (Squid: `carp`).
    last_resort           ///< When all others have failed (Squid: `default`).
};

/// The codes of Squid's log for how a request went on.
namespace hierarchy {

inline constexpr std::string_view none = "HIER_NONE";
inline constexpr std::string_view direct = "HIER_DIRECT";
inline constexpr std::string_view first_up_parent = "FIRSTUP_PARENT";
inline constexpr std::string_view round_robin_parent = "ROUNDROBIN_PARENT";
inline constexpr std::string_view source_hash_parent = "SOURCEHASH_PARENT";
inline constexpr std::string_view user_hash_parent = "USERHASH_PARENT";
inline constexpr std::string_view carp = "CARP";
inline constexpr std::string_view any_old_parent = "ANY_OLD_PARENT";
inline constexpr std::string_view default_parent = "DEFAULT_PARENT";

} // namespace hierarchy

/// A proxy that requests are passed on to.
/**
 * The credentials in its URL are ours, and what it asks for is answered by the dialer's schemes (Basic,
 * Negotiate). Those of our clients are never passed on: there is no `login=PASSTHRU`.
 */
struct parent
{
    proxy_url url;      ///< `http` or `https`.
    std::string name{}; ///< For people; empty: its URL.
    parent_choice choice = parent_choice::first_up;
    unsigned weight = 1;              ///< For everything but `first_up`; 0 counts as 1.
    std::size_t max_connections = 0;  ///< Open tunnels; with as many it is left out. 0: no limit.
    unsigned connect_fail_limit = 10; ///< With as many failures in a row it is dead; 0 counts as 1.

    /// Whether a request may go there (`cache_peer_access`); empty: every one. Called by several threads at
    /// once, and must not throw.
    std::function<bool(request_facts const&)> usable{};
};

/// One parent that a request may go to, and why.
struct parent_pick
{
    std::size_t index = 0;   ///< In the table.
    std::string_view code{}; ///< One of `hierarchy`; lives for ever.

    friend bool operator==(parent_pick const&, parent_pick const&) = default;
};

/// Counts a tunnel through a parent for as long as it lives. Movable only; may outlive the table.
class parent_lease
{
public:
    parent_lease() = default;
    explicit parent_lease(std::shared_ptr<std::atomic<std::size_t>> count) : count_{std::move(count)}
    {
        ++*count_;
    }
    parent_lease(parent_lease&&) noexcept = default;
    parent_lease& operator=(parent_lease&& other) noexcept
    {
        parent_lease{std::move(other)}.count_.swap(count_);
        return *this;
    }
    ~parent_lease()
    {
        if (count_) --*count_;
    }

private:
    std::shared_ptr<std::atomic<std::size_t>> count_;
};

/// Chooses parents for requests, and remembers which of them live.
/**
 * A rule without I/O: time is an argument, and what became of a dial is told to it. A parent is not asked
 * whether it lives; its connections show that. After `connect_fail_limit` failures in a row it is dead and
 * stands behind all others. When it has been left alone for `dead_for`, one request tries it in its old
 * place; if that fails, the time begins anew.
 *
 * Hashes are by the highest random weight: where a parent is missing, only its own share goes elsewhere, and
 * evenly. The order of the kinds where a table mixes them is Squid's: user hash, source hash, destination
 * hash, round robin, weighted round robin, first up.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class parent_table
{
public:
    using clock = std::chrono::steady_clock;

    /// @param parents In the order that `first_up` goes by.
    /// @param dead_for How long a dead parent is left alone.
    VIADUCT_DECL explicit parent_table(std::vector<parent> parents,
                                       clock::duration dead_for = std::chrono::seconds{10});

    [[nodiscard]] std::size_t size() const noexcept { return parents_.size(); }
    [[nodiscard]] parent const& operator[](std::size_t index) const { return parents_.at(index); }

    /// The parents for a request, in the order in which they are to be tried.
    /**
     * First the one that the algorithm chooses, with its code; the others that live (`ANY_OLD_PARENT`), those
     * of the same hash in its order; those of last resort (`DEFAULT_PARENT`); then the dead ones. Those that
     * are not usable for the request or have their number of tunnels are left out.
     */
    [[nodiscard]] VIADUCT_DECL std::vector<parent_pick> picks(request_facts const& asked,
                                                              clock::time_point now = clock::now());

    /// The parent was reached: what was held against it is forgotten.
    /** @param took How long its TCP connection took, for `weighted_round_robin`; zero if nobody knows. */
    VIADUCT_DECL void on_connected(std::size_t index, clock::duration took = {});

    /// The parent could not be reached: its name, its TCP connection, its TLS. A refusal is no such failure.
    VIADUCT_DECL void on_failed(std::size_t index, clock::time_point now = clock::now());

    /// Whether it is chosen like any other, or stands behind them.
    [[nodiscard]] VIADUCT_DECL bool is_alive(std::size_t index, clock::time_point now = clock::now()) const;

    /// Counts a tunnel as long as the result lives.
    [[nodiscard]] parent_lease lease(std::size_t index) const { return parent_lease{states_.at(index).open}; }

    [[nodiscard]] std::size_t open_tunnels(std::size_t index) const { return *states_.at(index).open; }

private:
    struct state
    {
        std::shared_ptr<std::atomic<std::size_t>> open = std::make_shared<std::atomic<std::size_t>>(0);
        std::string hashed{};  // what tells it from others
        unsigned failures = 0; // in a row
        clock::time_point last_failure{};
        clock::time_point last_probe{};
        double load = 0; // what it has been given, by weight
        double took = 0; // to connect, in seconds; 0: not known
    };
    using indices = std::vector<std::size_t>;

    [[nodiscard]] indices usable_for(request_facts const& asked) const;
    [[nodiscard]] bool is_dead(std::size_t index) const;
    [[nodiscard]] bool is_probed(std::size_t index, clock::time_point now) const;
    [[nodiscard]] indices choose(indices const& live, request_facts const& asked, std::string_view& code);
    [[nodiscard]] bool rank(parent_choice how, indices& group, request_facts const& asked);
    void rank_by_load(parent_choice how, indices& group);
    void rank_by_hash(std::string_view key, indices& group) const;
    [[nodiscard]] double weight(std::size_t index) const;

    std::vector<parent> const parents_;
    clock::duration const dead_for_;
    std::mutex mutable mutex_; // of what follows, but for the counts
    std::vector<state> states_;
    double turn_ = 0;          // the load of the last one chosen in turn,
    double weighted_turn_ = 0; // and of the last one by weight and time
};

/// The ways through parents, in their order, for `dialer::async_dial`.
[[nodiscard]] VIADUCT_DECL proxy_list ways_through(std::vector<parent_pick> const& picks,
                                                   parent_table const& parents);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/parents.ipp>
#endif

#endif
