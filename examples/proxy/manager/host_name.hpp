#ifndef VIADUCT_EXAMPLES_PROXY_MANAGER_HOST_NAME_HPP
#define VIADUCT_EXAMPLES_PROXY_MANAGER_HOST_NAME_HPP

#include <string>
#include <string_view>
#include <vector>

namespace viaduct_proxy {

/// Whether a field Host names this proxy: by an address, by `localhost`, or by one of its names.
/** A name of somebody else's in it may lead here all the same, for a while (DNS rebinding). */
[[nodiscard]] bool is_own_host(std::string_view host, std::vector<std::string> const& names);

} // namespace viaduct_proxy

#endif
