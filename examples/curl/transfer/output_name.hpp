#ifndef VIADUCT_CURL_TRANSFER_OUTPUT_NAME_HPP
#define VIADUCT_CURL_TRANSFER_OUTPUT_NAME_HPP

#include "command/command_line.hpp"
#include "transfer/url.hpp"
#include "transfer/url_pattern.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// The file that -o or -O names, in --output-dir; empty: the standard output.
/** @throws failure with 23 for -O and a URL that names no file. */
[[nodiscard]] std::string output_name(answer_settings const& how, target const& which,
                                      url_pattern const& pattern, url const& from);

/// The file that a server names in a Content-Disposition field, for -J.
/** Only its last part counts, and it may not be hidden: a server has no say in where files go.
 * @return Nothing if there is none that is safe to use. */
[[nodiscard]] std::optional<std::string> name_in_disposition(std::string_view value);

/// Makes all directories in front of a file.
/** @return 0, or why one could not be made. */
[[nodiscard]] int make_directories(std::string const& for_file);

} // namespace viaduct_curl

#endif
