#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

void take_insecure(given& g)
{
    g.now.passed.set(CURLOPT_SSL_VERIFYPEER, g.name, g.on ? 0 : 1);
    g.now.passed.set(CURLOPT_SSL_VERIFYHOST, g.name, g.on ? 0 : 2);
}

constexpr std::array rows{
    option{"insecure", 'k', "", take_insecure, "Do not check the origin's certificate"},
    option{"cacert", 0, "file", pass_text<CURLOPT_CAINFO>, "The certificates to check with"},
};

} // namespace

topic origin_tls_options()
{
    return {"TLS with the origin", rows};
}

} // namespace viaduct_curl
