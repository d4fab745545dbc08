#ifndef VIADUCT_CURL_CHECK_CHECK_TASK_HPP
#define VIADUCT_CURL_CHECK_CHECK_TASK_HPP

#include "command/command_line.hpp"

namespace viaduct_curl {

/// --check-proxy: prints a table of what the proxy did.
/**
 * @return The exit code; see `check::check_exit`.
 * @throws failure for a proxy that cannot be asked. */
[[nodiscard]] int run_check(command_line const& command);

} // namespace viaduct_curl

#endif
