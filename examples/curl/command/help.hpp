#ifndef VIADUCT_CURL_COMMAND_HELP_HPP
#define VIADUCT_CURL_COMMAND_HELP_HPP

#include <string>
#include <string_view>

namespace viaduct_curl {

/// What --help prints.
/** @param category Empty: what is used most. `all`: everything. `category`: the names of categories. */
[[nodiscard]] std::string help_text(std::string_view category);

/// What --version prints.
[[nodiscard]] std::string version_text();

} // namespace viaduct_curl

#endif
