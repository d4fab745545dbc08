#ifndef VIADUCT_SERVER_SERVE_TUNNEL_HPP
#define VIADUCT_SERVER_SERVE_TUNNEL_HPP

#include <viaduct/detail/any_handler.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/server/egress.hpp>
#include <viaduct/server/request.hpp>
#include <viaduct/server/tunnel_watch.hpp>

#include <memory>
#include <utility>

namespace viaduct {

namespace detail {

using serve_handler = any_handler<void(error_code, tunnel_record, request)>;

VIADUCT_DECL void start_serving(request next, std::shared_ptr<egress const> way, tunnel_watch* watch,
                                serve_handler handler);

} // namespace detail

/// Does what a proxy does with a valid request, from the decision to the end of the tunnel.
/**
 *   1. Refuses what has been here before, and what is above a limit of its client.
 *   2. Asks the rules; finds out for them who the client is, which addresses the target has, what helpers
 * say.
 *   3. Resolves the target once, keeps the addresses that the guard allows, and connects to one of exactly
 * these; or asks a parent proxy for the tunnel.
 *   4. Sends 200, and relays.
 *
 * Whatever goes wrong before the 200 becomes the one refusal that says so (see `refusal_for`).
 *
 * @param next The request; it is answered exactly once.
 * @param way How tunnels leave; shared, and kept until the tunnel is open, its rules until the completion.
 * @param watch Looks at the request meanwhile; must live until the completion. May be null.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,          // what ended it if it was no orderly close: as in record.error
 *   tunnel_record record,   // complete in every case
 *   request again           // the client's next request on the same connection, after a 407 that has left
 *                           // it open (`reject_policy::keep_alive_for_407`); else empty
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total, all with the effect of terminal: both connections are closed.
 */
template <class CompletionToken>
auto async_serve_tunnel(request next, std::shared_ptr<egress const> way, tunnel_watch* watch,
                        CompletionToken&& token)
{
    return net::async_initiate<CompletionToken, void(error_code, tunnel_record, request)>(
        [](auto handler, request asked, std::shared_ptr<egress const> leave, tunnel_watch* looker) {
            auto const executor = asked.get_executor();
            detail::start_serving(std::move(asked), std::move(leave), looker,
                                  detail::serve_handler{std::move(handler), executor});
        },
        token, std::move(next), std::move(way), watch);
}

/// The same, with nobody watching.
template <class CompletionToken>
auto async_serve_tunnel(request next, std::shared_ptr<egress const> way, CompletionToken&& token)
{
    return async_serve_tunnel(std::move(next), std::move(way), nullptr, std::forward<CompletionToken>(token));
}

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/serve_tunnel.ipp>
#endif

#endif
