#ifndef VIADUCT_CURL_PATH_CONNECTION_SETTINGS_HPP
#define VIADUCT_CURL_PATH_CONNECTION_SETTINGS_HPP

#include "command/command_line.hpp"
#include <viaduct/client/dialer_options.hpp>
#include <viaduct/client/proxy_list.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/http/authority.hpp>

namespace viaduct_curl {

/// Where a tunnel for this host and port leads: there, unless --connect-to says otherwise.
/** @throws failure with 49 for text that is none. */
[[nodiscard]] viaduct::authority connect_target(operation const& wanted, viaduct::authority const& target);

/// How connections of ours are made, by --resolve, --interface, -4, -6 and the switches beside them.
/** What libcurl connects is told the same by `operation::direct`.
 * @throws failure with curl's codes: 45 for an interface that is none, 49 for text that --resolve does not
 * take, 4 for a switch that holds for libcurl's connections only. */
void set_connection(operation const& wanted, viaduct::proxy_list const& ways,
                    viaduct::authority const& target, viaduct::dialer_options& to);

/// --keepalive-time, once there is a connection.
void set_keep_alive(operation const& wanted, viaduct::net::ip::tcp::socket& of);

} // namespace viaduct_curl

#endif
