#ifndef VIADUCT_EXAMPLES_PROXY_PARENT_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_PARENT_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"
#include <viaduct/policy/policy.hpp>
#include <viaduct/server/parents.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// Proxies that requests are passed on to.
class parent_options
{
public:
    void declare(CLI::App& app);

    /// @param rules Get the rules of each parent.
    void apply(proxy_options& to, std::shared_ptr<viaduct::policy> const& rules) const;

private:
    void add_access(std::vector<viaduct::parent>& all, std::shared_ptr<viaduct::policy> const& rules) const;
    void read_routing(viaduct::routing_rules& to) const;
    [[nodiscard]] viaduct::dialer_options make_dialling(std::vector<viaduct::parent> const& all,
                                                        viaduct::egress const& way) const;

    std::vector<std::string> peers_;
    std::vector<std::string> access_;
    std::optional<std::string> ca_;
    bool negotiate_ = false;
    bool prefer_direct_ = false;
    std::string nonhierarchical_direct_ = "on";
};

} // namespace viaduct_proxy

#endif
