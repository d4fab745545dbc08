#ifndef VIADUCT_IMPL_SERVER_WORKER_POOL_IPP
#define VIADUCT_IMPL_SERVER_WORKER_POOL_IPP

#include <viaduct/server/worker_pool.hpp>

namespace viaduct {
namespace detail {

/// Opens the ports for one worker and closes them: sharing would hide that somebody else listens there
/// already.
inline void find_unused(net::io_context& context, service_options& options)
{
    service const alone{context.get_executor(), options};
    options.listen = alone.endpoints(); // where port 0 has become a port
}

} // namespace detail

VIADUCT_DECL worker_pool::worker_pool(net::io_context& first, std::size_t count, service_options options)
{
    if (count > 1) {
        detail::find_unused(first, options);
        options.accept.reuse_port = true;
    }
    workers_.push_back(std::make_shared<detail::worker>(first, options));
    while (workers_.size() < count)
        workers_.push_back(std::make_shared<detail::worker>(options));
}

VIADUCT_DECL worker_pool::~worker_pool()
{
    for (auto const& each : workers_)
        each->stop_and_join();
}

VIADUCT_DECL std::vector<net::ip::tcp::endpoint> worker_pool::endpoints() const
{
    return workers_.front()->service().endpoints();
}

VIADUCT_DECL void worker_pool::start()
{
    for (auto const& each : workers_)
        each->start();
}

VIADUCT_DECL std::size_t worker_pool::active() const noexcept
{
    std::size_t sum = 0;
    for (auto const& each : workers_)
        sum += each->service().active();
    return sum;
}

VIADUCT_DECL void worker_pool::stop()
{
    for (auto const& each : workers_)
        each->on_thread([each] { each->service().stop(); });
}

} // namespace viaduct

#endif
