#ifndef VIADUCT_EXAMPLES_PROXY_EXTERNAL_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_EXTERNAL_OPTIONS_HPP

#include "proxy_options.hpp"
#include <viaduct/policy/acl_set.hpp>

#include <string>

namespace viaduct_proxy {

/// What `--external-acl` expects, for its help.
inline constexpr char external_acl_syntax[] = "'NAME [OPTION=N]... %FORMAT... PROGRAM [ARG]...'";

/// Makes the class of helpers that a value of `--external-acl` says, and makes it known to the ACLs.
void add_external_acl(proxy_options& to, viaduct::acl_set& acls, typed const& what);

} // namespace viaduct_proxy

#endif
