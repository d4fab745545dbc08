#ifndef VIADUCT_IMPL_NET_CACHING_RESOLVER_IPP
#define VIADUCT_IMPL_NET_CACHING_RESOLVER_IPP

#include <viaduct/detail/query_list.hpp>
#include <viaduct/net/caching_resolver.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace viaduct {
namespace detail {

/// What a resolver remembers, and which look-ups are under way.
class joined_lookups : public std::enable_shared_from_this<joined_lookups>
{
public:
    using clock = std::chrono::steady_clock;

    explicit joined_lookups(caching_options const& options)
        : cache_{options.cache},
          stale_after_{std::clamp(options.stale_after, std::chrono::milliseconds{0},
                                  std::chrono::milliseconds{86400000})}
    {}

    /// Answers from memory, or joins a look-up; the look-up that is to be started, if there is one.
    [[nodiscard]] std::shared_ptr<name_query> take(std::shared_ptr<name_query> const& query);

    [[nodiscard]] bool is_wanted(std::string const& host);
    void finish(std::string const& host, error_code ec, resolution found);

    [[nodiscard]] std::size_t size()
    {
        std::lock_guard const lock{mutex_};
        return cache_.size();
    }

private:
    struct lookup
    {
        query_list waiting{};
        clock::time_point started{};
        bool refreshes = false; // what is stale: of use even if nobody waits any more
    };

    std::mutex mutex_; // of everything below; nobody is answered under it
    resolver_cache cache_;
    std::map<std::string, lookup> lookups_{};
    clock::duration stale_after_;
};

/// The one question for all who want to know the same.
class joined_query final : public name_query
{
public:
    joined_query(std::shared_ptr<joined_lookups> shared, std::string host)
        : shared_{std::move(shared)},
          host_{std::move(host)}
    {}

    /// A resolver that has come to its end may leave it unanswered.
    ~joined_query() override { end(net::error::operation_aborted, {}); }

    [[nodiscard]] std::string const& host() const noexcept override { return host_; }

    [[nodiscard]] bool is_wanted() const override
    {
        std::lock_guard const lock{mutex_};
        if (!over_ && !shared_->is_wanted(host_)) over_ = true; // the next one starts a look-up of its own
        return !over_;
    }

    void answer(error_code ec, resolution found) override { end(ec, std::move(found)); }

private:
    void end(error_code ec, resolution found)
    {
        {
            std::lock_guard const lock{mutex_};
            if (std::exchange(over_, true)) return;
        }
        shared_->finish(host_, ec, std::move(found));
    }

    std::shared_ptr<joined_lookups> shared_;
    std::string host_;
    std::mutex mutable mutex_;
    bool mutable over_ = false;
};

inline std::shared_ptr<name_query> joined_lookups::take(std::shared_ptr<name_query> const& query)
{
    auto const now = clock::now();
    std::shared_ptr<name_query> first;
    std::optional<resolver_cache::entry> known;
    clock::time_point late{};
    {
        std::lock_guard const lock{mutex_};
        known = cache_.find(query->host(), now);
        if (!known || known->stale) {
            auto const [at, is_new] = lookups_.try_emplace(query->host());
            if (is_new) {
                at->second.started = now;
                first = std::make_shared<joined_query>(shared_from_this(), query->host());
            }
            at->second.refreshes |= known.has_value();
            at->second.waiting.add(query);
            late = at->second.started + stale_after_;
        }
    }
    if (known && (!known->stale || late <= now))
        query->answer(known->error, std::move(known->found));
    else if (known)
        query->offer(std::move(known->found), late);
    return first;
}

inline bool joined_lookups::is_wanted(std::string const& host)
{
    std::lock_guard const lock{mutex_};
    auto const at = lookups_.find(host);
    if (at->second.refreshes || at->second.waiting.is_wanted()) return true;
    lookups_.erase(at);
    return false;
}

inline void joined_lookups::finish(std::string const& host, error_code ec, resolution found)
{
    query_list waiting;
    {
        std::lock_guard const lock{mutex_};
        auto const at = lookups_.find(host);
        waiting = std::move(at->second.waiting);
        lookups_.erase(at);
        auto const now = clock::now();
        cache_.store(host, ec, found, now);
        if (ec) // what is kept for want of a better answer
            if (auto known = cache_.find(host, now); known && !known->error) {
                ec = {};
                found = std::move(known->found);
            }
    }
    waiting.answer(ec, found);
}

} // namespace detail

VIADUCT_DECL caching_resolver::caching_resolver(std::shared_ptr<resolver> next,
                                                caching_options const& options)
    : next_{std::move(next)},
      shared_{std::make_shared<detail::joined_lookups>(options)}
{}

VIADUCT_DECL caching_resolver::~caching_resolver() = default;

VIADUCT_DECL void caching_resolver::ask(std::shared_ptr<name_query> query)
{
    if (auto first = shared_->take(query)) next_->ask(std::move(first));
}

VIADUCT_DECL std::size_t caching_resolver::size() const
{
    return shared_->size();
}

} // namespace viaduct

#endif
