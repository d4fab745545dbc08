#ifndef VIADUCT_IMPL_CLIENT_DIALER_IPP
#define VIADUCT_IMPL_CLIENT_DIALER_IPP

#include <viaduct/client/dialer.hpp>
#include <viaduct/detail/dial_op.hpp>

#include <utility>

namespace viaduct {
namespace detail {

// The one place where the whole of a dial is compiled.
VIADUCT_DECL void start_dial(std::shared_ptr<dialer_state> dialer, net::any_io_executor const& executor,
                             authority const& target, dial_wishes wishes, dial_handler handler)
{
    async_stable<dial_op, void(error_code, tunnel)>(std::move(handler), std::move(dialer), executor, target,
                                                    std::move(wishes));
}

} // namespace detail

VIADUCT_DECL tunnel dial(net::io_context& context, authority const& target, dialer_options const& options,
                         error_code& ec)
{
    dialer dialer{context.get_executor(), options};
    tunnel result;
    bool over = false;
    dialer.async_dial(target, [&](error_code outcome, tunnel dialled) {
        ec = outcome;
        result = std::move(dialled);
        over = true;
    });
    bool const& is_over = over; // which the handler changes
    while (!is_over) {
        if (context.stopped()) context.restart(); // before, or by something else that it has run
        context.run_one();
    }
    return result;
}

VIADUCT_DECL tunnel dial(net::io_context& context, authority const& target, dialer_options const& options)
{
    error_code ec;
    auto result = dial(context, target, options, ec);
    if (ec) throw connect_error(connect_failure{ec, result.report()});
    return result;
}

} // namespace viaduct

#endif
