#ifndef VIADUCT_POLICY_POLICY_HPP
#define VIADUCT_POLICY_POLICY_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/policy/access_list.hpp>
#include <viaduct/policy/acl_set.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace viaduct {

/// Everything that a configuration says of who may go where: its ACLs and the rules made of them.
/**
 * It is filled once and then only asked, by as many threads as one likes: `std::shared_ptr<policy const>` is
 * the form to hand it round in, and to replace it by another. Movable.
 */
struct policy
{
    acl_set acls{};
    access_list http_access{}; ///< Whether a request is served. Without a rule none is, as in Squid.

    /// Rules that are only tried: they decide nothing, and the log tells what they would have said.
    access_list report_only{};

    access_list never_direct{};  ///< Allowed: only by a parent. Without a rule: nothing is.
    access_list always_direct{}; ///< Allowed: never by a parent, whatever `never_direct` says.

    /// Other lists, by what they belong to: `cache_peer_access NAME`, `delay_access POOL`.
    std::map<std::string, access_list, std::less<>> others{};

    /// Makes all lists quick, when everything has been added; see `access_list::index_rules`.
    VIADUCT_DECL void index_rules();

    /// What `http_access` says.
    [[nodiscard]] verdict decide(request_facts const& facts) const { return http_access.decide(facts); }

    /// What `report_only` would have said, for the log.
    /**
     * To be asked when `decide` is final, with the same facts. Nothing is to be found out for its sake: where
     * the verdict is not final, what it wants was not known, and that is what the log can say.
     */
    [[nodiscard]] verdict report(request_facts const& facts) const { return report_only.decide(facts); }

    /// Whether `report` has something to say, and something else than `decide` said.
    [[nodiscard]] bool would_differ(verdict const& decided, verdict const& reported) const noexcept
    {
        return !report_only.empty() && reported.is_final() && reported.what != decided.what;
    }
};

/// The policy of a proxy that nobody has configured: everybody may ask for any host at these ports.
/**
 * In squid.conf: `acl SSL_ports port ...`, `http_access deny CONNECT !SSL_ports`, `http_access allow all`.
 * Without ports nobody may go anywhere. Where a name leads to is for an `address_guard` to judge.
 */
[[nodiscard]] VIADUCT_DECL policy make_default_policy(std::vector<std::uint16_t> const& ports = {443});

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/policy/policy.ipp>
#endif

#endif
