#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_DIRECTIVE_ROWS_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_DIRECTIVE_ROWS_HPP

#include "directive_table.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace viaduct_proxy {

// The table, as it is written down: a name is in one of the lists of names (apart by blanks), or has a row.

extern std::string_view const supported_names;
extern std::string_view const own_names;
extern std::string_view const idle_names;
extern std::string_view const obsolete_names;
extern std::array<known_directive, 42> const directive_rows;

/// Another name, and the main one.
extern std::array<std::pair<std::string_view, std::string_view>, 39> const other_names;

} // namespace viaduct_proxy

#endif
