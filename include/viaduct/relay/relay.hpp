#ifndef VIADUCT_RELAY_RELAY_HPP
#define VIADUCT_RELAY_RELAY_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/relay_op.hpp>
#include <viaduct/relay/relay_options.hpp>

namespace viaduct {

/// Carries octets between two streams, both ways, until both directions have ended.
/**
 * The contract, which follows tokio's `copy_bidirectional` and adds the clocks:
 *
 *   @li the end of one stream, once everything before it has been written, becomes `shutdown_send` on the
 * other, while the opposite direction runs on; the relay completes when both directions have ended;
 *   @li a connection that is reset makes the other one reset, as far as its kind knows resets (Unix sockets
 * know none); any other error ends both directions at once;
 *   @li a slow reader holds up its writer, and nobody else: a direction holds no more than
 * `relay_options::buffer_size` tells. A stream that is not being read meanwhile is not watched either: that
 * it has broken shows when it is read or written next;
 *   @li nothing is lost, doubled or reordered before such an end.
 *
 * It is composed of calls to `async_read_some` and `async_write_some` on both streams, or, between sockets on
 * Linux, of waits and of calls on their descriptors; the program must not use them for anything else until it
 * completes. Afterwards they are good for closing only, which is left to their owner; of two sockets the one
 * that was told of the end last is closed already.
 *
 * @param a, b AsyncReadStream and AsyncWriteStream each, of any types, ready to be read; see `stream_end` for
 * what their ends mean. Must stay valid until the completion, and run their handlers on one thread or one
 * strand, where the relay begins, too.
 * @param options Clocks, memory and limits; copied. The meters are shared.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,        // none after an orderly end; of the stream that failed; errc::idle_timeout,
 *                         // half_close_timeout or lifetime_exceeded; errc::quota_exceeded, of a meter;
 *                         // operation_aborted
 *   relay_result result   // octets each way, duration, and who ended it how: valid in every case
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total, all with the effect of terminal: both directions end at once.
 *
 * @par Example
 * @code
 * viaduct::async_relay(client, origin, {}, [&](viaduct::error_code, viaduct::relay_result result) {
 *     log(result.a_to_b, result.b_to_a);
 * });
 * @endcode
 */
template <class A, class B, class CompletionToken>
auto async_relay(A& a, B& b, relay_options const& options, CompletionToken&& token)
{
    return detail::async_stable<detail::relay_op<A, B>, void(error_code, relay_result)>(
        std::forward<CompletionToken>(token), &a, &b, early_octets{}, options);
}

/// The same for streams from which something has been read already.
/**
 * @param early Delivered before anything else, each to the other stream; copied.
 */
template <class A, class B, class CompletionToken>
auto async_relay(A& a, B& b, early_octets const& early, relay_options const& options, CompletionToken&& token)
{
    return detail::async_stable<detail::relay_op<A, B>, void(error_code, relay_result)>(
        std::forward<CompletionToken>(token), &a, &b, early, options);
}

} // namespace viaduct

#endif
