#ifndef VIADUCT_POLICY_EXPLAIN_HPP
#define VIADUCT_POLICY_EXPLAIN_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/policy/access_list.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// What one ACL of a rule said.
struct explained_term
{
    std::string text{}; ///< As it stands in the rule: `!SSL_ports`.
    acl_answer said{};  ///< With its `!` taken into account.
    std::string type{}; ///< `port`
};

/// What one rule said.
struct explained_rule
{
    std::string text{};
    std::string origin{};
    std::vector<explained_term> terms{}; ///< Those that were asked: up to the first that does not match.
    bool decided = false;
};

/// Why a request is allowed or denied, or what has to be known first.
struct explanation
{
    std::vector<explained_rule> rules{}; ///< Up to the one that decided.
    verdict outcome{};                   ///< What `decide` says; points into the list.

    /// All of it for people, in lines that end in LF:
    /**
     *     squid.conf:6: deny CONNECT !SSL_ports
     *         CONNECT (method) matches
     *         !SSL_ports (port) does not match
     *     squid.conf:9: allow all
     *         all (src) matches
     *     => allowed by squid.conf:9: allow all
     */
    [[nodiscard]] VIADUCT_DECL std::string text() const;
};

/// Decides as `access_list::decide` does, and says why.
/** Thread safety as there. */
[[nodiscard]] VIADUCT_DECL explanation explain(access_list const& rules, request_facts const& facts);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/policy/explain.ipp>
#endif

#endif
