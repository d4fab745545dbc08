#ifndef VIADUCT_HELPERS_HELPER_OPTIONS_HPP
#define VIADUCT_HELPERS_HELPER_OPTIONS_HPP

#include <viaduct/helpers/helper_protocol.hpp>
#include <viaduct/helpers/helper_schedule.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace viaduct {

/// What an operator should know of a helper program.
struct helper_notice
{
    std::string program{}; ///< The first word of its command.
    std::string text{};    ///< What is the matter, with the exit status: one line, without any secret.
};

/// Of a `helper_pool`.
struct helper_options
{
    /// The program, by its absolute path, and its arguments. No shell looks at them.
    std::vector<std::string> command{};

    helper_limits limits{};

    /// At the end: how long a process may take to end by itself, and then again after SIGTERM.
    std::chrono::milliseconds shutdown_grace = std::chrono::seconds{1};

    /// Told when processes end again and again and none is started for a while; on the pool's executor.
    std::function<void(helper_notice const&)> on_notice{};
};

/// Takes the answer to a request; see `helper_pool::submit`.
using helper_completion = std::function<void(error_code, helper_reply)>;

} // namespace viaduct

#endif
