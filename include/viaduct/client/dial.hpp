#ifndef VIADUCT_CLIENT_DIAL_HPP
#define VIADUCT_CLIENT_DIAL_HPP

#include <viaduct/client/dial_options.hpp>
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/dial_op.hpp>
#include <viaduct/http/authority.hpp>

namespace viaduct {

/// Opens a tunnel to a target from nothing: resolves the proxy's name, connects, asks.
/**
 * After a success `socket` is connected to the target, and nothing that the target sent has been read: do
 * with it what you would do with a socket that you had connected yourself. After a failure it is closed.
 *
 * @param socket Filled in; must stay valid until the completion.
 * @param proxy Where the proxy is. Its credentials, if any, take precedence over those in `options.connect`.
 * @param target Where the tunnel shall lead; the proxy resolves its name.
 * @param options Copied as far as needed.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,       // in phase resolve: of the name service, or errc::resolve_timeout;
 *                        // in phase connect: of the system, or errc::connect_timeout;
 *                        // in phase handshake: what async_connect_tunnel reports;
 *                        // the phase's *_timeout when options.timeout was over; operation_aborted
 *   dial_result result
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total: the socket is closed.
 *
 * @par Thread Safety
 * The resolver's threads are shared by all dials of a process; the operation itself runs on the socket's
 * executor.
 */
template <class CompletionToken>
auto async_dial(net::ip::tcp::socket& socket, proxy_url const& proxy, authority const& target,
                dial_options const& options, CompletionToken&& token)
{
    return net::async_compose<CompletionToken, void(error_code, dial_result)>(
        detail::dial_op{socket, proxy, target, options}, token, socket);
}

/// The same, waiting for the end: for tools and tests.
/** Runs a context of its own until the dial is over, so all clocks of `options` hold. `socket` may belong to
 * any context. */
[[nodiscard]] VIADUCT_DECL dial_result dial(net::ip::tcp::socket& socket, proxy_url const& proxy,
                                            authority const& target, dial_options const& options,
                                            error_code& ec);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/dial.ipp>
#endif

#endif
