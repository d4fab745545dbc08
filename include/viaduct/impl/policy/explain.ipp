#ifndef VIADUCT_IMPL_POLICY_EXPLAIN_IPP
#define VIADUCT_IMPL_POLICY_EXPLAIN_IPP

#include <viaduct/policy/explain.hpp>

#include <utility>

namespace viaduct {
namespace detail {

/// Asks a rule as `access_rule::ask` does, and writes down what its ACLs say.
[[nodiscard]] inline acl_answer ask_and_tell(access_rule const& rule, acl_inquiry& inquiry,
                                             explained_rule& told)
{
    told.text = rule.text;
    told.origin = rule.origin;
    for (auto const& term : rule.terms) {
        auto const said = term.ask(inquiry);
        told.terms.push_back({term.text(), said, term.what->type()});
        if (said != acl_answer::match) return said;
    }
    return acl_answer::match;
}

[[nodiscard]] inline std::string with_origin(std::string_view origin, std::string_view rule)
{
    return origin.empty() ? std::string{rule} : std::string{origin}.append(": ").append(rule);
}

[[nodiscard]] inline std::string outcome_text(verdict const& outcome)
{
    switch (outcome.what) {
    case verdict::kind::allow: return "allowed";
    case verdict::kind::deny: return outcome.challenge ? "denied, with a challenge" : "denied";
    case verdict::kind::wants_user: return "the user must be known";
    case verdict::kind::wants_addresses: return "the addresses of the target must be known";
    default: return "the helper of " + std::string{outcome.wanted} + " must be asked";
    }
}

} // namespace detail

VIADUCT_DECL std::string explanation::text() const
{
    std::string out;
    for (auto const& rule : rules) {
        out += detail::with_origin(rule.origin, rule.text) + '\n';
        for (auto const& term : rule.terms)
            out.append("    ").append(term.text).append(" (").append(term.type).append(") ").append(
                to_string(term.said)) += '\n';
    }
    out += "=> " + detail::outcome_text(outcome);
    auto const* const how = outcome.is_final() ? " by " : " for ";
    if (!outcome.rule.empty()) return out + how + detail::with_origin(outcome.origin, outcome.rule) + '\n';
    return out + (rules.empty() ? ": there is no rule\n"
                                : ": no rule matches, and this is the opposite of the last\n");
}

VIADUCT_DECL explanation explain(access_list const& rules, request_facts const& facts)
{
    explanation result;
    acl_inquiry inquiry{facts};
    for (auto const& rule : rules.rules()) {
        auto& told = result.rules.emplace_back();
        auto const said = detail::ask_and_tell(rule, inquiry, told);
        if (said == acl_answer::no_match) continue;
        told.decided = true;
        result.outcome = detail::verdict_of(&rule, rule.action, said, inquiry);
        return result;
    }
    result.outcome =
        detail::verdict_of(nullptr, detail::default_of(rules.rules()), acl_answer::match, inquiry);
    return result;
}

} // namespace viaduct

#endif
