#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

constexpr std::array rows{
    option{"max-time", 'm', "seconds", [](given& g) { g.now.max_time = read_seconds(g); }, "For everything"},
    option{"connect-timeout", 0, "seconds", [](given& g) { g.now.connect_timeout = read_seconds(g); },
           "Until the tunnel is open"},
};

} // namespace

topic connection_options()
{
    return {"Connections", rows};
}

} // namespace viaduct_curl
