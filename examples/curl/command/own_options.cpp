#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

void take_stdio(given& g)
{
    g.all.what = g.on ? task::stdio : task::transfer;
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
    option{
        "stdio", 0, "", take_stdio,
        "Carry the standard input and output through a tunnel to HOST:PORT, which stands in place of a URL; "
        "for ssh: -o ProxyCommand='viaduct-curl --stdio -x http://proxy:3128 %h:%p'"},
    option{"forward", 0, "[address:]localport:host:port", take_forward,
           "Listen on a local port, and carry what comes to the host through tunnels; may be given again; "
           "port 0: any that is free"},
    option{"explain-noproxy", 0, "host[:port]", take_explained,
           "Say which way hosts would be reached, and why; ask nobody"},
};

} // namespace

topic own_options()
{
    return {"Beyond curl", rows};
}

} // namespace viaduct_curl
