#ifndef VIADUCT_CURL_REFUSAL_HPP
#define VIADUCT_CURL_REFUSAL_HPP

#include "command_line.hpp"
#include "failure.hpp"
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/error.hpp>

namespace viaduct_curl {

/// What curl says and exits with when a CONNECT does not lead to a tunnel.
[[nodiscard]] failure describe_refusal(command_line const& command, viaduct::error_code why,
                                       viaduct::connect_reply const& reply);

} // namespace viaduct_curl

#endif
