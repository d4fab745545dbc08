#ifndef VIADUCT_IMPL_NET_PENDING_QUERY_IPP
#define VIADUCT_IMPL_NET_PENDING_QUERY_IPP

#include <viaduct/detail/pending_query.hpp>

namespace viaduct::detail {

VIADUCT_DECL bool pending_query::is_wanted() const
{
    std::lock_guard const lock{mutex_};
    return done_ && !answered_;
}

/// Whoever owns a name chooses how many addresses it has, and each one may be dialled.
VIADUCT_DECL void pending_query::take(resolution found)
{
    found_ = std::move(found);
    if (found_.addresses.size() > max_addresses) found_.addresses.resize(max_addresses);
}

VIADUCT_DECL void pending_query::answer(error_code ec, resolution found)
{
    std::lock_guard const lock{mutex_};
    if (!done_ || answered_) return;
    answered_ = true;
    error_ = !ec && found.addresses.empty() ? net::error::host_not_found : ec;
    take(std::move(found));
    net::post(done_->get_executor(), [self = shared_from_this()] { self->cancel(); });
}

VIADUCT_DECL void pending_query::offer(resolution found, time_point from)
{
    std::lock_guard const lock{mutex_};
    if (!done_ || answered_ || found.addresses.empty()) return;
    offered_ = true;
    from_ = from;
    take(std::move(found));
    net::post(done_->get_executor(), [self = shared_from_this()] { self->start_clock(); });
}

VIADUCT_DECL void pending_query::start_clock()
{
    std::lock_guard const lock{mutex_};
    if (done_ && !answered_) done_->expires_at(from_); // the wait ends, and begins again with this end
}

VIADUCT_DECL void pending_query::cancel()
{
    std::lock_guard const lock{mutex_};
    if (done_) done_->cancel();
}

VIADUCT_DECL void pending_query::abandon() noexcept
{
    std::lock_guard const lock{mutex_};
    done_ = nullptr;
}

} // namespace viaduct::detail

#endif
