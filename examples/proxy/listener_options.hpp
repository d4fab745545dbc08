#ifndef VIADUCT_EXAMPLES_PROXY_LISTENER_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_LISTENER_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// Where clients connect, and what they speak there.
class listener_options
{
public:
    void declare(CLI::App& app);
    void apply(proxy_options& to) const;

private:
    [[nodiscard]] std::shared_ptr<viaduct::tls_acceptor> make_tls(proxy_options& to) const;
    [[nodiscard]] std::optional<viaduct::proxy_protocol_in> make_proxy_protocol() const;
    void refuse_idle_flags() const;

    std::vector<std::string> http_ports_;
    std::vector<std::string> https_ports_;
    std::optional<std::string> certificate_;
    std::optional<std::string> key_;
    std::optional<std::string> client_ca_;
    std::optional<std::string> client_certificate_;
    std::vector<std::string> balancers_;
};

} // namespace viaduct_proxy

#endif
