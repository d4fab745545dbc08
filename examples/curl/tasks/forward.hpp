#ifndef VIADUCT_CURL_TASKS_FORWARD_HPP
#define VIADUCT_CURL_TASKS_FORWARD_HPP

#include "command/command_line.hpp"

namespace viaduct_curl {

/// --forward: local ports that lead to hosts through tunnels, until SIGINT or SIGTERM.
/**
 * --connect-timeout limits each dial, and -m each connection. A tunnel that does not come about is told of,
 * unless -s is there, and ends its own connection alone.
 *
 * @return 0 after a signal.
 * @throws failure with 2 for text that is no forwarding, 45 for a port that cannot be had, and as
 * `choose_route`.
 */
[[nodiscard]] int run_forward(command_line const& command);

} // namespace viaduct_curl

#endif
