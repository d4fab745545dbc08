#ifndef VIADUCT_DETAIL_ACCOUNT_BOOK_HPP
#define VIADUCT_DETAIL_ACCOUNT_BOOK_HPP

#include <viaduct/detail/account_table.hpp>
#include <viaduct/error.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace viaduct::detail {

/// Accounts of one kind for all threads: tables with a mutex each, so that threads seldom meet.
class account_book
{
public:
    using time_point = account_table::time_point;
    using entry = account_table::entry;

    /// Whether a request may have its share.
    struct answer
    {
        entry* held = nullptr; ///< Null if it may not.
        error_code error{};
        time_point again{}; ///< When to ask again, where that is known.
    };

    static constexpr std::size_t longest_name = 256; ///< Names that begin with the same octets are one.

    /// @param too_many The error where an account holds as many tunnels as it may.
    VIADUCT_DECL account_book(account_terms const& terms, errc too_many, std::size_t capacity);

    /// Counts one more tunnel of an account, or refuses it and leaves everything as it was.
    /** @param address Where it comes from, of a user. */
    [[nodiscard]] VIADUCT_DECL answer take(std::string_view name, time_point now,
                                           std::string_view address = {});

    /// The tunnel is over.
    VIADUCT_DECL void let_go(entry& held, std::string_view address = {}) noexcept;

    /// The new tunnel is refused for a reason that is not this account's; then let it go.
    VIADUCT_DECL void give_back_request(entry& held);

    [[nodiscard]] VIADUCT_DECL std::size_t tunnels_of(std::string_view name) const;

    /// Addresses that an account has tunnels from, this one included.
    [[nodiscard]] VIADUCT_DECL std::size_t addresses_of(std::string_view name,
                                                        std::string_view address) const;

    /// What the tunnels of an account share.
    [[nodiscard]] VIADUCT_DECL account_meters meters_of(entry const& held) const;

    /// From now on these are the terms; what accounts hold and have used they hold and have used.
    VIADUCT_DECL void reload(account_terms const& terms, std::size_t capacity, time_point now);

    [[nodiscard]] VIADUCT_DECL std::size_t size() const;

private:
    struct shard
    {
        shard(account_terms const& terms, std::size_t capacity) : accounts{terms, capacity} {}

        std::mutex mutable mutex;
        account_table accounts;
    };

    [[nodiscard]] answer judge(entry& held, time_point now) const;
    [[nodiscard]] shard& shard_of(std::string_view name) const;

    static constexpr std::size_t shards = 16;

    std::atomic<std::size_t> most_;
    errc too_many_;
    std::vector<std::unique_ptr<shard>> shards_;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/account_book.ipp>
#endif

#endif
