#ifndef VIADUCT_IMPL_CLIENT_DIAL_IPP
#define VIADUCT_IMPL_CLIENT_DIAL_IPP

#include <viaduct/client/dial.hpp>

namespace viaduct {

VIADUCT_DECL dial_result dial(net::ip::tcp::socket& socket, proxy_url const& proxy, authority const& target,
                              dial_options const& options, error_code& ec)
{
    error_code ignored;
    socket.close(ignored);
    net::io_context context;
    net::ip::tcp::socket dialled{context};
    dial_result result;
    async_dial(dialled, proxy, target, options, [&](error_code e, dial_result r) {
        ec = e;
        result = std::move(r);
    });
    context.run();
    if (ec) return result;
    auto const protocol = dialled.local_endpoint(ec).protocol();
    if (ec) return result;
    auto const descriptor = dialled.release(ec);
    if (ec) return result;
    socket.assign(protocol, descriptor, ec);
    if (ec) dialled.assign(protocol, descriptor, ignored); // which closes it
    return result;
}

} // namespace viaduct

#endif
