#ifndef VIADUCT_NET_CONNECT_LISTENER_HPP
#define VIADUCT_NET_CONNECT_LISTENER_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

namespace viaduct {

/// Hears of each address that is tried, and of each that fails.
/**
 * Of an attempt that ends because another one was first, or because the operation was cancelled, no failure
 * is told; the one that answers is the outcome of the operation.
 *
 * Called where the operation runs, from within it: nothing called here may start or end that operation.
 */
class connect_listener
{
public:
    virtual ~connect_listener() = default;

    /// An attempt begins.
    virtual void on_attempt(net::ip::tcp::endpoint const& endpoint) noexcept = 0;

    /// An attempt has failed with the system's error, or with `errc::connect_timeout`.
    virtual void on_failed(net::ip::tcp::endpoint const& endpoint, error_code ec) noexcept = 0;
};

} // namespace viaduct

#endif
