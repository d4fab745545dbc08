#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

void take_stdio(given& g)
{
    if (g.on) g.all.what = task::stdio;
    if (!g.on && g.all.what == task::stdio) g.all.what = task::transfer;
}

void take_forward(given& g)
{
    g.all.what = task::forward;
    g.all.forwards.push_back(g.value);
}

void take_explained(given& g)
{
    g.all.what = task::explain_noproxy;
    g.all.explained.push_back(g.value);
}

constexpr std::array rows{
    option{"connect-body", 0, "", [](given& g) { g.now.answer.connect_body = g.on; },
           "Output what a proxy says when it refuses a tunnel, 64 KiB of it at most"},
    option{"stdio", 0, "", take_stdio,
           "Carry standard input and output through a tunnel to HOST:PORT, as ssh's ProxyCommand"},
    option{"forward", 0, "[address:]localport:host:port", take_forward,
           "Listen on a local port, 0 for any, and carry what comes to the host through tunnels"},
    option{"explain-noproxy", 0, "url|host[:port]", take_explained,
           "Say which way hosts would be reached, and why; ask nobody"},
};

} // namespace

topic own_options()
{
    return {"Beyond curl", rows};
}

} // namespace viaduct_curl
