#ifndef VIADUCT_EXAMPLES_PROXY_LIMIT_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_LIMIT_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace viaduct_proxy {

class directive_match;

/// How much one may have of the proxy, and all together.
class limit_flags
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);
    void assume_squid();
    void apply(proxy_options& to) const;

private:
    setting<std::size_t> tunnels_;
    setting<std::size_t> per_client_;
    setting<std::size_t> per_user_;
    setting<std::size_t> per_destination_;
    std::optional<typed> new_tunnels_;
    std::optional<typed> rate_per_tunnel_;
    std::optional<typed> rate_per_client_;
    std::optional<typed> rate_per_user_;
    std::optional<typed> rate_in_all_;
    std::optional<typed> quota_per_client_;
    std::optional<typed> quota_per_user_;
    setting<double> quota_period_{86400, {}, {}, {}};
    unsigned ipv6_prefix_ = 64;
};

} // namespace viaduct_proxy

#endif
