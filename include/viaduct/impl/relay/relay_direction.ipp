#ifndef VIADUCT_IMPL_RELAY_RELAY_DIRECTION_IPP
#define VIADUCT_IMPL_RELAY_RELAY_DIRECTION_IPP

#include <viaduct/relay/relay_direction.hpp>

#include <algorithm>

namespace viaduct {

VIADUCT_DECL relay_direction::step relay_direction::resume(error_code ec, std::size_t bytes_transferred)
{
    if (last_ == step::write) {
        transferred_ += bytes_transferred;
        pending_ -= std::min(bytes_transferred, pending_);
    }
    if (ec) return fail(ec);
    switch (last_) {
    case step::read:
        pending_ = bytes_transferred;
        return last_ = pending_ == 0 ? step::shutdown : step::write;
    case step::write: return last_ = pending_ == 0 ? step::read : step::write;
    default: return last_ = step::done;
    }
}

VIADUCT_DECL relay_direction::step relay_direction::fail(error_code ec) noexcept
{
    error_ = ec;
    failed_ = last_;
    return last_ = step::done;
}

} // namespace viaduct

#endif
