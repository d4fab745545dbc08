#ifndef VIADUCT_IMPL_LOG_ASYNC_SINK_IPP
#define VIADUCT_IMPL_LOG_ASYNC_SINK_IPP

#include <viaduct/detail/line_queue.hpp>
#include <viaduct/log/async_sink.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>
#include <utility>

namespace viaduct {
namespace detail {

/// A thread that is started while it stands inherits that no signal is for it.
class signals_blocked
{
public:
    signals_blocked() noexcept
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    signals_blocked(signals_blocked const&) = delete;
    signals_blocked& operator=(signals_blocked const&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

/// A time of somebody's choice from now on, without an overflow.
[[nodiscard]] inline std::chrono::steady_clock::time_point later(std::chrono::milliseconds wait) noexcept
{
    std::chrono::milliseconds const year = std::chrono::hours{24 * 365};
    return std::chrono::steady_clock::now() + std::min(wait, year);
}

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

    static void start(std::shared_ptr<async_writer> const& self);
    void stop() noexcept;
    void push(std::string_view line) noexcept;
    void push(queue_mark mark) noexcept;
    void flush() noexcept;

    [[nodiscard]] std::uint64_t lost() const noexcept
    {
        return lost_.load(std::memory_order_relaxed) + to_->lost();
    }

private:
    using lock_type = std::unique_lock<std::mutex>;

    static constexpr std::size_t batch_size = std::size_t{64} << 10U;

    void run() noexcept;
    [[nodiscard]] bool make_room(lock_type& lock, std::size_t octets) noexcept;
    [[nodiscard]] std::uint64_t count_lost(std::uint64_t lines) noexcept;
    void wake(lock_type& lock) noexcept;
    template <class Done>
    bool wait_for(lock_type& lock, Done done) noexcept;

    [[nodiscard]] bool has_work() const noexcept
    {
        return !queue_.is_empty() || lost_in_front_ > 0 || is_stopped_;
    }
    void await_work(lock_type& lock) noexcept;
    void perform(lock_type& lock, queue_mark const& mark) noexcept;
    void tell_of_lost_in_front(lock_type& lock) noexcept;
    void write(lock_type& lock, std::size_t size) noexcept;
    void tell_of_loss(std::uint64_t lines) noexcept;
    void on_written() noexcept;
    void flush_behind() noexcept;

    line_sink_ptr const to_;
    async_sink_options const options_;
    std::atomic<std::uint64_t> lost_ = 0;

    std::mutex mutex_; // of everything up to the next blank line
    std::condition_variable work_;
    std::condition_variable room_;
    std::condition_variable done_;
    line_queue queue_;
    std::uint64_t lost_in_front_ = 0;
    std::uint64_t ticket_done_ = 0;
    std::size_t waiting_for_room_ = 0;
    bool is_idle_ = false;
    bool is_stopped_ = false;
    bool is_given_up_ = false;
    bool is_over_ = false;

    std::unique_ptr<char[]> const batch_; // of the thread, as all that follows
    std::string notice_;
    bool is_unflushed_ = false;
    clock::time_point flush_at_{};

    std::thread thread_; // of the sink
};

inline void async_writer::start(std::shared_ptr<async_writer> const& self)
{
    signals_blocked const inherited;
    self->thread_ = std::thread{[self] { self->run(); }};
}

/// Waits on `done_`, but not for ever.
template <class Done>
bool async_writer::wait_for(lock_type& lock, Done done) noexcept
{
    return done_.wait_until(lock, later(options_.stop_timeout), done);
}

inline void async_writer::stop() noexcept
{
    lock_type lock{mutex_};
    is_stopped_ = true;
    wake(lock);
    lock.lock();
    is_given_up_ = !wait_for(lock, [this] { return is_over_; });
    lock.unlock();
    if (is_given_up_)
        thread_.detach();
    else
        thread_.join();
}

inline void async_writer::push(std::string_view line) noexcept
{
    auto const needed = line_queue::needed(line);
    lock_type lock{mutex_};
    if (make_room(lock, needed))
        queue_.push(line);
    else
        queue_.push(queue_mark{.lost = count_lost(1)});
    wake(lock);
}

inline void async_writer::push(queue_mark mark) noexcept
{
    lock_type lock{mutex_};
    queue_.push(mark);
    wake(lock);
}

inline void async_writer::flush() noexcept
{
    lock_type lock{mutex_};
    auto const ticket = queue_.push(queue_mark{.is_flush = true});
    wake(lock);
    lock.lock();
    wait_for(lock, [this, ticket] { return ticket_done_ >= ticket; });
}

inline std::uint64_t async_writer::count_lost(std::uint64_t lines) noexcept
{
    lost_.fetch_add(lines, std::memory_order_relaxed);
    return lines;
}

inline bool async_writer::make_room(lock_type& lock, std::size_t octets) noexcept
{
    if (queue_.has_room(octets)) return true;
    if (octets > queue_.capacity() || options_.when_full == full_queue::drop_new) return false;
    if (options_.when_full == full_queue::drop_oldest) {
        lost_in_front_ += count_lost(queue_.drop_until_room(octets));
        return true;
    }
    ++waiting_for_room_;
    room_.wait(lock, [this, octets] { return queue_.has_room(octets); });
    --waiting_for_room_;
    return true;
}

/// Gives the lock back. One that is at work sees for itself what has come.
inline void async_writer::wake(lock_type& lock) noexcept
{
    bool const was_idle = std::exchange(is_idle_, false);
    lock.unlock();
    if (was_idle) work_.notify_one();
}

inline void async_writer::run() noexcept
{
#if defined(__linux__)
    ::pthread_setname_np(::pthread_self(), "viaduct-log");
#endif
    lock_type lock{mutex_};
    while (!is_given_up_) {
        queue_mark mark;
        if (lost_in_front_ > 0)
            tell_of_lost_in_front(lock);
        else if (queue_.pop(mark))
            perform(lock, mark);
        else if (auto const size = queue_.pop(batch_.get(), batch_size))
            write(lock, size);
        else if (is_stopped_)
            break;
        else
            await_work(lock);
    }
    lock.unlock();
    if (is_unflushed_) flush_behind();
    lock.lock();
    is_over_ = true;
    done_.notify_all();
}

inline void async_writer::await_work(lock_type& lock) noexcept
{
    is_idle_ = true;
    auto const ready = [this] { return has_work(); };
    if (!is_unflushed_) {
        work_.wait(lock, ready);
    } else if (!work_.wait_until(lock, flush_at_, ready)) {
        is_idle_ = false;
        lock.unlock();
        flush_behind();
        lock.lock();
    }
    is_idle_ = false;
}

inline void async_writer::write(lock_type& lock, std::size_t size) noexcept
{
    if (waiting_for_room_ > 0) room_.notify_all();
    lock.unlock();
    to_->write_lines({batch_.get(), size});
    on_written();
    lock.lock();
}

inline void async_writer::tell_of_lost_in_front(lock_type& lock) noexcept
{
    auto const lines = std::exchange(lost_in_front_, 0);
    lock.unlock();
    tell_of_loss(lines);
    lock.lock();
}

inline void async_writer::perform(lock_type& lock, queue_mark const& mark) noexcept
{
    lock.unlock();
    if (mark.lost > 0) tell_of_loss(mark.lost);
    if (mark.is_rotation)
        to_->rotate();
    else if (mark.is_reopen)
        to_->reopen();
    if (mark.is_flush) flush_behind();
    lock.lock();
    ticket_done_ = mark.ticket;
    done_.notify_all();
}

inline void async_writer::tell_of_loss(std::uint64_t lines) noexcept
{
    if (!options_.format) return;
    try {
        notice_.clear();
        options_.format->append_loss(lines, notice_);
    } catch (std::exception const&) { // no memory for a notice: the counter has it
        return;
    }
    to_->write_line(notice_);
    on_written();
}

inline void async_writer::on_written() noexcept
{
    if (!std::exchange(is_unflushed_, true)) flush_at_ = later(options_.flush_interval);
    if (clock::now() >= flush_at_) flush_behind();
}

inline void async_writer::flush_behind() noexcept
{
    to_->flush();
    is_unflushed_ = false;
}

} // namespace detail

VIADUCT_DECL async_sink::async_sink(line_sink_ptr to, async_sink_options options)
    : writer_{std::make_shared<detail::async_writer>(std::move(to), std::move(options))}
{
    detail::async_writer::start(writer_);
}

VIADUCT_DECL async_sink::~async_sink()
{
    writer_->stop();
}

VIADUCT_DECL void async_sink::write_line(std::string_view line) noexcept
{
    writer_->push(line);
}

VIADUCT_DECL void async_sink::flush() noexcept
{
    writer_->flush();
}

VIADUCT_DECL void async_sink::reopen() noexcept
{
    writer_->push(detail::queue_mark{.is_reopen = true});
}

VIADUCT_DECL void async_sink::rotate() noexcept
{
    writer_->push(detail::queue_mark{.is_rotation = true});
}

VIADUCT_DECL std::uint64_t async_sink::lost() const noexcept
{
    return writer_->lost();
}

} // namespace viaduct

#endif
