#ifndef VIADUCT_CURL_DIAL_SETTINGS_HPP
#define VIADUCT_CURL_DIAL_SETTINGS_HPP

#include "command_line.hpp"
#include <viaduct/client/connect_options.hpp>
#include <viaduct/client/dialer_options.hpp>
#include <viaduct/client/proxy_list.hpp>

namespace viaduct_curl {

/// What a CONNECT request says, by -A and --proxy-header.
/** @throws failure with 43 for a field that cannot be sent. */
[[nodiscard]] viaduct::connect_options make_connect_options(command_line const& command);

/// How proxies are dialled, by all options that have to do with them; clocks and observer are left to the
/// caller.
/** @throws failure with curl's codes: 2 and 4 for what this build cannot do, 58, 59 and 77 for TLS options
 * that cannot be used, 43 for an address that is none. */
[[nodiscard]] viaduct::dialer_options make_dialer_options(command_line const& command,
                                                          viaduct::proxy_list const& ways);

} // namespace viaduct_curl

#endif
