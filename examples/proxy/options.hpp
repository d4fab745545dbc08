#ifndef VIADUCT_EXAMPLES_PROXY_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_OPTIONS_HPP

#include <viaduct/server/service_options.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

/// What the command line of viaduct-proxy says.
struct proxy_options
{
    viaduct::service_options service;
    std::optional<std::string>
        access_log; ///< A file, or "-" for standard output; none if it was not asked for.
    std::size_t workers = 1;
    std::chrono::milliseconds shutdown_lifetime = std::chrono::seconds{3};
};

/// Reads the command line.
/** @return The options, or the exit status if there is nothing to run: 0 after --help, 2 after a mistake. */
[[nodiscard]] std::optional<proxy_options> parse_command_line(int argc, char** argv, int& exit_status);

#endif
