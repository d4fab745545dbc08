#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

void take_head(given& g)
{
    g.now.request.head = g.on;
    g.now.answer.include = g.on;
}

constexpr std::array rows{
    option{"request", 'X', "method", [](given& g) { g.now.request.method = g.value; }, "The method"},
    option{"header", 'H', "field|@file", [](given& g) { g.now.request.headers.push_back(g.value); },
           "A field for the origin"},
    option{"user-agent", 'A', "text", [](given& g) { g.now.request.user_agent = g.value; },
           "The User-Agent, for proxy and origin"},
    option{"head", 'I', "", take_head, "Ask for the head only"},
};

} // namespace

topic request_options()
{
    return {"The request", rows};
}

} // namespace viaduct_curl
