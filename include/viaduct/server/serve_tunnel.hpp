#ifndef VIADUCT_SERVER_SERVE_TUNNEL_HPP
#define VIADUCT_SERVER_SERVE_TUNNEL_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/serve_tunnel_op.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/server/egress.hpp>
#include <viaduct/server/request.hpp>

#include <utility>

namespace viaduct {

/// Does what a proxy does with a valid request, from the decision to the end of the tunnel.
/**
 * Checks the port, resolves the target once, keeps the addresses that the guard allows, connects to one of
 * exactly these, sends 200, and relays. Whatever goes wrong before the 200 becomes the one refusal that says
 * so (see `refusal_for`).
 *
 * @param next The request; it is answered exactly once.
 * @param way Must outlive the operation.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,          // what ended it if it was no orderly close: as in record.error
 *   tunnel_record record    // complete in every case
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total, all with the effect of terminal: both connections are closed.
 */
template <class CompletionToken>
auto async_serve_tunnel(request next, egress& way, CompletionToken&& token)
{
    return detail::async_stable<detail::serve_tunnel_op, void(error_code, tunnel_record)>(
        std::forward<CompletionToken>(token), std::move(next), &way);
}

} // namespace viaduct

#endif
