#ifndef VIADUCT_CURL_ROUTE_HPP
#define VIADUCT_CURL_ROUTE_HPP

#include "command_line.hpp"
#include "url.hpp"
#include "verbose.hpp"
#include <viaduct/client/proxy_list.hpp>

namespace viaduct_curl {

/// How a URL is reached.
struct route
{
    enum class kind
    {
        direct,  // libcurl connects
        forward, // in the absolute form, to the one http proxy of `ways`
        handed,  // the same, but libcurl connects: TLS to the proxy, or a challenge that has to be awaited
        tunnel   // through whatever is in `ways`
    };

    kind how = kind::direct;
    viaduct::proxy_list ways{};

    /// The proxy that is asked, where there is only one.
    [[nodiscard]] viaduct::proxy_url const& proxy() const { return ways.front().front(); }
};

/// Chooses by the command line first, then by the environment.
/** @throws failure with curl's codes for a proxy that cannot be used. */
[[nodiscard]] route choose_route(command_line const& command, url const& to, verbose const& log);

} // namespace viaduct_curl

#endif
