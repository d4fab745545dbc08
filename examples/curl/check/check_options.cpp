#include "command/option.hpp"
#include "command/values.hpp"
#include <viaduct/http/authority.hpp>

#include <array>
#include <tuple>

namespace viaduct_curl {
namespace {

void take_check_proxy(given& g)
{
    g.all.what = task::check_proxy;
    g.all.checked = g.value;
}

void take_target(given& g)
{
    viaduct::error_code ec;
    std::ignore = viaduct::parse_authority(g.value, ec);
    if (ec) misuse(g, "expected host:port");
    g.all.check_target = g.value;
}

constexpr std::array rows{
    option{"check-proxy", 0, "[scheme://][user:password@]host[:port]", take_check_proxy,
           "Try on a proxy what attackers and careless clients do to it, and judge what it does"},
    option{"check-target", 0, "host:port", take_target, "Where its tunnels may lead, for some more trials"},
    option{"check-time", 0, "seconds", [](given& g) { g.all.check_time = read_seconds(g); },
           "How long a slow request may go on; 12 unless told otherwise"},
};

} // namespace

topic check_options()
{
    return {"Checking a proxy", rows};
}

} // namespace viaduct_curl
