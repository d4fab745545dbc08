#ifndef VIADUCT_EXAMPLES_PROXY_EXPLAIN_HPP
#define VIADUCT_EXAMPLES_PROXY_EXPLAIN_HPP

#include "proxy_options.hpp"

namespace viaduct_proxy {

/// Tells on standard output what the rules and the guard make of a request.
/** Names are looked up only if a rule asks for it; helpers are not asked.
 * @return The exit status: 0 if it is allowed, 1 if it is not, 3 if that cannot be told from here. */
[[nodiscard]] int explain_request(proxy_options const& options);

} // namespace viaduct_proxy

#endif
