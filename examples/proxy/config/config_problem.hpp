#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_PROBLEM_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_PROBLEM_HPP

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct_proxy {

/// Something to tell about a place of a configuration file.
struct problem
{
    std::string where; ///< `squid.conf:12`, or `squid.conf:12: http_port`.
    std::string text;

    /// `squid.conf:12: http_port: ...`: one line, without its end.
    [[nodiscard]] std::string line() const { return where + ": " + text; }
};

using problems = std::vector<problem>;

/// Adds one more, if there are not too many already; the last one tells that there are.
void tell(problems& all, std::string const& where, std::string text);

/// A problem that ends the reading of its directive; what() is its line.
struct config_mistake : std::runtime_error
{
    explicit config_mistake(problem found) : runtime_error{found.line()}, told{std::move(found)} {}

    problem told;
};

/// Text of a file as a terminal may see it: no control, nothing beyond ASCII, and not more than the start of
/// something long.
[[nodiscard]] std::string legible(std::string_view text);

} // namespace viaduct_proxy

#endif
