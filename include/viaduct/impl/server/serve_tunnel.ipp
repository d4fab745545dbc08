#ifndef VIADUCT_IMPL_SERVER_SERVE_TUNNEL_IPP
#define VIADUCT_IMPL_SERVER_SERVE_TUNNEL_IPP

#include <viaduct/detail/serve_tunnel_op.hpp>
#include <viaduct/server/serve_tunnel.hpp>

namespace viaduct::detail {

VIADUCT_DECL void start_serving(request next, std::shared_ptr<egress const> way, tunnel_watch* watch,
                                serve_handler handler)
{
    async_stable<serve_tunnel_op, void(error_code, tunnel_record, request)>(
        std::move(handler), std::move(next), std::move(way), watch);
}

} // namespace viaduct::detail

#endif
