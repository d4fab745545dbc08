#ifndef VIADUCT_CURL_TASKS_TUNNEL_TARGET_HPP
#define VIADUCT_CURL_TASKS_TUNNEL_TARGET_HPP

#include "command/command_line.hpp"
#include "path/route.hpp"
#include "tell/verbose.hpp"
#include <viaduct/http/authority.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// HOST:PORT. An IPv6 address may stand without its brackets, as in what ssh makes of %h:%p.
/** @throws failure with 2 that names what was given. */
[[nodiscard]] viaduct::authority read_tunnel_target(std::string_view text);

/// The way to a target that speaks we do not know what: that of an https URL, and a tunnel even where there
/// is no proxy.
/** @throws failure as `choose_route`. */
[[nodiscard]] std::shared_ptr<route const>
choose_tunnel(operation const& wanted, viaduct::authority const& target, verbose const& log);

} // namespace viaduct_curl

#endif
