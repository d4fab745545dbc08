#ifndef VIADUCT_NET_SYSTEM_RESOLVER_HPP
#define VIADUCT_NET_SYSTEM_RESOLVER_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/lookup.hpp>
#include <viaduct/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace viaduct {

/// The system's name service (`getaddrinfo`), made cancellable.
/**
 * Asio's own resolver has one thread a context and cannot give up a look-up that hangs. This one has several
 * threads, and a look-up that was cancelled is forgotten: its thread goes on until the system answers, but
 * nobody waits for it.
 *
 * Distinct objects: safe. Shared objects: safe, the destructor excepted. Destroying the resolver does not
 * wait for look-ups under way and does not cancel their operations.
 */
class system_resolver
{
public:
    /// @param threads How many look-ups may run at once, those that hang included; threads are started when
    /// first needed.
    explicit system_resolver(std::size_t threads = 16) : pool_{std::make_shared<detail::lookup_pool>(threads)}
    {}

    /// Finds the addresses of a host.
    /**
     * An address in text form is not looked up. The order of the addresses is the system's (RFC 6724).
     *
     * @param executor Where the operation runs.
     * @param host A DNS name or an address without brackets; copied.
     * @param port Goes into the endpoints.
     * @param token The completion token; the handler is not called from within this function.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec,                             // of the name service (net::error::host_not_found, ...)
     *   std::vector<net::ip::tcp::endpoint> found  // not empty if there is no error
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: the operation ends with `operation_aborted` at once.
     */
    template <class CompletionToken>
    auto async_resolve(net::any_io_executor executor, std::string host, std::uint16_t port,
                       CompletionToken&& token)
    {
        return net::async_compose<CompletionToken, void(error_code, std::vector<net::ip::tcp::endpoint>)>(
            detail::lookup_op{pool_, executor, std::move(host), port}, token, executor);
    }

private:
    std::shared_ptr<detail::lookup_pool> pool_;
};

} // namespace viaduct

#endif
