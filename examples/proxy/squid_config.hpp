#ifndef VIADUCT_EXAMPLES_PROXY_SQUID_CONFIG_HPP
#define VIADUCT_EXAMPLES_PROXY_SQUID_CONFIG_HPP

#include "typed_options.hpp"

#include <string>

namespace viaduct_proxy {

/// Fills the options from a squid.conf, with Squid's defaults for what it does not say.
/**
 * What is of no use to tunnels is passed over.
 *
 * @param wants_notices Whether that is told.
 * @throws mistake with a line for everything that is wrong, or that would be another policy than the one that
 * was written.
 */
void read_squid_config(std::string const& path, typed_options& to, bool wants_notices);

} // namespace viaduct_proxy

#endif
