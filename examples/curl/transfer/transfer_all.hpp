#ifndef VIADUCT_CURL_TRANSFER_TRANSFER_ALL_HPP
#define VIADUCT_CURL_TRANSFER_TRANSFER_ALL_HPP

#include "command/command_line.hpp"

namespace viaduct_curl {

/// All URLs of a command line, one after the other, each with what is told about it.
/** @return The last one's exit code. */
[[nodiscard]] int transfer_all(command_line const& command);

} // namespace viaduct_curl

#endif
