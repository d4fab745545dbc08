#ifndef VIADUCT_POLICY_ACCESS_LIST_HPP
#define VIADUCT_POLICY_ACCESS_LIST_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/policy/acl_set.hpp>
#include <viaduct/policy/verdict.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

namespace detail {
class rule_index;
}

/// What a rule does with the requests that all its ACLs match.
enum class rule_action : unsigned char
{
    allow,
    deny
};

/// One rule: `allow` or `deny`, and the ACLs that must match, all of them.
struct access_rule
{
    rule_action action = rule_action::deny;
    std::vector<acl_term> terms{};
    std::string text{};   ///< As it is written: `deny CONNECT !SSL_ports`.
    std::string origin{}; ///< Where it is written: `squid.conf:12`; may be empty.

    /// Asks the ACLs from left to right, and none after the first that does not match.
    [[nodiscard]] VIADUCT_DECL acl_answer ask(acl_inquiry& inquiry) const;
};

/// Rules in order, of which the first that matches decides: the `http_access` lines of a squid.conf.
/**
 * The same list serves for every directive of Squid that takes `allow` or `deny` and ACLs:
 * `cache_peer_access`, `never_direct`, `always_direct`, `delay_access`. Where no rule matches, the answer is
 * the opposite of the last rule, as in Squid, and `deny` where there is no rule at all; what another
 * directive does without any rule is for whoever asks `empty` first.
 *
 * Who the user is (Squid's logic): a rule that asks it of a client without credentials that hold denies with
 * a challenge, whether it is an `allow` or a `deny` and with or without a `!`, since nobody can tell. Where a
 * request is denied and the ACL that was asked last is of users (`proxy_auth`, `proxy_auth_regex`, `external`
 * with a helper that is told the user), other credentials may help, and it is a challenge too. So a
 * `deny !staff` asks a client again and again, and a `deny !staff all` does not.
 *
 * Copyable; the ACLs are shared with their `acl_set`, and live as long as either. Distinct objects: safe.
 * Shared objects: safe while neither the list nor its ACLs are added to.
 */
class access_list
{
public:
    /// Adds the rule of one line at the end.
    /**
     * @param words `allow` or `deny`, then ACLs, each perhaps with a `!`; at least one of them. Those that
     * ask how the request ended (`acl::asks_outcome`) are refused.
     * @param acls Where the ACLs are found.
     * @param problem Where the answer is false: what is wrong, and with which word.
     * @param origin Where the rule is written, for logs and explanations.
     * @return Whether the line was taken; if not, nothing has changed.
     */
    [[nodiscard]] VIADUCT_DECL bool add(std::vector<std::string> const& words, acl_set const& acls,
                                        acl_problem& problem, std::string origin = {});

    /// Adds a rule of the program's own; its text is made from its terms if it is empty.
    VIADUCT_DECL void add(access_rule rule);

    /// Makes `decide` quick, however many rules there are.
    /**
     * To be called when the list and its ACLs are complete. From then on a rule is asked only if the host,
     * a port or an address that it wants is that of the request, and thousands of them cost what a few do;
     * what `decide` says is the same. A few rules are quick as they are, and nothing is made of them.
     *
     * What is added later counts all the same: a rule undoes this, and so does an ACL that is given more
     * values, until it is called again. Reads the ACLs, and has them tell: as unsafe as adding to them.
     */
    VIADUCT_DECL void index_rules();

    /// Says what the rules make of a request.
    /**
     * Allocates nothing, unless an ACL of regular expressions or of names in any case is asked, or one of
     * the program's own does. What the verdict points at belongs to the list.
     */
    [[nodiscard]] VIADUCT_DECL verdict decide(request_facts const& facts) const;

    [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }
    [[nodiscard]] std::vector<access_rule> const& rules() const noexcept { return rules_; }

    /// Whether any rule may ask who the client is, so that credentials make a difference at all.
    [[nodiscard]] VIADUCT_DECL bool asks_user() const noexcept;

private:
    std::vector<access_rule> rules_;
    std::shared_ptr<detail::rule_index const> index_; // null: all rules are asked in order
};

namespace detail {

/// What the answer of a rule, or that no rule matched, makes of a request.
/** @param rule Null if no rule matched. */
[[nodiscard]] VIADUCT_DECL verdict verdict_of(access_rule const* rule, rule_action action, acl_answer answer,
                                              acl_inquiry const& inquiry);

/// The answer where no rule matches.
[[nodiscard]] VIADUCT_DECL rule_action default_of(std::vector<access_rule> const& rules) noexcept;

} // namespace detail
} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/policy/access_list.ipp>
#endif

#endif
