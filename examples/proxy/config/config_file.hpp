#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_FILE_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_FILE_HPP

#include "config_macros.hpp"
#include "config_problem.hpp"
#include "config_source.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct_proxy {

/// A directive of squid.conf, without any meaning yet.
struct directive
{
    std::string file;           ///< As it was given, or as a `#line` says.
    unsigned line = 0;          ///< Of its name.
    std::string name{};         ///< As written; sort_directives() makes it the main one of several.
    std::string rest{};         ///< Behind the name, lines joined; a comment may be in it (see words()).
    unsigned column = 0;        ///< Of the rest in its line, from 1; 0 if it is not known.
    bool quoted_values = false; ///< What `configuration_includes_quoted_values` was at this place.

    /// `squid.conf:12: http_port`, fit for a terminal.
    [[nodiscard]] std::string where() const;
};

/// A configuration, with all that was included into it.
struct config_file
{
    std::vector<directive> directives{};
    problems mistakes{};              ///< If there are any, the directives are not the ones that were meant.
    problems notices{};               ///< What its author may want to know.
    std::vector<std::string> files{}; ///< All that were read, in that order.
};

/// Reads a configuration as Squid 5 does, but for where Squid would quietly drop a part of what was written
/// (behind a NUL or a carriage return, after the last backslash, behind `else`): that is a mistake here.
/**
 * All mistakes are found in one run, up to `config_bounds::problems`. `include` and
 * `configuration_includes_quoted_values` are obeyed and not among the directives.
 */
[[nodiscard]] config_file read_config(std::string const& path, config_macros const& macros = {},
                                      config_source const& source = disk_source());

} // namespace viaduct_proxy

#endif
