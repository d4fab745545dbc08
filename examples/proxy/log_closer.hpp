#ifndef VIADUCT_EXAMPLES_PROXY_LOG_CLOSER_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_CLOSER_HPP

#include <viaduct/log/log_sink.hpp>

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace viaduct_proxy {

/// Closes logs, which takes as long as their places like, on a thread where nobody waits for it.
class log_closer
{
public:
    log_closer() = default;
    log_closer(log_closer const&) = delete;
    log_closer& operator=(log_closer const&) = delete;

    /// Waits until all are closed.
    ~log_closer()
    {
        {
            std::lock_guard const lock{mutex_};
            is_over_ = true;
        }
        news_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

    /// The same log, which is closed here when the last who writes to it has let go of it; null for null.
    [[nodiscard]] std::shared_ptr<viaduct::log_sink> keep(std::shared_ptr<viaduct::log_sink> log)
    {
        if (!log) return log;
        auto* const what = log.get();
        return {what, [this, log = std::move(log)](auto*) mutable { close(std::move(log)); }};
    }

private:
    void close(std::shared_ptr<viaduct::log_sink> log) noexcept
    try {
        std::lock_guard const lock{mutex_};
        if (!thread_.joinable()) thread_ = std::thread{[this] { run(); }};
        ended_.push_back(std::move(log));
        news_.notify_one();
    } catch (std::exception const&) { // no thread, or no memory: whoever has let go of it waits
    }

    void run()
    {
        std::unique_lock lock{mutex_};
        while (!is_over_ || !ended_.empty()) {
            news_.wait(lock, [this] { return is_over_ || !ended_.empty(); });
            auto logs = std::exchange(ended_, {});
            lock.unlock();
            logs.clear();
            lock.lock();
        }
    }

    std::mutex mutex_{};
    std::condition_variable news_{};
    std::vector<std::shared_ptr<viaduct::log_sink>> ended_{};
    bool is_over_ = false;
    std::thread thread_{};
};

} // namespace viaduct_proxy

#endif
