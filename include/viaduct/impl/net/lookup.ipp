#ifndef VIADUCT_IMPL_NET_LOOKUP_IPP
#define VIADUCT_IMPL_NET_LOOKUP_IPP

#include <viaduct/detail/lookup.hpp>

#include <thread>

namespace viaduct::detail {

VIADUCT_DECL bool lookup::is_wanted()
{
    std::lock_guard const lock{mutex_};
    return done_ != nullptr;
}

VIADUCT_DECL void lookup::run(net::ip::tcp::resolver& system)
{
    if (!is_wanted()) return; // given up while it stood in the queue
    error_code error;
    endpoint_list found;
    auto const entries =
        system.resolve(host_, std::to_string(port_), net::ip::resolver_base::numeric_service, error);
    for (auto const& entry : entries)
        found.push_back(entry.endpoint());
    if (!error && found.empty()) error = net::error::host_not_found;
    answer(error, std::move(found));
}

VIADUCT_DECL void lookup::answer(error_code error, endpoint_list found)
{
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

VIADUCT_DECL error_code lookup::collect(endpoint_list& found)
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
    auto& q = *queue_;
    bool const more_threads = q.idle <= q.waiting.size() && q.threads < max_threads_;
    if (more_threads && !start_thread() && q.threads == 0) return next->answer(net::error::no_memory, {});
    q.waiting.push_back(std::move(next));
    q.ready.notify_one();
}

VIADUCT_DECL bool lookup_pool::start_thread()
{
    try {
        std::thread{&lookup_pool::work, queue_}.detach();
    } catch (std::system_error const&) {
        return false; // those that run already will do
    }
    ++queue_->threads;
    return true;
}

VIADUCT_DECL void lookup_pool::work(std::shared_ptr<queue> q)
{
    net::io_context unused; // the blocking look-up of Asio's resolver does not run it
    net::ip::tcp::resolver system{unused};
    std::unique_lock lock{q->mutex};
    for (;;) {
        ++q->idle;
        q->ready.wait(lock, [&] { return q->stopped || !q->waiting.empty(); });
        --q->idle;
        if (q->waiting.empty()) return; // stopped
        auto const next = std::move(q->waiting.front());
        q->waiting.pop_front();
        lock.unlock();
        next->run(system);
        lock.lock();
    }
}

} // namespace viaduct::detail

#endif
