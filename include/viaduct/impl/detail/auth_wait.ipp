#ifndef VIADUCT_IMPL_DETAIL_AUTH_WAIT_IPP
#define VIADUCT_IMPL_DETAIL_AUTH_WAIT_IPP

#include <viaduct/detail/auth_wait.hpp>

#include <utility>

namespace viaduct::detail {

VIADUCT_DECL auth_completion auth_wait::completion()
{
    return
        [self = shared_from_this()](error_code ec, std::string value) { self->bring(ec, std::move(value)); };
}

VIADUCT_DECL bool auth_wait::arrived()
{
    std::lock_guard const lock{mutex_};
    return arrived_;
}

VIADUCT_DECL void auth_wait::abandon()
{
    std::lock_guard const lock{mutex_};
    timer_ = nullptr;
}

VIADUCT_DECL void auth_wait::bring(error_code ec, std::string value)
{
    std::lock_guard const lock{mutex_};
    if (!timer_ || arrived_) return;
    arrived_ = true;
    error_ = ec;
    value_ = std::move(value);
    net::post(timer_->get_executor(), [self = shared_from_this()] { self->wake(); });
}

VIADUCT_DECL void auth_wait::wake()
{
    std::lock_guard const lock{mutex_};
    if (timer_) timer_->cancel();
}

} // namespace viaduct::detail

#endif
