#ifndef VIADUCT_CURL_ROUTE_HPP
#define VIADUCT_CURL_ROUTE_HPP

#include "command_line.hpp"
#include "url.hpp"
#include "verbose.hpp"
#include <viaduct/client/proxy_url.hpp>

#include <optional>

namespace viaduct_curl {

/// How a URL is reached.
struct route
{
    std::optional<viaduct::proxy_url> proxy{}; // none: directly
    bool tunnel = false;                       // with CONNECT
};

/// Chooses by the command line first, then by the environment.
/** @throws failure with curl's codes for a proxy that cannot be used. */
[[nodiscard]] route choose_route(command_line const& command, url const& to, verbose const& log);

} // namespace viaduct_curl

#endif
