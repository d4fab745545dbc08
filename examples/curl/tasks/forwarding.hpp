#ifndef VIADUCT_CURL_TASKS_FORWARDING_HPP
#define VIADUCT_CURL_TASKS_FORWARDING_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/http/authority.hpp>

#include <string_view>

namespace viaduct_curl {

/// A local port, and where it leads.
struct forwarding
{
    viaduct::net::ip::tcp::endpoint listen; // port 0: the system chooses one
    viaduct::authority target;
};

/// Reads `[ADDRESS:]LOCALPORT:HOST:PORT`; without an address it is the loopback interface's.
/** IPv6 addresses have brackets. The address may be `localhost`, or `*` for all interfaces.
 * @throws failure with 2 that names what was given. */
[[nodiscard]] forwarding read_forwarding(std::string_view text);

} // namespace viaduct_curl

#endif
