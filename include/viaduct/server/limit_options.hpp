#ifndef VIADUCT_SERVER_LIMIT_OPTIONS_HPP
#define VIADUCT_SERVER_LIMIT_OPTIONS_HPP

#include <viaduct/relay/relay_options.hpp>
#include <viaduct/server/request_bucket.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace viaduct {

/// How fast octets may go each way.
struct two_way_rate
{
    rate_limit up{};   ///< From the client.
    rate_limit down{}; ///< To the client.
};

/// How much of a proxy one may have, and all together. Zero means no limit, unless said otherwise.
struct limit_options
{
    std::size_t tunnels = 0;                 ///< Requests and tunnels at a time, in all.
    std::size_t tunnels_per_client = 0;      ///< The same of one client.
    std::size_t tunnels_per_user = 0;        ///< Of one user, wherever it comes from.
    std::size_t tunnels_per_destination = 0; ///< To one host, whatever the port.

    request_rate new_per_client{}; ///< New tunnels of one client.
    request_rate new_in_all{};     ///< New tunnels of all clients.

    two_way_rate rate_per_tunnel{};
    two_way_rate rate_per_client{}; ///< Of all its tunnels together; so are the next ones.
    two_way_rate rate_per_user{};
    two_way_rate rate_in_all{};

    std::uint64_t quota_per_client = 0;                         ///< Octets in a period, both ways together.
    std::uint64_t quota_per_user = 0;                           ///< The same of a user.
    std::chrono::seconds quota_period = std::chrono::hours{24}; ///< From the first octet; zero for ever.

    unsigned ipv4_prefix = 32; ///< Clients whose addresses begin with the same bits are one, up to 32.
    unsigned ipv6_prefix = 64; ///< The same, up to 128. A network of IPv6 hands out no less than 64.

    /// Clients, users and hosts that are remembered, of each kind. Those that nothing is served to are
    /// forgotten when there are more, the one that left first before others, and with it what it has used of
    /// its rates and its quota. Those being served are never forgotten. Zero is as few as can be.
    std::size_t max_tracked = 65'536;

    /// When to come again, for those who are refused because others have not left yet.
    std::chrono::seconds retry_after = std::chrono::seconds{5};
};

} // namespace viaduct

#endif
