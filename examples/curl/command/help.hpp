#ifndef VIADUCT_CURL_COMMAND_HELP_HPP
#define VIADUCT_CURL_COMMAND_HELP_HPP

#include <string>

namespace viaduct_curl {

/// What --help prints.
[[nodiscard]] std::string help_text();

/// What --version prints.
[[nodiscard]] std::string version_text();

} // namespace viaduct_curl

#endif
