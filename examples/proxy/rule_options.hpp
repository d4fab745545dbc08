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

/// Who may go where, and who goes through parents: Squid's directives, one value each.
class rule_options
{
public:
    void declare(CLI::App& app);

    /// Makes the rules.
    /** @param wants_users Whether there is a way to prove who one is, so that rules of ours ask for it. */
    void apply(proxy_options& to, bool wants_users);

    /// The rules, also where none were written: then those that come to the same.
    [[nodiscard]] std::shared_ptr<viaduct::policy> const& rules() const noexcept { return rules_; }

private:
    void add_acls();
    void add_rules(viaduct::access_list& list, std::vector<std::string> const& values, char const* flag);
    void add_port_rule();
    void add_default_rules(bool wants_users);

    std::vector<std::string> allow_ports_;
    std::vector<std::string> allow_destinations_;
    std::vector<std::string> nat64_;
    std::vector<std::string> acls_;
    std::vector<std::string> helpers_;
    std::vector<std::string> http_access_;
    std::vector<std::string> report_only_;
    std::vector<std::string> never_direct_;
    std::vector<std::string> always_direct_;
    viaduct::port_policy ports_;
    viaduct::acl_set own_; // what our own rules are made of
    std::shared_ptr<viaduct::policy> rules_ = std::make_shared<viaduct::policy>();
};

/// Adds the rule that a value says: `allow|deny [!]ACL...`.
void add_rule(viaduct::access_list& list, viaduct::acl_set const& acls, std::string_view flag,
              std::string_view value, std::vector<std::string> const& words);

} // namespace viaduct_proxy

#endif
