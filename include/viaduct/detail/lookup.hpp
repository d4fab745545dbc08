#ifndef VIADUCT_DETAIL_LOOKUP_HPP
#define VIADUCT_DETAIL_LOOKUP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace viaduct::detail {

using endpoint_list = std::vector<net::ip::tcp::endpoint>;

/// One look-up, shared between the operation that waits and the thread that asks the system.
class lookup : public std::enable_shared_from_this<lookup>
{
public:
    lookup(std::string host, std::uint16_t port, net::steady_timer& done)
        : host_{std::move(host)},
          port_{port},
          done_{&done}
    {}

    /// Called by a thread of the pool: asks the system, then wakes the operation if it still waits.
    VIADUCT_DECL void run(net::ip::tcp::resolver& system);

    /// Wakes the operation with an outcome, if it still waits.
    VIADUCT_DECL void answer(error_code error, endpoint_list found);

    /// Called by the operation when it no longer waits: from now on its timer is not touched.
    VIADUCT_DECL void abandon() noexcept;

    /// Called by the operation when its wait has ended: `operation_aborted` if there is no answer yet.
    VIADUCT_DECL error_code collect(endpoint_list& found);

private:
    [[nodiscard]] bool is_wanted();
    void wake();

    std::string host_;
    std::uint16_t port_;
    std::mutex mutex_;        // of everything below
    net::steady_timer* done_; // null once nobody waits
    bool answered_ = false;
    error_code error_;
    endpoint_list found_;
};

/// A few detached threads that run look-ups; a look-up that hangs keeps a thread, never its owner.
class lookup_pool
{
public:
    explicit lookup_pool(std::size_t threads) : queue_{std::make_shared<queue>()}, max_threads_{threads} {}
    lookup_pool(lookup_pool const&) = delete;
    lookup_pool& operator=(lookup_pool const&) = delete;
    VIADUCT_DECL ~lookup_pool();

    VIADUCT_DECL void submit(std::shared_ptr<lookup> next);

private:
    struct queue
    {
        std::mutex mutex;
        std::condition_variable ready;
        std::deque<std::shared_ptr<lookup>> waiting;
        std::size_t threads = 0;
        std::size_t idle = 0;
        bool stopped = false;
    };

    [[nodiscard]] bool start_thread();
    static void work(std::shared_ptr<queue> q);

    std::shared_ptr<queue> queue_; // the threads own it too, so that they may outlive the pool
    std::size_t max_threads_;
};

/// Waits on a timer that never expires; the thread's answer, or a cancellation, ends the wait.
class lookup_op
{
public:
    lookup_op(std::shared_ptr<lookup_pool> pool, net::any_io_executor const& executor, std::string host,
              std::uint16_t port)
        : pool_{std::move(pool)},
          timer_{std::make_unique<net::steady_timer>(executor)},
          host_{std::move(host)},
          port_{port}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        error_code not_an_address;
        auto const address = net::ip::make_address(host_, not_an_address);
        if (not_an_address) return look_up(self);
        literal_ = net::ip::tcp::endpoint{address, port_};
        auto const executor = timer_->get_executor();
        net::post(executor, prepend(std::move(self), error_code{}));
    }

    template <class Self>
    void operator()(Self& self, error_code)
    {
        auto const asked = std::exchange(waiting_.lookup, nullptr);
        if (asked) asked->abandon(); // from here on no thread touches the timer
        timer_.reset();
        if (cancelled(self))
            self.complete(net::error::operation_aborted, endpoint_list{});
        else if (!asked)
            self.complete(error_code{}, endpoint_list{literal_});
        else
            complete_with(self, *asked);
    }

private:
    template <class Self>
    void look_up(Self& self)
    {
        auto& timer = *timer_;
        timer.expires_at(net::steady_timer::time_point::max());
        auto const started = waiting_.lookup = std::make_shared<lookup>(std::move(host_), port_, timer);
        auto const pool = std::move(pool_);
        timer.async_wait(std::move(self));
        pool->submit(started); // after the wait has begun, for the answer ends it
    }

    template <class Self>
    static void complete_with(Self& self, lookup& answer)
    {
        endpoint_list found;
        auto const ec = answer.collect(found);
        self.complete(ec, std::move(found));
    }

    /// Tells the look-up that nobody waits, however the operation ends: also when its context is destroyed.
    struct guard
    {
        guard() = default;
        guard(guard&&) = default;
        guard& operator=(guard&&) = delete;
        ~guard()
        {
            if (lookup) lookup->abandon();
        }
        std::shared_ptr<detail::lookup> lookup{};
    };

    std::shared_ptr<lookup_pool> pool_;
    std::unique_ptr<net::steady_timer> timer_;
    guard waiting_; // destroyed before the timer
    std::string host_;
    std::uint16_t port_;
    net::ip::tcp::endpoint literal_;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/lookup.ipp>
#endif

#endif
