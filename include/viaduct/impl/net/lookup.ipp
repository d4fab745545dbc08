#ifndef VIADUCT_IMPL_NET_LOOKUP_IPP
#define VIADUCT_IMPL_NET_LOOKUP_IPP

#include <viaduct/detail/lookup.hpp>

#include <thread>

namespace viaduct::detail {

VIADUCT_DECL void lookup::run()
{
    error_code error;
    endpoints found;
    {
        net::io_context unused; // the blocking look-up of Asio's resolver does not run it
        net::ip::tcp::resolver resolver{unused};
        for (auto const& entry : resolver.resolve(host_, std::to_string(port_),
                                                  net::ip::resolver_base::numeric_service, error))
            found.push_back(entry.endpoint());
    }
    if (!error && found.empty()) error = net::error::host_not_found;

    std::lock_guard const lock{mutex_};
    if (!done_) return;
    error_ = error;
    found_ = std::move(found);
    net::post(done_->get_executor(), [self = shared_from_this()] { self->wake(); });
}

VIADUCT_DECL void lookup::wake()
{
    std::lock_guard const lock{mutex_};
    if (!done_) return;
    answered_ = true;
    done_->cancel();
}

VIADUCT_DECL error_code lookup::collect(endpoints& found)
{
    std::lock_guard const lock{mutex_};
    if (!answered_) return net::error::operation_aborted;
    found = std::move(found_);
    return error_;
}

VIADUCT_DECL void lookup::abandon() noexcept
{
    std::lock_guard const lock{mutex_};
    done_ = nullptr;
}

VIADUCT_DECL lookup_pool::~lookup_pool()
{
    std::lock_guard const lock{queue_->mutex};
    queue_->stopped = true;
    queue_->ready.notify_all();
}

VIADUCT_DECL void lookup_pool::submit(std::shared_ptr<lookup> next)
{
    std::lock_guard const lock{queue_->mutex};
    queue_->waiting.push_back(std::move(next));
    if (queue_->idle < queue_->waiting.size() && queue_->threads < max_threads_) {
        std::thread{&lookup_pool::work, queue_}.detach();
        ++queue_->threads;
    }
    queue_->ready.notify_one();
}

VIADUCT_DECL void lookup_pool::work(std::shared_ptr<queue> q)
{
    std::unique_lock lock{q->mutex};
    for (;;) {
        ++q->idle;
        q->ready.wait(lock, [&] { return q->stopped || !q->waiting.empty(); });
        --q->idle;
        if (q->waiting.empty()) return; // stopped
        auto const next = std::move(q->waiting.front());
        q->waiting.pop_front();
        lock.unlock();
        next->run();
        lock.lock();
    }
}

} // namespace viaduct::detail

#endif
