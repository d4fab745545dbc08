#ifndef VIADUCT_SERVER_EGRESS_HPP
#define VIADUCT_SERVER_EGRESS_HPP

#include <viaduct/net/connect_any.hpp>
#include <viaduct/net/system_resolver.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/server/address_guard.hpp>
#include <viaduct/server/port_policy.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace viaduct {

/// How tunnels leave: who may go where, how the way is found, and how long everything may take.
/** Shared by all tunnels of a server, and not changed while they run. */
struct egress
{
    port_policy ports{};
    address_guard guard{};
    std::chrono::milliseconds resolve_timeout = std::chrono::seconds{5};
    connect_clocks clocks{};
    relay_options relay{};
    std::shared_ptr<viaduct::resolver> resolver = std::make_shared<system_resolver>(); ///< Never null.
};

/// Keeps the endpoints that the guard allows, in their order.
/** Dial nothing else: an address that was looked up again is another address. */
[[nodiscard]] inline std::vector<net::ip::tcp::endpoint>
allowed_endpoints(std::vector<net::ip::tcp::endpoint> found, address_guard const& guard)
{
    std::erase_if(found, [&](auto const& endpoint) { return !guard.allows(endpoint); });
    return found;
}

} // namespace viaduct

#endif
