#ifndef VIADUCT_EXAMPLES_PROXY_RULE_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_RULE_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"
#include <viaduct/policy/policy.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct_proxy {

class directive_match;

/// Who may go where, and who goes through parents: Squid's directives, one value each.
class rule_options
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);
    void assume_squid();

    /// Makes the rules.
    /** @param wants_users Whether there is a way to prove who one is, so that rules of ours ask for it. */
    void apply(proxy_options& to, bool wants_users);

    /// Refuses rules that ask who the client is where nothing can tell.
    void check_users(bool can_tell) const;

    /// The rules, also where none were written: then those that come to the same.
    [[nodiscard]] std::shared_ptr<viaduct::policy> const& rules() const noexcept { return rules_; }

private:
    [[nodiscard]] viaduct::address_guard make_guard() const;
    void add_acls();
    void add_acl(typed const& what);
    void add_rules(viaduct::access_list& list, std::vector<typed> const& values);
    void add_port_rule();
    void add_default_rules(bool wants_users);

    std::vector<typed> allow_ports_;
    std::vector<typed> allow_destinations_;
    std::vector<typed> nat64_;
    std::vector<typed> acls_;
    std::vector<typed> helpers_;
    std::vector<typed> http_access_;
    std::vector<typed> report_only_;
    std::vector<typed> never_direct_;
    std::vector<typed> always_direct_;
    std::vector<typed> http_reply_access_; // checked, and nothing else
    typed guard_{"on", {}, {}, {}};
    bool is_squid_ = false;
    viaduct::port_policy ports_;
    viaduct::acl_set own_; // what our own rules are made of
    std::shared_ptr<viaduct::policy> rules_ = std::make_shared<viaduct::policy>();
};

/// Adds the rule that a value says: `allow|deny [!]ACL...`.
void add_rule(viaduct::access_list& list, viaduct::acl_set const& acls, typed const& what,
              std::vector<std::string> const& words);

} // namespace viaduct_proxy

#endif
