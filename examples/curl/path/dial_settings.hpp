#ifndef VIADUCT_CURL_PATH_DIAL_SETTINGS_HPP
#define VIADUCT_CURL_PATH_DIAL_SETTINGS_HPP

#include "command/command_line.hpp"
#include "path/proxy_identity.hpp"
#include <viaduct/client/connect_options.hpp>
#include <viaduct/client/dialer_options.hpp>
#include <viaduct/client/proxy_list.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <memory>
#include <string>

namespace viaduct_curl {

/// Who asks, unless -A says otherwise.
[[nodiscard]] std::string default_user_agent();

/// What a CONNECT request says, by -A and --proxy-header.
/** @throws failure with 43 for a field that cannot be sent. */
[[nodiscard]] viaduct::connect_options make_connect_options(operation const& wanted);

/// --proxy-cert, and what its key is encrypted with: the part behind its colon, unless --proxy-pass is there.
struct certificate_and_password
{
    std::string file;
    std::string password;
};

[[nodiscard]] certificate_and_password split_certificate(operation const& wanted);

/// How TLS is made with https proxies.
/** @throws failure with curl's codes for TLS options that cannot be used; 4 where this build has no TLS. */
[[nodiscard]] std::shared_ptr<viaduct::tls_connector> make_tls(operation const& wanted);

/// How proxies are dialled, by all options that have to do with them; clocks and observer are left to the
/// caller.
/** @param known Must outlive what is dialled with the options.
 * @throws failure with curl's codes: 2 and 4 for what this build cannot do, 58, 59 and 77 for TLS options
 * that cannot be used, 43 for an address that is none. */
[[nodiscard]] viaduct::dialer_options
make_dialer_options(operation const& wanted, viaduct::proxy_list const& ways, known_proxies& known);

} // namespace viaduct_curl

#endif
