#ifndef VIADUCT_EXAMPLES_PROXY_LOG_LINE_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_LINE_HPP

#include "settings.hpp"
#include <viaduct/log/sink_health.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct_proxy {

/// Where the lines of a log go.
enum class log_module : unsigned char
{
    none,
    stdio,
    daemon,
    syslog,
    udp,
    tcp,
    standard_output,
    journald
};

/// One `access_log` line, as words.
struct log_line
{
    std::string flag{};  ///< What its mistakes are blamed on.
    std::string value{}; ///< As it was written.

    log_module module = log_module::stdio;
    std::string place{};
    std::string format = "squid";
    viaduct::on_log_error on_error = viaduct::on_log_error::drop;
    std::optional<std::size_t> buffer_size{};
    std::optional<unsigned> rotate{};
    std::vector<std::string> acls{};

    /// Whether the first of these stands where a format could: with neither one it is not known which is
    /// meant.
    bool may_be_format = false;
};

/// Reads the words of Squid's `access_log`: `MODULE:PLACE [OPTION...] [FORMAT] [ACL...]`.
/**
 * @param is_format Whether there is a format of that name, for the word that may be one.
 * @throws mistake
 */
[[nodiscard]] log_line read_log_line(typed const& what,
                                     std::function<bool(std::string_view)> const& is_format);

/// The name of a module, as it is written.
[[nodiscard]] std::string_view name_of(log_module module) noexcept;

/// How many old files to keep: 0 to 1000.
[[nodiscard]] unsigned to_rotation(std::string_view flag, std::string_view value, std::string_view text);

/// Octets in Squid's spelling (`64KB`, `1 MB` without its blank) or in ours (`64k`).
[[nodiscard]] std::size_t to_buffer_size(std::string_view flag, std::string_view value,
                                         std::string_view text);

} // namespace viaduct_proxy

#endif
