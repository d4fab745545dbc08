#ifndef VIADUCT_CLIENT_CONNECT_TUNNEL_HPP
#define VIADUCT_CLIENT_CONNECT_TUNNEL_HPP

#include <viaduct/client/connect_error.hpp>
#include <viaduct/client/connect_options.hpp>
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/client/converse.hpp>
#include <viaduct/detail/connect_tunnel_op.hpp>
#include <viaduct/http/authority.hpp>

#include <utility>

namespace viaduct {

/// Asks the proxy at the other end of a stream for a tunnel.
/**
 * Sends a CONNECT request, reads the answer, and answers challenges where `options.auth` can. The operation
 * ends when one of these is true:
 *
 *   @li a 2xx came: the stream is now connected to the target, and its next octet is the target's first.
 * Nothing beyond the head has been read, on any stream;
 *   @li a final answer other than 2xx came, and its content, up to `options.max_body` octets, or
 * `options.body_timeout` was over. The stream is good for nothing but closing;
 *   @li the conversation needs a new connection: `errc::reconnect_required`. Another call would begin from
 * the start, and hear the same challenge from a proxy that closes behind it: to go on, use a
 * `connect_conversation` with `async_converse` over several connections, or `dialer`, which does all of it;
 *   @li an error occurred, or `options.timeout` was over.
 *
 * It is composed of calls to the stream's `async_write_some` and, for sockets, `async_wait`, otherwise
 * `async_read_some`; the program must not read from or write to the stream until it completes.
 *
 * @param stream Connected to the proxy: a socket, an `ssl::stream`, any AsyncReadStream and AsyncWriteStream.
 * Must stay valid until the completion.
 * @param target Where the tunnel shall lead; copied.
 * @param options Copied as far as needed.
 * @param token The completion token. Whether or not the operation completes at once, the handler is not
 * called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,        // what connect_conversation reports; errc::handshake_timeout,
 *                         // errc::authentication_timeout, or operation_aborted
 *   connect_reply reply   // the proxy's answer as far as it came, after a refusal with its content
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total, all with the effect of terminal: the operation ends with `operation_aborted`,
 * and part of the exchange may have taken place.
 *
 * @par Example
 * @code
 * viaduct::async_connect_tunnel(socket, {"broker.example", 8883}, {}, [&](auto ec, viaduct::connect_reply
 * reply) { if (ec) report(ec, reply.status); else tls.async_handshake(...);
 * });
 * @endcode
 */
template <class AsyncStream, class CompletionToken>
auto async_connect_tunnel(AsyncStream& stream, authority const& target, connect_options const& options,
                          CompletionToken&& token)
{
    return detail::async_stable<detail::connect_tunnel_op<AsyncStream>, void(error_code, connect_reply)>(
        std::forward<CompletionToken>(token), &stream, target, options);
}

/// The same with blocking calls, and without a clock: use the asynchronous form where one matters.
/** @param ec Set as in the completion of `async_connect_tunnel`. */
template <class SyncStream>
connect_reply connect_tunnel(SyncStream& stream, authority const& target, connect_options const& options,
                             error_code& ec)
{
    connect_conversation conversation{target, options};
    ec = converse(stream, conversation);
    return std::move(conversation.reply());
}

/// The same with the failure as an exception.
/** @throws connect_error */
template <class SyncStream>
connect_reply connect_tunnel(SyncStream& stream, authority const& target, connect_options const& options = {})
{
    error_code ec;
    auto reply = connect_tunnel(stream, target, options, ec);
    if (ec) throw connect_error({ec, {.phase = dial_phase::handshake, .reply = std::move(reply)}});
    return reply;
}

} // namespace viaduct

#endif
