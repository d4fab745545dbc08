#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

constexpr std::array rows{
    option{"user", 'u', "user:password", [](given& g) { g.now.request.user = g.value; },
           "Who asks the origin"},
};

} // namespace

topic origin_identity_options()
{
    return {"Who asks the origin", rows};
}

} // namespace viaduct_curl
