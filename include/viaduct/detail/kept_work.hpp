#ifndef VIADUCT_DETAIL_KEPT_WORK_HPP
#define VIADUCT_DETAIL_KEPT_WORK_HPP

#include <viaduct/detail/asio.hpp>

#include <utility>

namespace viaduct::detail {

/// Keeps the executor of a handler busy while an operation runs elsewhere.
template <class Handler, bool needed>
struct kept_work
{
    explicit kept_work(Handler const&) noexcept {}
};

template <class Handler>
struct kept_work<Handler, true>
{
    static auto of(Handler const& handler)
    {
        return net::prefer(net::get_associated_executor(handler), net::execution::outstanding_work.tracked);
    }

    explicit kept_work(Handler const& handler) : executor{of(handler)} {}

    decltype(of(std::declval<Handler const&>())) executor;
};

} // namespace viaduct::detail

#endif
