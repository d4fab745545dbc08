#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

constexpr std::array rows{
    option{"verbose", 'v', "", [](given& g) { g.all.telling.verbose = g.on; }, "Tell what happens"},
    option{"silent", 's', "", [](given& g) { g.now.answer.silent = g.on; }, "Do not tell what went wrong"},
    option{"show-error", 'S', "", [](given& g) { g.now.answer.show_error = g.on; },
           "Tell what went wrong even with -s"},
};

} // namespace

topic telling_options()
{
    return {"What is told", rows};
}

} // namespace viaduct_curl
