#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_DIRECTIVE_TABLE_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_DIRECTIVE_TABLE_HPP

#include "config_file.hpp"
#include "config_problem.hpp"

#include <string_view>
#include <vector>

namespace viaduct_proxy {

/// What becomes of a directive of Squid 3.5 to 7.
enum class treatment
{
    supported,
    own,         ///< viaduct-proxy's, unknown to Squid.
    idle,        ///< Of no use to tunnels: a notice.
    harmless_if, ///< A notice if its value is one of those, a mistake otherwise.
    refused,     ///< Would change who may go where, or how, and is not supported: a mistake.
    obsolete     ///< Squid 5 itself tells that it does nothing: a notice.
};

/// A row of the table.
struct known_directive
{
    std::string_view name; ///< The main one, if there are several.
    treatment what = treatment::idle;
    std::string_view harmless{}; ///< Values apart by `|`; a `*` at the end of one stands for anything.
    std::string_view hint{};     ///< What to use instead, or why it is of no use.
};

/// Nothing of one that neither Squid nor viaduct-proxy has.
[[nodiscard]] known_directive const* find_directive(std::string_view name);

/// Every name, other names of the same among them, sorted.
[[nodiscard]] std::vector<std::string_view> directive_names();

/// The directives that mean something, under their main names and in their order, and what is to be told of
/// the others.
struct sorted_directives
{
    std::vector<directive> meant{}; ///< Those that are supported, and viaduct-proxy's own.
    problems mistakes{};
    problems notices{};
};

[[nodiscard]] sorted_directives sort_directives(std::vector<directive> directives);

} // namespace viaduct_proxy

#endif
