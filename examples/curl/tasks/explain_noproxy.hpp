#ifndef VIADUCT_CURL_TASKS_EXPLAIN_NOPROXY_HPP
#define VIADUCT_CURL_TASKS_EXPLAIN_NOPROXY_HPP

#include "command/command_line.hpp"

#include <string>

namespace viaduct_curl {

/// --explain-noproxy: which way each host would be reached, and what says so, one line a host.
/** Nobody is asked for it, neither a proxy nor a name service.
 * @throws failure with 2 for an empty word, and as `parse_url` and `choose_route`. */
[[nodiscard]] std::string explain_noproxy(command_line const& command);

} // namespace viaduct_curl

#endif
