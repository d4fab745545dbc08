#ifndef VIADUCT_IMPL_CLIENT_PROXY_AUTH_IPP
#define VIADUCT_IMPL_CLIENT_PROXY_AUTH_IPP

#include <viaduct/client/proxy_auth.hpp>

namespace viaduct {

VIADUCT_DECL std::string proxy_auth::names() const
{
    std::string names;
    for (auto const& scheme : schemes_)
        names.append(names.empty() ? "" : ", ").append(scheme->scheme());
    return names;
}

VIADUCT_DECL proxy_auth::scheme_ptr proxy_auth::first() const
{
    auto last = [this] {
        std::lock_guard const lock{mutex_};
        return accepted_;
    }();
    return last && last->can_begin() ? last : nullptr; // unlocked: that is somebody else's code
}

VIADUCT_DECL void proxy_auth::accepted(scheme_ptr const& by)
{
    std::lock_guard const lock{mutex_};
    accepted_ = by;
}

VIADUCT_DECL void proxy_auth::rejected(scheme_ptr const& by)
{
    std::lock_guard const lock{mutex_};
    if (accepted_ == by) accepted_.reset();
}

} // namespace viaduct

#endif
