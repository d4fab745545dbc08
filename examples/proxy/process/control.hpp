#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_CONTROL_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_CONTROL_HPP

#include <string>
#include <string_view>

namespace viaduct_proxy {

/// What `-k` asks for, by Squid's names.
enum class verb : unsigned char
{
    parse,       ///< Nothing but reading the configuration.
    check,       ///< Whether it runs: no signal.
    reconfigure, ///< SIGHUP
    rotate,      ///< SIGUSR1
    debug,       ///< SIGUSR2
    shutdown,    ///< SIGTERM
    interrupt,   ///< SIGINT
    kill         ///< SIGKILL
};

/// The verb of a word, or of its beginning, as Squid takes it.
/** @throws std::runtime_error for any other, and for `restart`, which is the service manager's. */
[[nodiscard]] verb to_verb(std::string_view word);

/// Sends the signal of a verb to whoever holds the pid file.
/**
 * @param path The pid file; `none` if there is none.
 * @param wait Whether to return only when that process has ended; for the verbs that end it.
 * @throws std::runtime_error if nobody runs, or belongs to somebody else.
 */
void control(std::string const& path, verb what, bool wait);

} // namespace viaduct_proxy

#endif
