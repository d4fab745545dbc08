#ifndef VIADUCT_EXAMPLES_PROXY_LOG_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"
#include <viaduct/policy/acl_set.hpp>

#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// What is logged, in which form, and where to: Squid's directives, one value each.
class log_options
{
public:
    void declare(CLI::App& app);

    /// @param acls Those that an access log may name.
    void apply(proxy_options& to, viaduct::acl_set const& acls) const;

private:
    std::vector<std::string> logs_;
    std::vector<std::string> formats_;
    std::string rotate_ = "0";
    std::string daemon_ = "/usr/lib/squid/log_file_daemon";
    std::string queue_ = "1m";
    std::string when_full_ = "drop-new";
    bool starts_ = false;
    double every_ = 0;
};

} // namespace viaduct_proxy

#endif
