#ifndef VIADUCT_CURL_TELL_OUTCOME_HPP
#define VIADUCT_CURL_TELL_OUTCOME_HPP

#include "command/command_line.hpp"
#include "tell/report.hpp"

namespace viaduct_curl {

/// What went wrong, on the standard error: unless nothing did, or -s wants silence.
void tell_error(operation const& wanted, report const& outcome);

/// Everything that is told when a URL is done: the error, and what -w and --json-report ask for.
void tell_outcome(operation const& wanted, report const& outcome);

} // namespace viaduct_curl

#endif
