#ifndef VIADUCT_CURL_COMMAND_FORM_READER_HPP
#define VIADUCT_CURL_COMMAND_FORM_READER_HPP

#include "command/option.hpp"

namespace viaduct_curl {

/// Takes a part of a form: `name=text`, `name=@file[,file]`, `name=<file`, `name=(` or `=)`, and behind
/// semicolons its type, filename, headers and encoder.
/** @throws failure with exit code 2 for what cannot be understood. */
void read_form(given& g);

/// Takes `name=text`, in which nothing has a meaning.
void read_form_string(given& g);

} // namespace viaduct_curl

#endif
