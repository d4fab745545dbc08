#ifndef VIADUCT_EXAMPLES_PROXY_LOG_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_OPTIONS_HPP

#include "flag_group.hpp"
#include "log_line.hpp"
#include "proxy_options.hpp"
#include <viaduct/policy/acl_set.hpp>

#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

class directive_match;

/// What is logged, in which form, and where to: Squid's directives, one value each.
class log_options
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);

    void assume_squid();

    /// @param acls Those that an access log may name.
    void apply(proxy_options& to, viaduct::acl_set const& acls) const;

private:
    [[nodiscard]] std::vector<typed> logs() const;
    void replace_daemon(log_line& line) const;

    std::vector<typed> logs_;
    std::vector<typed> formats_;
    typed rotate_{"0", {}, {}, {}};
    typed daemon_{"/usr/lib/squid/log_file_daemon", {}, {}, {}};
    typed queue_{"1m", {}, {}, {}};
    typed when_full_{"drop-new", {}, {}, {}};
    setting<bool> starts_;
    setting<double> every_;
    bool is_squid_ = false;
};

} // namespace viaduct_proxy

#endif
