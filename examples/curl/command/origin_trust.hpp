#ifndef VIADUCT_CURL_COMMAND_ORIGIN_TRUST_HPP
#define VIADUCT_CURL_COMMAND_ORIGIN_TRUST_HPP

#include "command/passed_options.hpp"

namespace viaduct_curl {

/// Takes the certificates to check with from the environment, as curl does where no switch names any.
void trust_environment(passed_options& to);

} // namespace viaduct_curl

#endif
