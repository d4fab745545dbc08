#ifndef VIADUCT_EXAMPLES_PROXY_DELAY_POOL_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_DELAY_POOL_OPTIONS_HPP

#include "proxy_options.hpp"
#include "settings.hpp"
#include <viaduct/policy/acl_set.hpp>
#include <viaduct/server/delay_pools.hpp>

#include <cstddef>
#include <vector>

namespace viaduct_proxy {

class directive_match;

/// Squid's `delay_pools`, which have no flags; `--rate-per-client` and its sisters do more for less.
class delay_pool_options
{
public:
    void take(directive_match& line);

    /// @param acls Those that `delay_access` may name.
    void apply(proxy_options& to, viaduct::acl_set const& acls) const;

private:
    struct pool
    {
        unsigned pool_class = 0; // 0: none was written
        viaduct::delay_pool made{};
    };

    [[nodiscard]] pool& find(std::vector<pool>& all, typed const& what, std::string const& number) const;
    void read_class(std::vector<pool>& all, typed const& what) const;
    void read_parameters(std::vector<pool>& all, typed const& what) const;
    void read_access(std::vector<pool>& all, typed const& what, viaduct::acl_set const& acls) const;

    setting<std::size_t> count_;
    setting<std::size_t> initial_level_{50, {}, {}, {}};
    std::vector<typed> classes_;
    std::vector<typed> parameters_;
    std::vector<typed> access_;
};

} // namespace viaduct_proxy

#endif
