#ifndef VIADUCT_IMPL_POLICY_ACCESS_LIST_IPP
#define VIADUCT_IMPL_POLICY_ACCESS_LIST_IPP

#include <viaduct/impl/policy/rule_index.hpp>
#include <viaduct/policy/access_list.hpp>

#include <algorithm>
#include <utility>

namespace viaduct {
namespace detail {

[[nodiscard]] inline std::string text_of(access_rule const& rule)
{
    std::string text = rule.action == rule_action::allow ? "allow" : "deny";
    for (auto const& term : rule.terms)
        text += ' ' + term.text();
    return text;
}

[[nodiscard]] inline verdict::kind kind_of(rule_action action) noexcept
{
    return action == rule_action::allow ? verdict::kind::allow : verdict::kind::deny;
}

[[nodiscard]] inline acl_problem asked_too_early(std::size_t word, acl_term const& term)
{
    return {word, '"' + term.what->name() + "\" asks how the request ended (" + term.what->type() + ')',
            "nobody knows that when rules are asked: access_log takes it"};
}

[[nodiscard]] inline bool refuse_rule(acl_problem& problem, acl_problem what)
{
    problem = std::move(what);
    return false;
}

VIADUCT_DECL verdict verdict_of(access_rule const* rule, rule_action action, acl_answer answer,
                                acl_inquiry const& inquiry)
{
    verdict said;
    if (rule != nullptr) {
        said.rule = rule->text;
        said.origin = rule->origin;
    }
    switch (answer) {
    case acl_answer::wants_user: said.what = verdict::kind::wants_user; break;
    case acl_answer::wants_addresses: said.what = verdict::kind::wants_addresses; break;
    case acl_answer::wants_answer:
        said.what = verdict::kind::wants_answer;
        said.wanted = inquiry.last->name();
        break;
    case acl_answer::needs_credentials: said.challenge = true; break; // and `deny`, whatever the rule says
    default:
        said.what = kind_of(action);
        said.challenge = action == rule_action::deny && inquiry.last != nullptr && inquiry.last->challenges();
    }
    return said;
}

VIADUCT_DECL rule_action default_of(std::vector<access_rule> const& rules) noexcept
{
    bool const allows = !rules.empty() && rules.back().action == rule_action::deny;
    return allows ? rule_action::allow : rule_action::deny;
}

/// As many are asked as quickly as looked up.
inline constexpr std::size_t few_rules = 8;

[[nodiscard]] inline verdict decide_by(rule_index const& index, std::vector<access_rule> const& rules,
                                       acl_inquiry& inquiry)
{
    rule_walk walk{index, inquiry.facts};
    for (auto at = walk.next(); at < rules.size(); at = walk.next())
        if (auto const said = rules[at].ask(inquiry); said != acl_answer::no_match)
            return verdict_of(&rules[at], rules[at].action, said, inquiry);
    return verdict_of(nullptr, default_of(rules), acl_answer::match, inquiry);
}

} // namespace detail

VIADUCT_DECL acl_answer access_rule::ask(acl_inquiry& inquiry) const
{
    for (auto const& term : terms)
        if (auto const said = term.ask(inquiry); said != acl_answer::match) return said;
    return acl_answer::match;
}

VIADUCT_DECL bool access_list::add(std::vector<std::string> const& words, acl_set const& acls,
                                   acl_problem& problem, std::string origin)
{
    if (words.empty() || (words[0] != "allow" && words[0] != "deny"))
        return detail::refuse_rule(problem, {0, "a rule begins with allow or deny", {}});
    // Squid passes over such a rule; whoever wrote it thinks that it does something.
    if (words.size() == 1) return detail::refuse_rule(problem, {1, "a rule needs an ACL", "such as all"});
    access_rule rule;
    rule.action = words[0] == "allow" ? rule_action::allow : rule_action::deny;
    rule.origin = std::move(origin);
    for (std::size_t i = 1; i < words.size(); ++i) {
        acl_problem wrong;
        auto term = acls.read_term(words[i], wrong);
        if (!term.what) return detail::refuse_rule(problem, {i, wrong.what, wrong.hint});
        if (term.what->asks_outcome()) return detail::refuse_rule(problem, detail::asked_too_early(i, term));
        rule.terms.push_back(std::move(term));
    }
    add(std::move(rule));
    return true;
}

VIADUCT_DECL void access_list::add(access_rule rule)
{
    if (rule.text.empty()) rule.text = detail::text_of(rule);
    rules_.push_back(std::move(rule));
    index_.reset();
}

VIADUCT_DECL void access_list::index_rules()
{
    index_.reset();
    if (rules_.size() < detail::few_rules) return;
    auto const made = std::make_shared<detail::rule_index const>(rules_);
    if (made->saves() >= detail::few_rules) index_ = made;
}

VIADUCT_DECL verdict access_list::decide(request_facts const& facts) const
{
    acl_inquiry inquiry{facts};
    if (index_ && index_->is_current()) return detail::decide_by(*index_, rules_, inquiry);
    for (auto const& rule : rules_)
        if (auto const said = rule.ask(inquiry); said != acl_answer::no_match)
            return detail::verdict_of(&rule, rule.action, said, inquiry);
    return detail::verdict_of(nullptr, detail::default_of(rules_), acl_answer::match, inquiry);
}

VIADUCT_DECL bool access_list::asks_user() const noexcept
{
    return std::any_of(rules_.begin(), rules_.end(), [](auto const& rule) {
        return std::any_of(rule.terms.begin(), rule.terms.end(),
                           [](auto const& term) { return term.what->asks_user(); });
    });
}

} // namespace viaduct

#endif
