#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_SQUID_SWITCHES_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_SQUID_SWITCHES_HPP

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace viaduct_proxy {

/// What Squid's command line says, so that its unit files and its users' fingers need no change.
/**
 * viaduct-proxy stays in the foreground, has no cache and no children: the switches that are about these are
 * accepted, and change nothing.
 */
struct squid_switches
{
    std::optional<std::string> config_file{};     ///< `-f`
    std::optional<std::string> verb{};            ///< `-k`
    bool wait = false;                            ///< `--wait`, of our own: `-k` returns when it has ended.
    bool make_directories = false;                ///< `-z`: Squid makes its cache's directories, and ends.
    std::vector<std::string> ports{};             ///< `-a`: ports in addition to those of the file.
    std::optional<std::string> syslog_facility{}; ///< `-l`, or `local4` for `-s`.
};

/// Declares them. `-h` and `-v` are the program's own.
/** @param to Must outlive the parsing. */
void declare_squid_switches(CLI::App& app, squid_switches& to);

/// Does what is asked for in place of serving.
/**
 * @param pid_path The pid file of the configuration, which has been read without a mistake by now.
 * @return The exit status; nothing if it is to serve.
 * @throws std::runtime_error if that cannot be done.
 */
[[nodiscard]] std::optional<int> act_instead(squid_switches const& typed, std::string const& pid_path);

} // namespace viaduct_proxy

#endif
