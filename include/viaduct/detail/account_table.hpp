#ifndef VIADUCT_DETAIL_ACCOUNT_TABLE_HPP
#define VIADUCT_DETAIL_ACCOUNT_TABLE_HPP

#include <viaduct/relay/traffic_meter.hpp>
#include <viaduct/server/limit_options.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// Meters that the tunnels of one client, of one user, or all tunnels share; null where there is no limit.
struct account_meters
{
    std::shared_ptr<traffic_meter> up{};
    std::shared_ptr<traffic_meter> down{};
    std::shared_ptr<traffic_meter> quota{}; // counts both ways
};

/// What an account begins with.
struct account_terms
{
    std::size_t tunnels = 0;
    request_rate requests{};
    two_way_rate rates{};
    std::uint64_t quota = 0;
    std::chrono::seconds quota_period{};

    [[nodiscard]] VIADUCT_DECL account_meters make_meters(traffic_meter::time_point now) const;

    /// The same for meters that were made of other terms: those that tunnels share go on, and keep count.
    VIADUCT_DECL void renew(account_meters& meters, traffic_meter::time_point now) const;
};

/// What is known of a client, a user or a host.
struct account
{
    using list = std::list<std::pair<std::string const, account>*>;

    std::size_t tunnels = 0; // requests and tunnels that hold it
    std::optional<request_bucket> requests{};
    account_meters meters{};
    std::map<std::string, std::size_t, std::less<>> addresses{}; // of a user: tunnels from each
    list::iterator place{};                                      // among those held, or those idle
};

/// Accounts by name, of which those that nobody holds are bounded. A rule; it locks nothing.
/**
 * An ordered map, as its keys come from the network: nobody can choose them so that they collide.
 */
class account_table
{
public:
    using time_point = traffic_meter::time_point;
    using entry = std::pair<std::string const, account>;

    /// @param capacity Accounts that are kept; of more, those that nobody holds are forgotten, the one that
    /// was let go first before others.
    account_table(account_terms const& terms, std::size_t capacity) : terms_{terms}, capacity_{capacity} {}
    account_table(account_table const&) = delete;
    account_table& operator=(account_table const&) = delete;

    /// Finds or makes an account, and holds it; it stays where it is until it is let go.
    [[nodiscard]] VIADUCT_DECL entry& hold(std::string_view name, time_point now);

    /// The opposite, once for each `hold`.
    VIADUCT_DECL void let_go(entry& held) noexcept;

    /// Null if it is not known.
    [[nodiscard]] VIADUCT_DECL account const* find(std::string_view name) const;

    [[nodiscard]] std::size_t size() const noexcept { return accounts_.size(); }

    /// From now on these are the terms, for all accounts; what they have used they have used.
    VIADUCT_DECL void reload(account_terms const& terms, std::size_t capacity, time_point now);

private:
    [[nodiscard]] entry& make(std::string_view name, time_point now);
    [[nodiscard]] bool remembers() const noexcept;
    void sweep(time_point now);
    void forget_oldest();

    account_terms terms_;
    std::size_t capacity_;
    std::map<std::string, account, std::less<>> accounts_;
    account::list held_;
    account::list idle_; // in the order in which they were let go, which takes no memory and cannot fail
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/account_table.ipp>
#endif

#endif
