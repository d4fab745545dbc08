#ifndef VIADUCT_TESTING_DETAIL_PROXY_BOOK_HPP
#define VIADUCT_TESTING_DETAIL_PROXY_BOOK_HPP

#include <viaduct/testing/detail/expectation_list.hpp>
#include <viaduct/testing/proxy_behaviour.hpp>
#include <viaduct/testing/proxy_record.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace viaduct::testing::detail {

/// A behaviour, and whether it was one of those for one request each.
struct chosen_behaviour
{
    proxy_behaviour what{};
    bool once = false;
};

/// What a server is told, and what it has seen: the part that test and server share, under one lock.
class proxy_book
{
public:
    using predicate = std::function<bool(proxy_request const&)>;

    void add_next(proxy_behaviour behaviour)
    {
        std::lock_guard const lock{mutex_};
        next_.push_back(std::move(behaviour));
    }

    void add_rule(predicate when, proxy_behaviour behaviour)
    {
        std::lock_guard const lock{mutex_};
        rules_.emplace_back(std::move(when), std::move(behaviour));
    }

    void set_usual(proxy_behaviour behaviour)
    {
        std::lock_guard const lock{mutex_};
        usual_ = std::move(behaviour);
    }

    [[nodiscard]] std::shared_ptr<expected_requests> add_expectation(std::string pattern)
    {
        std::lock_guard const lock{mutex_};
        return expected_.add(std::move(pattern));
    }

    void change(expected_requests& which, std::size_t least, std::size_t most)
    {
        std::lock_guard const lock{mutex_};
        which.least = least;
        which.most = most;
    }

    /// Numbers a connection, and says what becomes of it before a request is read, if that is to be wrong.
    [[nodiscard]] std::pair<std::size_t, std::optional<proxy_fault::kind>> enter()
    {
        std::lock_guard const lock{mutex_};
        auto const fault = fault_at(next_.empty() ? usual_ : next_.front(), proxy_point::connection);
        if (fault && !next_.empty()) next_.pop_front();
        changed_.notify_all();
        return {connections_++, fault};
    }

    /// The next one of those for one request; or the rule that was made last of those that match; or the
    /// usual.
    [[nodiscard]] chosen_behaviour choose(proxy_request const& asked)
    {
        std::unique_lock lock{mutex_};
        chosen_behaviour chosen{usual_};
        if (!next_.empty()) {
            chosen = {std::move(next_.front()), true};
            next_.pop_front();
        } else {
            auto const rules = rules_;
            lock.unlock(); // a predicate may ask the server something
            auto const rule = std::find_if(rules.rbegin(), rules.rend(),
                                           [&](auto const& each) { return each.first(asked); });
            if (rule != rules.rend()) chosen.what = rule->second;
            lock.lock();
        }
        if (!chosen.what.leads_to) chosen.what.leads_to = usual_.leads_to;
        return chosen;
    }

    /// Nobody has met its requirement: it is there for the next try.
    void put_back(chosen_behaviour& chosen)
    {
        std::lock_guard const lock{mutex_};
        if (chosen.once) next_.push_front(chosen.what);
    }

    std::size_t record(proxy_request asked)
    {
        std::lock_guard const lock{mutex_};
        if (!asked.error) expected_.count(asked.target);
        requests_.push_back(std::move(asked));
        changed_.notify_all();
        return requests_.size() - 1;
    }

    void set_status(std::size_t request, unsigned status)
    {
        std::lock_guard const lock{mutex_};
        requests_[request].status = status;
    }

    std::size_t record(proxy_tunnel opened)
    {
        std::lock_guard const lock{mutex_};
        tunnels_.push_back(std::move(opened));
        changed_.notify_all();
        return tunnels_.size() - 1;
    }

    void count(std::size_t tunnel, std::uint64_t to_target, std::uint64_t to_client)
    {
        std::lock_guard const lock{mutex_};
        tunnels_[tunnel].to_target = to_target;
        tunnels_[tunnel].to_client = to_client;
        changed_.notify_all();
    }

    void end(std::size_t tunnel, proxy_tunnel_end how, error_code why)
    {
        std::lock_guard const lock{mutex_};
        if (tunnels_[tunnel].end != proxy_tunnel_end::open) return;
        tunnels_[tunnel].end = how;
        tunnels_[tunnel].error = why;
        changed_.notify_all();
    }

    [[nodiscard]] std::vector<proxy_request> requests() const
    {
        std::lock_guard const lock{mutex_};
        return requests_;
    }

    [[nodiscard]] std::vector<proxy_tunnel> tunnels() const
    {
        std::lock_guard const lock{mutex_};
        return tunnels_;
    }

    /// Each waits until there have been so many, and returns whether there have.
    [[nodiscard]] bool wait_for_connections(std::size_t n, std::chrono::milliseconds limit) const
    {
        return wait(limit, [&] { return connections_ >= n; });
    }
    [[nodiscard]] bool wait_for_requests(std::size_t n, std::chrono::milliseconds limit) const
    {
        return wait(limit, [&] { return requests_.size() >= n; });
    }
    [[nodiscard]] bool wait_for_ends(std::size_t n, std::chrono::milliseconds limit) const
    {
        auto const has_ended = [](auto const& each) { return each.end != proxy_tunnel_end::open; };
        return wait(limit, [&] {
            return static_cast<std::size_t>(std::count_if(tunnels_.begin(), tunnels_.end(), has_ended)) >= n;
        });
    }

    [[nodiscard]] std::string unmet() const
    {
        std::lock_guard const lock{mutex_};
        return expected_.unmet();
    }

    [[nodiscard]] static std::optional<proxy_fault::kind> fault_at(proxy_behaviour const& of,
                                                                   proxy_point where)
    {
        for (auto const& each : of.faults)
            if (each.where == where && each.what != proxy_fault::kind::corrupt) return each.what;
        return std::nullopt;
    }

private:
    template <class Event>
    [[nodiscard]] bool wait(std::chrono::milliseconds limit, Event happened) const
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, happened);
    }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::deque<proxy_behaviour> next_{};
    std::vector<std::pair<predicate, proxy_behaviour>> rules_{};
    proxy_behaviour usual_{};
    expectation_list expected_{};
    std::size_t connections_ = 0;
    std::vector<proxy_request> requests_{};
    std::vector<proxy_tunnel> tunnels_{};
};

} // namespace viaduct::testing::detail

#endif
