#ifndef VIADUCT_EXAMPLES_PROXY_PARENT_VALUES_HPP
#define VIADUCT_EXAMPLES_PROXY_PARENT_VALUES_HPP

#include <viaduct/server/parents.hpp>

#include <string>

namespace viaduct_proxy {

/// What `--cache-peer` expects, for its help.
inline constexpr char cache_peer_syntax[] = "'URL [OPTION]...'";

/// Reads a value of `--cache-peer`. Messages show it without the password in its URL.
[[nodiscard]] viaduct::parent to_parent(std::string const& value);

} // namespace viaduct_proxy

#endif
