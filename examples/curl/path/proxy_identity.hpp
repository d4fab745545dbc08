#ifndef VIADUCT_CURL_PATH_PROXY_IDENTITY_HPP
#define VIADUCT_CURL_PATH_PROXY_IDENTITY_HPP

#include "command/command_line.hpp"
#include <viaduct/client/dialer_options.hpp>
#include <viaduct/client/proxy_auth.hpp>

#include <map>
#include <memory>
#include <string>

namespace viaduct_curl {

/// What earlier tunnels have learned of each proxy, so that a redirect goes on with the same nonces; by URL
/// and user.
using known_proxies = std::map<std::string, std::shared_ptr<viaduct::proxy_auth>>;

/// How we become known to the proxies, by --proxy-anyauth and the switches beside it.
/** @param wanted Must outlive what is dialled with the options.
 * @param known Likewise.
 * @throws failure with 2 for a scheme that this build does not have. */
void choose_schemes(operation const& wanted, viaduct::dialer_options& to, known_proxies& known);

} // namespace viaduct_curl

#endif
