#ifndef VIADUCT_NET_CONNECT_ANY_HPP
#define VIADUCT_NET_CONNECT_ANY_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/connect_any_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/connect_clocks.hpp>
#include <viaduct/net/connect_listener.hpp>
#include <viaduct/net/outgoing_socket.hpp>

#include <utility>
#include <vector>

namespace viaduct {

/// Connects a socket to one of several addresses: to the one that answers first, with a lead for those in
/// front (RFC 8305).
/**
 * The families take turns (`interleave_families`). The next address is tried as soon as one has failed, or
 * when none has answered for `connect_clocks::stagger`; those before are still waited for, at most
 * `connect_race::max_under_way` at once. The first attempt is made on the caller's socket and costs no other.
 *
 * @param socket Closed, and opened anew; must stay valid until the completion, on one thread or one strand.
 * Connected after a success, whichever attempt was the first; options that had been set are lost. Closed
 * after an error.
 * @param endpoints Where to connect; copied.
 * @param clocks For one attempt, for all, and between two.
 * @param from What each attempt leaves with; copied.
 * @param listener Hears of each attempt; must live until the completion. May be null.
 * @param token The completion token; the handler is not called from within this function, and not before the
 * last attempt has ended.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,                    // of the attempt that failed last: the system's, or
 *                                     // errc::connect_timeout; the latter, too, when the time for all was
 *                                     // over; net::error::not_found without any endpoint;
 *                                     // operation_aborted after a cancellation
 *   net::ip::tcp::endpoint endpoint   // the one that answered; the one that failed last; after a
 *                                     // cancellation, the one tried last
 * ) @endcode
 * An attempt that cannot even begin, for want of a descriptor or of a route, or because its address is not
 * ours or its mark is not allowed, has failed like any other.
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total: all attempts under way are ended, and the socket closed.
 */
template <class CompletionToken>
auto async_connect_any(net::ip::tcp::socket& socket, std::vector<net::ip::tcp::endpoint> endpoints,
                       connect_clocks clocks, outgoing_socket const& from, connect_listener* listener,
                       CompletionToken&& token)
{
    return detail::async_stable<detail::connect_any_op, void(error_code, net::ip::tcp::endpoint)>(
        std::forward<CompletionToken>(token), &socket, std::move(endpoints), clocks, from, listener);
}

/// The same, with what the system chooses to leave with.
template <class CompletionToken>
auto async_connect_any(net::ip::tcp::socket& socket, std::vector<net::ip::tcp::endpoint> endpoints,
                       connect_clocks clocks, connect_listener* listener, CompletionToken&& token)
{
    return async_connect_any(socket, std::move(endpoints), clocks, outgoing_socket{}, listener,
                             std::forward<CompletionToken>(token));
}

/// The same, with nobody to hear of the attempts.
template <class CompletionToken>
auto async_connect_any(net::ip::tcp::socket& socket, std::vector<net::ip::tcp::endpoint> endpoints,
                       connect_clocks clocks, CompletionToken&& token)
{
    return async_connect_any(socket, std::move(endpoints), clocks, nullptr,
                             std::forward<CompletionToken>(token));
}

} // namespace viaduct

#endif
