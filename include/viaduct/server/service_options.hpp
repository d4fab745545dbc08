#ifndef VIADUCT_SERVER_SERVICE_OPTIONS_HPP
#define VIADUCT_SERVER_SERVICE_OPTIONS_HPP

#include <viaduct/log/log_sink.hpp>
#include <viaduct/server/accept_options.hpp>
#include <viaduct/server/egress.hpp>

#include <vector>

namespace viaduct {

/// What a `service` is made of.
struct service_options
{
    std::vector<net::ip::tcp::endpoint> listen{}; ///< Port 0 takes a free one.
    accept_options accept{};                      ///< `accept.log` also gets the records of the tunnels.
    egress way{};
};

} // namespace viaduct

#endif
