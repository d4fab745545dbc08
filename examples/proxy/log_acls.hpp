#ifndef VIADUCT_EXAMPLES_PROXY_LOG_ACLS_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_ACLS_HPP

#include "log_line.hpp"
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/policy/acl_set.hpp>

#include <functional>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// Whether a log wants a record.
using record_condition = std::function<bool(viaduct::tunnel_record const&)>;

/// The last words of an `access_log`: the record of a request is wanted if all of its ACLs match.
/**
 * They are asked about what the record says. One that cannot be answered from it does not match: who the user
 * is where nobody has proved it, the addresses of a name that was not looked up.
 *
 * @throws mistake if there is no such ACL, or if a record can never answer it: helpers are not asked again,
 * and how many others there were is not known any more.
 */
[[nodiscard]] record_condition to_condition(log_line const& line, viaduct::acl_set const& acls);

} // namespace viaduct_proxy

#endif
