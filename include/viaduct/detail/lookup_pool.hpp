#ifndef VIADUCT_DETAIL_LOOKUP_POOL_HPP
#define VIADUCT_DETAIL_LOOKUP_POOL_HPP

#include <viaduct/detail/query_list.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/resolver.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace viaduct::detail {

/// A function that asks for the addresses of a name, and may take its time.
using blocking_lookup = std::function<resolution(std::string const& host, error_code& ec)>;

/// A few detached threads that run look-ups; a look-up that hangs keeps a thread, never its owner.
class lookup_pool
{
public:
    VIADUCT_DECL lookup_pool(std::size_t threads, std::size_t max_waiting, blocking_lookup look_up);
    lookup_pool(lookup_pool const&) = delete;
    lookup_pool& operator=(lookup_pool const&) = delete;

    /// What waits is still looked up.
    VIADUCT_DECL ~lookup_pool();

    VIADUCT_DECL void submit(std::shared_ptr<name_query> query);

private:
    using jobs = std::map<std::string, query_list>; // those that names choose cannot make it slow

    struct queue
    {
        [[nodiscard]] error_code add(std::shared_ptr<name_query> query, std::size_t max_waiting);
        void forget_unwanted();
        [[nodiscard]] jobs::iterator take();
        [[nodiscard]] query_list finish(jobs::iterator job);

        blocking_lookup look_up;
        std::mutex mutex; // of everything below
        std::condition_variable ready;
        jobs all;                           // that wait, or are under way
        std::deque<jobs::iterator> waiting; // for a thread
        std::size_t threads = 0;
        std::size_t idle = 0;
        bool stopped = false;
    };

    [[nodiscard]] bool start_thread();
    static void work(std::shared_ptr<queue> q);

    std::shared_ptr<queue> queue_; // the threads own it too, so that they may outlive the pool
    std::size_t max_threads_;
    std::size_t max_waiting_;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/lookup_pool.ipp>
#endif

#endif
