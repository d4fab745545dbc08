#ifndef VIADUCT_CURL_PATH_ROUTE_HPP
#define VIADUCT_CURL_PATH_ROUTE_HPP

#include "command/command_line.hpp"
#include "tell/verbose.hpp"
#include "transfer/url.hpp"
#include <viaduct/client/proxy_list.hpp>

#include <string>

namespace viaduct_curl {

/// How a URL is reached.
struct route
{
    enum class kind
    {
        direct,  // libcurl connects
        forward, // in the absolute form, to the one proxy of `ways`, which is libcurl's affair, too
        tunnel   // through whatever is in `ways`
    };

    kind how = kind::direct;
    viaduct::proxy_list ways{};

    /// The proxy that is asked to forward; the one in front of it, if there is one, just connects.
    [[nodiscard]] viaduct::proxy_url const& proxy() const { return ways.front().back(); }
};

/// Text that is the same for two requests only if one may use the other's connection.
[[nodiscard]] std::string to_key(route const& way, operation const& wanted);

/// Reads a proxy as -x gives it, with the user that -U gives it.
/** @throws failure with curl's codes for one that cannot be used. */
[[nodiscard]] viaduct::proxy_url read_proxy(operation const& wanted, std::string const& text);

/// Chooses by the switches first, then by the environment.
/** @throws failure with curl's codes for a proxy that cannot be used. */
[[nodiscard]] route choose_route(operation const& wanted, url const& to, verbose const& log);

} // namespace viaduct_curl

#endif
