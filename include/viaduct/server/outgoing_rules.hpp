#ifndef VIADUCT_SERVER_OUTGOING_RULES_HPP
#define VIADUCT_SERVER_OUTGOING_RULES_HPP

#include <viaduct/net/outgoing_socket.hpp>
#include <viaduct/policy/acl.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace viaduct {

/// Which connections leave with which address and which marks: `tcp_outgoing_address` of a squid.conf, and
/// its sisters for TOS and mark.
/**
 * Rules in order, for each of the three by itself; of those whose terms all match, the first counts. An
 * address counts for its own family alone: the first one of IPv4 that matches, and the first one of IPv6. A
 * term that asks for something that is not known (a user, a helper's answer) does not match, negated or not:
 * nothing is found out for a rule's sake, as Squid's are of its "fast" kind too. Addresses of the target are
 * known where it is dialled, unless a parent looks them up.
 *
 * Copyable; the ACLs are shared. Distinct objects: safe. Shared objects: safe while neither the rules nor
 * their ACLs are added to.
 */
class outgoing_rules
{
public:
    /// Adds a rule at the end.
    /** @param terms All of them must match; none match always. */
    void add_address(net::ip::address_v4 address, std::vector<acl_term> terms = {})
    {
        v4_.push_back({address, std::move(terms)});
    }
    void add_address(net::ip::address_v6 address, std::vector<acl_term> terms = {})
    {
        v6_.push_back({address, std::move(terms)});
    }
    void add_tos(std::uint8_t tos, std::vector<acl_term> terms = {})
    {
        tos_.push_back({tos, std::move(terms)});
    }
    void add_mark(std::uint32_t mark, std::vector<acl_term> terms = {})
    {
        marks_.push_back({mark, std::move(terms)});
    }

    /// What a connection for this request leaves with.
    [[nodiscard]] outgoing_socket choose(request_facts const& facts) const
    {
        return {first_of(v4_, facts), first_of(v6_, facts), first_of(tos_, facts), first_of(marks_, facts)};
    }

private:
    template <class Value>
    struct rule
    {
        Value value;
        std::vector<acl_term> terms;
    };

    [[nodiscard]] static bool matches(std::vector<acl_term> const& terms, request_facts const& facts)
    {
        acl_inquiry inquiry{facts};
        for (auto const& term : terms)
            if (term.ask(inquiry) != acl_answer::match) return false;
        return true;
    }

    template <class Value>
    [[nodiscard]] static std::optional<Value> first_of(std::vector<rule<Value>> const& rules,
                                                       request_facts const& facts)
    {
        for (auto const& each : rules)
            if (matches(each.terms, facts)) return each.value;
        return std::nullopt;
    }

    std::vector<rule<net::ip::address_v4>> v4_;
    std::vector<rule<net::ip::address_v6>> v6_;
    std::vector<rule<std::uint8_t>> tos_;
    std::vector<rule<std::uint32_t>> marks_;
};

} // namespace viaduct

#endif
