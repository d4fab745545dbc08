#ifndef VIADUCT_IMPL_NET_LOOKUP_POOL_IPP
#define VIADUCT_IMPL_NET_LOOKUP_POOL_IPP

#include <viaduct/detail/lookup_pool.hpp>

#include <system_error>
#include <thread>
#include <utility>

namespace viaduct::detail {

VIADUCT_DECL lookup_pool::lookup_pool(std::size_t threads, std::size_t max_waiting, blocking_lookup look_up)
    : queue_{std::make_shared<queue>()},
      max_threads_{threads},
      max_waiting_{max_waiting}
{
    queue_->look_up = std::move(look_up);
}

VIADUCT_DECL lookup_pool::~lookup_pool()
{
    std::lock_guard const lock{queue_->mutex};
    queue_->stopped = true;
    queue_->ready.notify_all();
}

VIADUCT_DECL void lookup_pool::submit(std::shared_ptr<name_query> query)
{
    auto& q = *queue_;
    error_code ec;
    {
        std::lock_guard const lock{q.mutex};
        bool const more_threads = q.idle <= q.waiting.size() && q.threads < max_threads_;
        if (q.all.find(query->host()) == q.all.end() && more_threads && !start_thread() && q.threads == 0)
            ec = net::error::no_memory;
        else
            ec = q.add(query, max_waiting_);
    }
    if (ec) query->answer(ec, {});
}

VIADUCT_DECL error_code lookup_pool::queue::add(std::shared_ptr<name_query> query, std::size_t max_waiting)
{
    if (auto const job = all.find(query->host()); job != all.end()) {
        job->second.add(std::move(query)); // one thread is enough for a name, however many ask for it
        return {};
    }
    bool const has_room_for_more = waiting.size() < idle + max_waiting; // an idle thread is about to take one
    if (!has_room_for_more) forget_unwanted();
    if (!has_room_for_more && waiting.size() >= idle + max_waiting) return errc::resolver_overloaded;
    auto const job = all.try_emplace(query->host()).first;
    job->second.add(std::move(query));
    waiting.push_back(job);
    ready.notify_one();
    return {};
}

VIADUCT_DECL void lookup_pool::queue::forget_unwanted()
{
    std::erase_if(waiting, [&](auto const& job) {
        if (job->second.is_wanted()) return false;
        all.erase(job);
        return true;
    });
}

/// The next look-up that somebody waits for; none if nothing is left.
VIADUCT_DECL lookup_pool::jobs::iterator lookup_pool::queue::take()
{
    while (!waiting.empty()) {
        auto const next = waiting.front();
        waiting.pop_front();
        if (next->second.is_wanted()) return next;
        all.erase(next); // given up while it stood in the queue
    }
    return all.end();
}

VIADUCT_DECL query_list lookup_pool::queue::finish(jobs::iterator job)
{
    auto asked = std::move(job->second);
    all.erase(job);
    return asked;
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
    std::unique_lock lock{q->mutex};
    for (;;) {
        ++q->idle;
        q->ready.wait(lock, [&] { return q->stopped || !q->waiting.empty(); });
        --q->idle;
        auto const job = q->take();
        if (job == q->all.end()) {
            if (q->stopped) return;
            continue;
        }
        lock.unlock();
        error_code ec;
        auto const found = q->look_up(job->first, ec);
        lock.lock();
        auto const asked = q->finish(job);
        lock.unlock();
        asked.answer(ec, found);
        lock.lock();
    }
}

} // namespace viaduct::detail

#endif
