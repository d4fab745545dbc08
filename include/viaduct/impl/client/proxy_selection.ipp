#ifndef VIADUCT_IMPL_CLIENT_PROXY_SELECTION_IPP
#define VIADUCT_IMPL_CLIENT_PROXY_SELECTION_IPP

#include <viaduct/client/proxy_selection.hpp>

#include <utility>

namespace viaduct {

VIADUCT_DECL proxy_list const& proxy_settings::select(authority const& target) const
{
    static proxy_list const direct{proxy_route{}};
    return explain(target) ? direct : proxies;
}

VIADUCT_DECL proxy_settings proxies_from_environment(std::string_view scheme, environment const& variables,
                                                     error_code& ec, std::string& variable)
{
    ec = {};
    variable.clear();
    proxy_settings settings;
    settings.except = no_proxy_rules{no_proxy_from_environment(variables)};
    auto found = find_proxy_variable(scheme, variables);
    if (!found) return settings;
    settings.proxies.clear();
    auto url = parse_proxy_url(found->value, 0, ec);
    if (ec) {
        variable = std::move(found->name);
        return settings;
    }
    settings.proxies.push_back(url->is_direct() ? proxy_route{} : proxy_route{std::move(*url)});
    return settings;
}

VIADUCT_DECL proxy_settings proxies_from_environment(std::string_view scheme, environment const& variables,
                                                     error_code& ec)
{
    std::string ignored;
    return proxies_from_environment(scheme, variables, ec, ignored);
}

VIADUCT_DECL proxy_settings proxies_from_environment(std::string_view scheme, environment const& variables)
{
    error_code ec;
    std::string variable;
    auto settings = proxies_from_environment(scheme, variables, ec, variable);
    if (ec) throw system_error(ec, variable);
    return settings;
}

} // namespace viaduct

#endif
