#ifndef VIADUCT_CURL_COMMAND_SCHEMES_HPP
#define VIADUCT_CURL_COMMAND_SCHEMES_HPP

#include "command/option.hpp"

#include <string>
#include <string_view>

namespace viaduct_curl {

/// Reads what --proto takes: schemes that are added with `+` or nothing before them, taken away with `-`, or
/// the only ones from here on with `=`.
/** @param now The schemes that are allowed so far, with commas between them.
 * @return Those that are allowed then. */
[[nodiscard]] std::string read_schemes(given const& g, std::string_view now);

/// Whether the scheme is one of those.
[[nodiscard]] bool allows(std::string_view schemes, std::string_view scheme);

} // namespace viaduct_curl

#endif
