#ifndef VIADUCT_CURL_PROXY_FIELDS_HPP
#define VIADUCT_CURL_PROXY_FIELDS_HPP

#include "command_line.hpp"
#include <viaduct/client/connect_options.hpp>

namespace viaduct_curl {

/// What a CONNECT request says, by -A and --proxy-header.
/** @throws failure with 43 for a field that cannot be sent. */
[[nodiscard]] viaduct::connect_options make_connect_options(command_line const& command);

} // namespace viaduct_curl

#endif
