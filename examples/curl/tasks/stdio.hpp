#ifndef VIADUCT_CURL_TASKS_STDIO_HPP
#define VIADUCT_CURL_TASKS_STDIO_HPP

#include "command/command_line.hpp"

namespace viaduct_curl {

/// --stdio: the standard input goes into a tunnel, and what comes out of it to the standard output.
/**
 * Each end is passed on by itself: that of the input half-closes the tunnel, that of the tunnel closes the
 * output. Nothing else is ever written to the standard output.
 *
 * @return 0 once both directions have ended, and otherwise curl's exit code for what went wrong.
 * @throws failure with 2 if the words name no target.
 */
[[nodiscard]] int run_stdio(command_line const& command);

} // namespace viaduct_curl

#endif
