#ifndef VIADUCT_EXAMPLES_PROXY_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_OPTIONS_HPP

#include "process/squid_switches.hpp"
#include "proxy_options.hpp"

#include <optional>

namespace viaduct_proxy {

/// What the command line, and the configuration that it names, come to.
struct command
{
    squid_switches process{};
    proxy_options proxy{};
};

/// Reads the command line and the squid.conf that it names; flags have the last word.
/** @return What to do, or nothing if there is nothing: then the exit status is 0 after --help, and 2 after a
 * mistake, which has been told. */
[[nodiscard]] std::optional<command> parse_command_line(int argc, char** argv, int& exit_status);

} // namespace viaduct_proxy

#endif
