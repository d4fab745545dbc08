#ifndef VIADUCT_SERVER_READ_REQUEST_HPP
#define VIADUCT_SERVER_READ_REQUEST_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/read_request_op.hpp>
#include <viaduct/server/connect_request.hpp>

namespace viaduct {

/// Reads one CONNECT request from a stream: the form for those who have their own listener.
/**
 * The operation ends when one of these is true:
 *
 *   @li a valid CONNECT was read. It is unanswered, and nothing beyond its head has been read, on any stream;
 *   @li something else was read, or the time for the head was over. Then the one answer to it has been
 * written, and the connection is to be closed (RFC 9931): see `async_linger_close`;
 *   @li the stream ended, or failed.
 *
 * @param stream Any AsyncReadStream and AsyncWriteStream; must stay valid, and be used by nobody else, until
 * the completion.
 * @param options Copied.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,            // one of the errors about targets and heads; errc::head_timeout;
 *                             // errc::client_closed_before_head; of the stream; operation_aborted
 *   connect_request request   // after an error as much as could be read, for the log
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total, all with the effect of terminal: close the stream.
 */
template <class AsyncStream, class CompletionToken>
auto async_read_request(AsyncStream& stream, request_options const& options, CompletionToken&& token)
{
    return detail::async_stable<detail::read_request_op<AsyncStream>, void(error_code, connect_request)>(
        std::forward<CompletionToken>(token), &stream, options);
}

} // namespace viaduct

#endif
