#ifndef VIADUCT_SERVER_EGRESS_HPP
#define VIADUCT_SERVER_EGRESS_HPP

#include <viaduct/log/record_wishes.hpp>
#include <viaduct/net/connect_clocks.hpp>
#include <viaduct/net/resolver.hpp>
#include <viaduct/net/tcp_liveness.hpp>
#include <viaduct/policy/policy.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/server/address_guard.hpp>
#include <viaduct/server/authentication.hpp>
#include <viaduct/server/delay_pools.hpp>
#include <viaduct/server/limits.hpp>
#include <viaduct/server/outgoing_rules.hpp>
#include <viaduct/server/parent_way.hpp>
#include <viaduct/server/port_policy.hpp>
#include <viaduct/server/routing.hpp>
#include <viaduct/server/status_profile.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace viaduct {

class external_acl;

/// What becomes of a connection whose request has been refused.
enum class reject_policy : unsigned char
{
    close, ///< It is closed, as RFC 9931 demands: what a client has sent early is never taken for a request.

    /// After a 407 of a scheme that needs several requests on one connection (NTLM, Negotiate), the next one
    /// may come on it, if nothing lay behind the first.
    keep_alive_where_needed,

    /// The same after every 407. A client that sends payload behind its CONNECT before it has the answer can
    /// be made to send a request there: only for clients that one trusts not to.
    keep_alive_for_407
};

/// How tunnels leave: who may go where, how the way is found, and how long everything may take.
/**
 * A snapshot: all tunnels of a server share it, and it does not change while they run. A server that is told
 * of a new one goes on with that; tunnels that are open keep theirs. What lives longer than a snapshot
 * (limits, name service, credentials, parents) is shared by pointer, so that a new snapshot can go on with
 * it.
 */
struct egress
{
    /// Who may go where. Null: `ports` decides alone.
    std::shared_ptr<policy const> rules{};

    port_policy ports{};   ///< Which ports tunnels may lead to, where there are no rules.
    address_guard guard{}; ///< Which addresses they may lead to, whatever rules say.

    /// Who finds out who a client is, where rules ask for it. Null: nobody can prove it.
    std::shared_ptr<authentication> auth{};
    reject_policy rejects = reject_policy::close;

    /// The helpers of external ACLs, by the name of the helper's class.
    std::map<std::string, std::shared_ptr<external_acl>, std::less<>> externals{};

    std::shared_ptr<viaduct::limits> limits{}; ///< Null: none but the system's.

    std::shared_ptr<resolver> names{}; ///< Null: the system's name service, as all dialers ask it.
    std::chrono::milliseconds resolve_timeout = std::chrono::seconds{5};
    connect_clocks clocks{};
    relay_options relay{};

    /// How the system finds out that a target or a parent of an open tunnel is gone. For clients:
    /// `accept_options::liveness`.
    tcp_liveness liveness{};

    std::shared_ptr<parent_way> parents{}; ///< Proxies that requests may be passed on to. Null: none.
    routing_rules routing{};               ///< Which requests are.

    /// Tells this proxy from all others, so that a request that has come through it before is known
    /// (508). Goes into the Via of requests to parents; empty: no Via, and no look at it.
    std::string via_id{};

    /// What records are to hold; a service asks its log.
    record_wishes wishes = every_record_wish;

    /// Whether a client that has not proved who it is hears in Proxy-Status why it is refused.
    bool explain_to_strangers = true;

    /// With which address and which marks connections leave. Null: as the system chooses.
    std::shared_ptr<outgoing_rules const> outgoing{};

    /// Pools that hold back what tunnels bring to clients. Null: none.
    std::shared_ptr<delay_pools> delays{};

    /// Whose statuses refusals have. Those of heads that are no valid CONNECT: `request_options::statuses`.
    status_profile statuses = status_profile::standard;
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
