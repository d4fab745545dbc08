#ifndef VIADUCT_DETAIL_WORKER_HPP
#define VIADUCT_DETAIL_WORKER_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/server/service.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A service, and the thread that it runs on if that is not the caller's.
class worker
{
public:
    /// On the caller's context, and thread.
    worker(net::io_context& context, service_options options)
        : service_{context.get_executor(), std::move(options)}
    {}

    /// On a context, and a thread, of its own.
    explicit worker(service_options options)
        : context_{std::make_unique<net::io_context>(one_thread_for_io)},
          service_{context_->get_executor(), std::move(options)}
    {}

    worker(worker const&) = delete;
    worker& operator=(worker const&) = delete;

    [[nodiscard]] viaduct::service& service() noexcept { return service_; }
    [[nodiscard]] viaduct::service const& service() const noexcept { return service_; }
    [[nodiscard]] net::any_io_executor executor() { return service_.get_executor(); }

    /// Begins to accept, and to run.
    void start()
    {
        service_.start();
        if (!context_) return;
        busy_.emplace(context_->get_executor());
        thread_ = std::thread{[this] { context_->run(); }};
    }

    /// Calls `work` on the worker's thread; before its start at once, for then there is no other thread.
    template <class Work>
    void on_thread(Work work)
    {
        if (thread_.joinable())
            net::post(*context_, std::move(work));
        else
            work();
    }

    /// Drains on the worker's thread, and calls `done` there; one that never ran has nothing to wait for.
    template <class Done>
    void drain(std::chrono::milliseconds limit, Done done)
    {
        bool const runs = thread_.joinable() || !context_;
        if (runs)
            return on_thread([this, limit, done = std::move(done)]() mutable {
                service_.async_drain(limit, std::move(done));
            });
        service_.stop();
        done(error_code{});
    }

    /// Ends everything, and waits for the thread.
    void stop_and_join()
    {
        on_thread([this] { service_.stop(); });
        busy_.reset();
        if (thread_.joinable()) thread_.join();
    }

private:
    std::unique_ptr<net::io_context> context_; // none on the caller's
    viaduct::service service_;
    std::optional<net::executor_work_guard<net::io_context::executor_type>> busy_;
    std::thread thread_;
};

/// Drains all workers, each on its thread, and comes back to the first one's.
class drain_workers_op
{
public:
    drain_workers_op(std::vector<std::shared_ptr<worker>> workers, std::chrono::milliseconds limit)
        : workers_{std::move(workers)},
          limit_{limit}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        auto const home = workers_.front()->executor(); // one thread: its handlers need no lock
        auto const all = std::move(workers_);           // `self` holds this, and goes
        auto const limit = limit_;
        auto const shared = std::make_shared<state<Self>>(std::move(self), all.size());
        for (auto const& each : all)
            each->drain(limit, [home, shared](error_code ec) mutable {
                net::post(home, [shared = std::move(shared), ec] { shared->on_drained(ec); });
            });
    }

private:
    template <class Self>
    struct state
    {
        state(Self s, std::size_t n) : self{std::move(s)}, left{n} {}

        void on_drained(error_code ec)
        {
            if (ec) outcome = ec;
            if (--left != 0) return;
            auto const where = self.get_executor();
            net::dispatch(where, [self = std::move(self), ec = outcome]() mutable { self.complete(ec); });
        }

        Self self;
        std::size_t left;
        error_code outcome{};
    };

    std::vector<std::shared_ptr<worker>> workers_;
    std::chrono::milliseconds limit_;
};

} // namespace viaduct::detail

#endif
