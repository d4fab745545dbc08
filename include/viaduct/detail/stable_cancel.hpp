#ifndef VIADUCT_DETAIL_STABLE_CANCEL_HPP
#define VIADUCT_DETAIL_STABLE_CANCEL_HPP

#include <viaduct/detail/asio.hpp>

#include <memory>
#include <utility>

namespace viaduct::detail {

/// Ends an operation if it is still there: what the user's cancellation slot holds.
template <class Operation>
class stable_cancel
{
public:
    explicit stable_cancel(std::weak_ptr<Operation> op) noexcept : op_{std::move(op)} {}

    void operator()(net::cancellation_type_t type) const
    {
        if (type == net::cancellation_type::none) return;
        if (auto const alive = op_.lock()) alive->cancel();
    }

private:
    std::weak_ptr<Operation> op_;
};

} // namespace viaduct::detail

#endif
