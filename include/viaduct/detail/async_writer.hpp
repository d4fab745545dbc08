#ifndef VIADUCT_DETAIL_ASYNC_WRITER_HPP
#define VIADUCT_DETAIL_ASYNC_WRITER_HPP

#include <viaduct/detail/line_queue.hpp>
#include <viaduct/log/async_sink.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace viaduct::detail {

/// What an `async_sink` and its thread share, so that a thread that hangs can outlive the sink.
class async_writer
{
public:
    using clock = std::chrono::steady_clock;

    async_writer(line_sink_ptr to, async_sink_options options)
        : to_{std::move(to)},
          options_{std::move(options)},
          queue_{std::max<std::size_t>(options_.capacity, 1)},
          batch_{std::make_unique_for_overwrite<char[]>(queue_.capacity())}
    {}

    VIADUCT_DECL static void start(std::shared_ptr<async_writer> const& self);
    VIADUCT_DECL void stop() noexcept;
    VIADUCT_DECL void push(std::string_view line) noexcept;
    VIADUCT_DECL void push(queue_mark mark) noexcept;
    VIADUCT_DECL void flush() noexcept;

    [[nodiscard]] std::uint64_t lost() const noexcept
    {
        return lost_.load(std::memory_order_relaxed) + to_->lost();
    }

private:
    using lock_type = std::unique_lock<std::mutex>;

    static constexpr std::size_t batch_size = std::size_t{64} << 10U;

    VIADUCT_DECL void run() noexcept;
    [[nodiscard]] VIADUCT_DECL bool make_room(lock_type& lock, std::size_t octets) noexcept;
    [[nodiscard]] VIADUCT_DECL std::uint64_t count_lost(std::uint64_t lines) noexcept;
    VIADUCT_DECL void wake(lock_type& lock) noexcept;
    template <class Done>
    bool wait_for(lock_type& lock, Done done) noexcept;

    [[nodiscard]] bool has_work() const noexcept
    {
        return !queue_.is_empty() || lost_in_front_ > 0 || is_stopped_;
    }
    /// Whether what is there must not wait for more lines.
    [[nodiscard]] bool is_urgent() const noexcept
    {
        return queue_.used() >= enough_ || queue_.has_marks() || waiting_for_room_ > 0 ||
               lost_in_front_ > 0 || is_stopped_;
    }
    VIADUCT_DECL void gather(lock_type& lock) noexcept;
    VIADUCT_DECL void await_work(lock_type& lock) noexcept;
    VIADUCT_DECL void perform(lock_type& lock, queue_mark const& mark) noexcept;
    VIADUCT_DECL void tell_of_lost_in_front(lock_type& lock) noexcept;
    VIADUCT_DECL void write(lock_type& lock, std::size_t size) noexcept;
    VIADUCT_DECL void tell_of_loss(std::uint64_t lines) noexcept;
    VIADUCT_DECL void on_written() noexcept;
    VIADUCT_DECL void flush_behind() noexcept;

    line_sink_ptr const to_;
    async_sink_options const options_;
    std::size_t const enough_ = std::min(batch_size, (options_.capacity + 1) / 2);
    std::atomic<std::uint64_t> lost_ = 0;

    std::mutex mutex_; // of everything up to the next blank line
    std::condition_variable work_;
    std::condition_variable room_;
    std::condition_variable done_;
    line_queue queue_;
    std::uint64_t lost_in_front_ = 0;
    std::uint64_t ticket_done_ = 0;
    std::size_t waiting_for_room_ = 0;
    bool is_idle_ = false;      // the thread sleeps until something comes
    bool is_gathering_ = false; // it sleeps until that is urgent, or late
    bool is_stopped_ = false;
    bool is_given_up_ = false;
    bool is_over_ = false;

    std::unique_ptr<char[]> const batch_; // of the thread, as all that follows
    std::string notice_;
    bool is_unflushed_ = false;
    clock::time_point flush_at_{};
    clock::time_point gather_until_{};

    std::thread thread_; // of the sink
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/async_writer.ipp>
#endif

#endif
