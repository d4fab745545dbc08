#ifndef VIADUCT_NET_ASYNC_RESOLVE_HPP
#define VIADUCT_NET_ASYNC_RESOLVE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/resolve_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/resolver.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace viaduct {

/// Finds the addresses of a host.
/**
 * An address in text form is not looked up. There is no clock in it: see `async_with_deadline`.
 *
 * @param service Whom to ask; must live until the operation has begun, which is within this function unless
 * the token defers it. What its answers are worth, and whether they come after its end, is its own matter.
 * @param executor Where the operation runs.
 * @param host A DNS name or an address without brackets; copied.
 * @param port Goes into the endpoints.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,                             // of the name service (net::error::host_not_found, ...);
 *                                              // operation_aborted after a cancellation
 *   std::vector<net::ip::tcp::endpoint> found  // in the order of the name service; not empty if there is no
 *                                              // error
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total: the operation ends with `operation_aborted` at once, whatever the name service
 * does.
 */
template <class CompletionToken>
auto async_resolve(resolver& service, net::any_io_executor executor, std::string host, std::uint16_t port,
                   CompletionToken&& token)
{
    using found = std::vector<net::ip::tcp::endpoint>;
    return detail::async_stable<detail::resolve_op<false>, void(error_code, found)>(
        std::forward<CompletionToken>(token), &service, std::move(executor), std::move(host), port,
        static_cast<found*>(nullptr));
}

} // namespace viaduct

#endif
