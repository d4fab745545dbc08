#ifndef VIADUCT_EXAMPLES_PROXY_LISTENER_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_LISTENER_OPTIONS_HPP

#include "flag_group.hpp"
#include "listener_port.hpp"
#include "proxy_options.hpp"
#include "rule_options.hpp"
#include <viaduct/policy/policy.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

class directive_match;

/// Where clients connect, and what they speak there.
class listener_options
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);

    /// @param rules Get those of `proxy_protocol_access`.
    void apply(proxy_options& to, std::shared_ptr<viaduct::policy> const& rules) const;

    /// Listens there, too: a port as `http_port` has it.
    void add(typed const& port) { squid_ports_.push_back(read_squid_port(port, false)); }

private:
    [[nodiscard]] std::vector<listener_port> ports() const;
    [[nodiscard]] viaduct::proxy_protocol_in trusted(std::shared_ptr<viaduct::policy> const& rules) const;
    void refuse_idle_flags() const;

    std::vector<typed> http_ports_;
    std::vector<typed> https_ports_;
    tls_wishes tls_; // of the latter
    std::vector<typed> balancers_;
    std::vector<listener_port> squid_ports_;
    std::vector<typed> proxy_protocol_access_;
    std::vector<typed> management_ports_;
};

} // namespace viaduct_proxy

#endif
