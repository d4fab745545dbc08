#ifndef VIADUCT_DETAIL_PENDING_QUERY_HPP
#define VIADUCT_DETAIL_PENDING_QUERY_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/resolver.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace viaduct::detail {

/// A question, shared between whoever answers it and the operation that waits on a timer for that.
class pending_query final : public name_query, public std::enable_shared_from_this<pending_query>
{
    using time_point = std::chrono::steady_clock::time_point;

public:
    pending_query(std::string host, net::steady_timer& done) : host_{std::move(host)}, done_{&done} {}

    [[nodiscard]] std::string const& host() const noexcept override { return host_; }
    [[nodiscard]] VIADUCT_DECL bool is_wanted() const override;
    VIADUCT_DECL void answer(error_code ec, resolution found) override;
    VIADUCT_DECL void offer(resolution found, time_point from) override;

    /// Ends the wait without an answer.
    VIADUCT_DECL void cancel();

    /// Called by the operation when it no longer waits: from now on its timer is not touched.
    VIADUCT_DECL void abandon() noexcept;

    /// Called by the operation when its wait has ended: takes the answer, or lets it wait again if there is
    /// none yet.
    /** The wait begins under the lock, so that no answer slips in between. */
    template <class Wait>
    [[nodiscard]] bool collect(error_code& ec, resolution& found, Wait wait)
    {
        std::lock_guard const lock{mutex_};
        if (!answered_ && (!offered_ || std::chrono::steady_clock::now() < from_)) {
            wait();
            return false;
        }
        ec = error_;
        found = std::move(found_);
        return true;
    }

private:
    static constexpr std::size_t max_addresses = 64;

    void take(resolution found);
    void start_clock();

    std::string host_;
    std::mutex mutable mutex_; // of everything below
    net::steady_timer* done_;  // null once nobody waits
    bool answered_ = false;
    bool offered_ = false; // and good from then on
    time_point from_{};
    error_code error_;
    resolution found_;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/pending_query.ipp>
#endif

#endif
