#ifndef VIADUCT_EXAMPLES_PROXY_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_OPTIONS_HPP

#include "proxy_options.hpp"

#include <optional>

namespace viaduct_proxy {

/// Reads the command line.
/** @return The options, or the exit status if there is nothing to run: 0 after --help, 2 after a mistake. */
[[nodiscard]] std::optional<proxy_options> parse_command_line(int argc, char** argv, int& exit_status);

} // namespace viaduct_proxy

#endif
