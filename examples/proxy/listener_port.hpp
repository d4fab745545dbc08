#ifndef VIADUCT_EXAMPLES_PROXY_LISTENER_PORT_HPP
#define VIADUCT_EXAMPLES_PROXY_LISTENER_PORT_HPP

#include "settings.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/net/tcp_liveness.hpp>

#include <optional>
#include <string>

namespace viaduct_proxy {

/// How TLS is spoken at a port: names of files, and words of OpenSSL.
struct tls_wishes
{
    std::optional<typed> certificate{};
    std::optional<typed> key{};
    std::optional<typed> client_ca{};
    std::optional<typed> client_ca_path{};
    std::optional<typed> client_certificate{}; ///< `none`, `optional` or `required`.
    std::optional<typed> crl{};
    std::optional<typed> ciphers{};
    std::optional<typed> min_version{};
};

/// A port that clients connect to: one `http_port` or `https_port`, or the flag of that name.
struct listener_port
{
    typed what{}; ///< As it was written.
    viaduct::net::ip::tcp::endpoint endpoint{};
    std::string name{};
    bool has_tls = false;
    bool requires_proxy_header = false;
    tls_wishes tls{};                                ///< Looked at with `has_tls` only.
    std::optional<viaduct::tcp_liveness> liveness{}; ///< With `tcpkeepalive`.
};

/// Reads `PORT [OPTION]...`, `HOST:PORT [OPTION]...` of squid.conf.
/** @throws mistake for what is not understood, and for what would be another proxy: `intercept`, `accel`. */
[[nodiscard]] listener_port read_squid_port(typed const& what, bool has_tls);

} // namespace viaduct_proxy

#endif
