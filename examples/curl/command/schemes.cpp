#include "command/schemes.hpp"

#include "command/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace viaduct_curl {
namespace {

struct allowed
{
    bool http;
    bool https;

    void set(std::string_view name, bool on)
    {
        if (name == "http" || name == "all") http = on;
        if (name == "https" || name == "all") https = on;
    }
};

/// One that libcurl has, although nothing of it is done here.
[[nodiscard]] bool is_known(std::string_view name)
{
    auto const* known = curl_version_info(CURLVERSION_NOW)->protocols;
    while (*known && name != *known)
        ++known;
    return *known != nullptr;
}

void take_one(given const& g, std::string_view one, allowed& to)
{
    char sign = '+';
    while (!one.empty() && std::string_view{"+-="}.find(one.front()) != std::string_view::npos) {
        sign = one.front();
        one.remove_prefix(1);
    }
    if (one.empty()) return;
    if (one != "all" && !is_known(one)) return warn(g.now, fmt::format("unrecognized protocol '{}'", one));
    if (sign == '=') to.set("all", false);
    to.set(one, sign != '-');
}

} // namespace

std::string read_schemes(given const& g, std::string_view now)
{
    allowed result{allows(now, "http"), allows(now, "https")};
    std::string_view rest = g.value;
    while (!rest.empty()) {
        auto const one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        take_one(g, one, result);
    }
    if (result.http) return result.https ? "http,https" : "http";
    return result.https ? "https" : "";
}

bool allows(std::string_view schemes, std::string_view scheme)
{
    while (!schemes.empty()) {
        auto const one = schemes.substr(0, schemes.find(','));
        if (one == scheme) return true;
        schemes.remove_prefix(std::min(one.size() + 1, schemes.size()));
    }
    return false;
}

} // namespace viaduct_curl
