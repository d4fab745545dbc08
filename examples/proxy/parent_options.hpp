#ifndef VIADUCT_EXAMPLES_PROXY_PARENT_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_PARENT_OPTIONS_HPP

#include "flag_group.hpp"
#include "parent_values.hpp"
#include "proxy_options.hpp"
#include <viaduct/policy/policy.hpp>
#include <viaduct/server/parents.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

class directive_match;

/// Proxies that requests are passed on to.
class parent_options
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);

    /// @param rules Get the rules of each parent.
    void apply(proxy_options& to, std::shared_ptr<viaduct::policy> const& rules) const;

private:
    [[nodiscard]] std::vector<typed_parent> read_all() const;
    void add_access(std::vector<viaduct::parent>& all, std::shared_ptr<viaduct::policy> const& rules) const;
    void read_routing(viaduct::routing_rules& to) const;
    [[nodiscard]] viaduct::dialer_options make_dialling(std::vector<typed_parent> const& all,
                                                        proxy_options const& to) const;

    std::vector<typed> peers_;
    std::vector<typed_parent> squid_peers_;
    std::vector<typed> access_;
    std::optional<typed> ca_;
    setting<bool> negotiate_;
    setting<bool> prefer_direct_;
    typed nonhierarchical_direct_{"on", {}, {}, {}};
};

} // namespace viaduct_proxy

#endif
