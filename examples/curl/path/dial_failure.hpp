#ifndef VIADUCT_CURL_PATH_DIAL_FAILURE_HPP
#define VIADUCT_CURL_PATH_DIAL_FAILURE_HPP

#include "command/command_line.hpp"
#include "failure.hpp"
#include <viaduct/client/connect_failure.hpp>

#include <chrono>

namespace viaduct_curl {

/// What curl says and exits with when there is no way to the origin.
/** @param after Since the start of everything. */
[[nodiscard]] failure describe(operation const& wanted, viaduct::connect_failure const& what,
                               std::chrono::milliseconds after);

} // namespace viaduct_curl

#endif
