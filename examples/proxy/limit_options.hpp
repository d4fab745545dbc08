#ifndef VIADUCT_EXAMPLES_PROXY_LIMIT_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_LIMIT_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace viaduct_proxy {

/// How much one may have of the proxy, and all together.
class limit_flags
{
public:
    void declare(CLI::App& app);
    void apply(proxy_options& to) const;

private:
    std::size_t tunnels_ = 0;
    std::size_t per_client_ = 0;
    std::size_t per_user_ = 0;
    std::size_t per_destination_ = 0;
    std::optional<std::string> new_tunnels_;
    std::optional<std::string> rate_per_tunnel_;
    std::optional<std::string> rate_per_client_;
    std::optional<std::string> rate_per_user_;
    std::optional<std::string> rate_in_all_;
    std::optional<std::string> quota_per_client_;
    std::optional<std::string> quota_per_user_;
    double quota_period_ = 86400;
};

} // namespace viaduct_proxy

#endif
