#ifndef VIADUCT_EXAMPLES_PROXY_MANAGER_TUNNEL_LIST_HPP
#define VIADUCT_EXAMPLES_PROXY_MANAGER_TUNNEL_LIST_HPP

#include <viaduct/log/tunnel_record.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace viaduct_proxy {

inline constexpr std::size_t default_tunnels = 1000;
inline constexpr std::size_t most_tunnels = 10000;

/// One request, as a line of the log as JSON says it.
[[nodiscard]] std::string to_json(viaduct::tunnel_record const& record);

/// `{"tunnels":[...],"more":false}`, of so many at most.
/** @param all One more than that, if there is more. */
[[nodiscard]] std::string to_json(std::vector<viaduct::tunnel_record> all, std::size_t most);

} // namespace viaduct_proxy

#endif
