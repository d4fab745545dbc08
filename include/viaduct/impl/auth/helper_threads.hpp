#ifndef VIADUCT_IMPL_AUTH_HELPER_THREADS_HPP
#define VIADUCT_IMPL_AUTH_HELPER_THREADS_HPP

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace viaduct::detail {

/// A few threads for calls that may block; whoever has queued a call may go before it returns.
/**
 * They never end, and the objects are never destroyed: a thread that ends while the process exits would
 * run its libraries' destructors beside those of the process, which OpenSSL (behind GSSAPI's NTLM) answers
 * with a double free. But the end of the process waits a moment for calls under way: Kerberos's library
 * aborts where it is taken apart during one.
 */
class helper_threads
{
public:
    using task = std::function<void()>;

    helper_threads(helper_threads const&) = delete;
    helper_threads& operator=(helper_threads const&) = delete;

    /// Those of the process for calls that wait for a network.
    [[nodiscard]] static helper_threads& instance()
    {
        static auto* const threads = make(8, [] { instance().come_to_rest(); });
        return *threads;
    }

    /// Those for calls that compute, or read a file: not held up by a silent network, and not more than half
    /// of the processors.
    [[nodiscard]] static helper_threads& for_work()
    {
        static auto* const threads = make(std::clamp(std::thread::hardware_concurrency() / 2, 1u, 8u),
                                          [] { for_work().come_to_rest(); });
        return *threads;
    }

    /// Queues a call, for a new thread if all are busy and there may be one more.
    /**
     * @param most_waiting How many calls may wait already.
     * @return False if more do, the system gives no thread at all, or the process ends; the call is dropped
     * then.
     */
    [[nodiscard]] bool submit(task next, std::size_t most_waiting = std::numeric_limits<std::size_t>::max())
    {
        std::lock_guard const lock{mutex_};
        if (ending_ || waiting_.size() >= most_waiting) return false;
        bool const more_threads = idle_ <= waiting_.size() && threads_ < most_;
        if (more_threads && !start_thread() && threads_ == 0) return false;
        waiting_.push_back(std::move(next));
        ready_.notify_one();
        return true;
    }

private:
    // While a key distribution centre is silent each call takes seconds, and more at once would not help.
    explicit helper_threads(std::size_t most) noexcept : most_{most} {}
    ~helper_threads() = default;

    [[nodiscard]] static helper_threads* make(std::size_t most, void (*at_exit)())
    {
        auto* const threads = new helper_threads{most};
        std::atexit(at_exit);
        return threads;
    }

    /// Lets the calls under way return, unless they wait for a silent network.
    void come_to_rest()
    {
        std::unique_lock lock{mutex_};
        ending_ = true;
        waiting_.clear();
        resting_.wait_for(lock, std::chrono::seconds{1}, [this] { return idle_ == threads_; });
    }

    [[nodiscard]] bool start_thread()
    {
        try {
            std::thread{&helper_threads::work, this}.detach();
        } catch (std::system_error const&) {
            return false; // those that run already will do
        }
        ++threads_;
        return true;
    }

    [[noreturn]] void work()
    {
        for (;;)
            take()(); // the call is gone before the next is waited for, with all that it keeps alive
    }

    [[nodiscard]] task take()
    {
        std::unique_lock lock{mutex_};
        ++idle_;
        if (ending_) resting_.notify_one();
        ready_.wait(lock, [this] { return !waiting_.empty(); });
        --idle_;
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        return next;
    }

    std::size_t const most_;
    std::mutex mutex_; // of everything below
    std::condition_variable ready_;
    std::condition_variable resting_;
    std::deque<task> waiting_;
    std::size_t threads_ = 0;
    std::size_t idle_ = 0;
    bool ending_ = false; // the process is
};

} // namespace viaduct::detail

#endif
