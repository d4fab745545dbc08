#ifndef VIADUCT_CURL_COMMAND_CONFIG_FILE_HPP
#define VIADUCT_CURL_COMMAND_CONFIG_FILE_HPP

#include "command/command_line.hpp"

#include <string>

namespace viaduct_curl {

/// Reads switches from a file, `-` for the standard input, in curl's syntax: one a line, its value behind
/// white space, `=` or `:`, in quotes where it holds white space; `#` begins a comment.
/** @throws failure with 26 if it cannot be read, with 2 for a line that cannot be taken. */
void read_config_file(command_line& to, std::string const& name);

/// Reads the first of the user's own files that is there: .curlrc below $CURL_HOME, curlrc below
/// $XDG_CONFIG_HOME, .curlrc and then .config/curlrc below $HOME.
void read_user_config(command_line& to);

} // namespace viaduct_curl

#endif
