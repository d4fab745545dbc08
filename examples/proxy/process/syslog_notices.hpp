#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_SYSLOG_NOTICES_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_SYSLOG_NOTICES_HPP

#include <string>

namespace viaduct_proxy {

/// From now on what is told goes to syslog as well, unless standard error leads to the journal already.
/**
 * @param facility `local0` to `local7`, `daemon`, `user` or `authpriv`, as Squid's `-l`.
 * @throws std::runtime_error for any other.
 */
void tell_syslog(std::string const& facility);

} // namespace viaduct_proxy

#endif
