#include "command/argument_reader.hpp"
#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

void take_next(given& g)
{
    auto const& targets = g.now.targets;
    if (targets.empty() || !targets.front().url) misuse("missing URL before --next");
    g.all.operations.emplace_back();
}

constexpr std::array rows{
    option{"location", 'L', "", [](given& g) { g.now.redirect.follow = g.on; }, "Follow redirects"},
    option{"url", 0, "url", [](given& g) { argument_reader{g.all}.take_url(g.value); }, "What to fetch"},
    option{"globoff", 'g', "", [](given& g) { g.now.glob = !g.on; }, "Take {}[] in URLs as they are"},
    option{"next", ':', "", take_next, "Begin anew: what follows has switches of its own"},
};

} // namespace

topic repeat_options()
{
    return {"More than one request", rows};
}

} // namespace viaduct_curl
