#include "run.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace viaduct_curl::check {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t most_at_once = 4;
constexpr std::size_t most_connections = 64;
constexpr auto answer_limit = 5s;
constexpr auto time_for_all = 25s; // a probe that begins at its end still has its own time

/// The vectors with a connection of their own. Slow ones come first, as they take the longest.
[[nodiscard]] std::vector<probe_vector const*> in_order()
{
    std::vector<probe_vector const*> found;
    for (auto const& group : all_vectors())
        for (auto const& one : group.vectors)
            if (one.look_at.empty()) found.push_back(&one);
    std::stable_partition(found.begin(), found.end(),
                          [](auto const* one) { return one->asked == question::slow; });
    return found;
}

class runner
{
public:
    runner(viaduct::net::any_io_executor executor, proxy_place const& proxy, place const& where,
           bool has_target, std::chrono::milliseconds slow_limit)
        : executor_{std::move(executor)},
          proxy_{proxy},
          where_{where},
          has_target_{has_target},
          slow_limit_{slow_limit}
    {}

    void start()
    {
        for (std::size_t i = 0; i < most_at_once; ++i)
            start_next();
    }

    [[nodiscard]] observations take() { return std::move(seen_); }

private:
    /// Why a vector is left out; empty if it is not.
    [[nodiscard]] std::string_view obstacle(probe_vector const& what) const
    {
        if (what.needs_target && !has_target_) return "give --check-target";
        if (connections_ == most_connections) return "enough connections";
        return clock::now() < stop_at_ ? "" : "the time is over";
    }

    void start_next()
    {
        while (next_ < order_.size()) {
            auto const& what = *order_[next_++];
            auto const why_not = obstacle(what);
            if (why_not.empty()) return start(what);
            seen_[what.id].problem = why_not;
        }
    }

    void start(probe_vector const& what)
    {
        ++connections_;
        bool const slow = what.asked == question::slow;
        probe_plan plan{.octets = fill(what, where_),
                        .trickles = what.trickles,
                        .ends = what.ends,
                        .watches = what.watches,
                        .limit = slow ? slow_limit_ : answer_limit};
        start_probe(executor_, proxy_, std::move(plan), [this, id = what.id](observation seen) {
            seen_[id] = std::move(seen);
            start_next();
        });
    }

    viaduct::net::any_io_executor executor_;
    proxy_place const& proxy_;
    place const& where_;
    bool has_target_;
    std::chrono::milliseconds slow_limit_;
    std::vector<probe_vector const*> order_ = in_order();
    std::size_t next_ = 0;
    std::size_t connections_ = 0;
    clock::time_point stop_at_ =
        clock::now() + std::max<std::chrono::milliseconds>(time_for_all, slow_limit_ + 10s);
    observations seen_;
};

} // namespace

observations run_all(viaduct::net::io_context& context, proxy_place const& proxy, place const& where,
                     bool has_target, std::chrono::milliseconds slow_limit)
{
    runner all{context.get_executor(), proxy, where, has_target, slow_limit};
    all.start();
    context.restart();
    context.run();
    return all.take();
}

} // namespace viaduct_curl::check
