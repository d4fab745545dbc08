#include "tasks/tunnel_target.hpp"

#include "command/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace viaduct_curl {
namespace {

/// The address with its brackets, if it lacks them.
[[nodiscard]] std::string with_brackets(std::string_view text)
{
    bool const is_bare_v6 = !text.starts_with('[') && std::count(text.begin(), text.end(), ':') > 1;
    if (!is_bare_v6) return std::string{text};
    auto const colon = text.rfind(':');
    return fmt::format("[{}]{}", text.substr(0, colon), text.substr(colon));
}

} // namespace

viaduct::authority read_tunnel_target(std::string_view text)
{
    viaduct::error_code ec;
    auto target = viaduct::parse_authority(with_brackets(text), ec);
    if (ec) misuse(fmt::format("'{}' is no HOST:PORT: {}", printable(text), ec.message()));
    return target;
}

std::shared_ptr<route const> choose_tunnel(operation const& wanted, viaduct::authority const& target,
                                           verbose const& log)
{
    url to;
    to.scheme = "https";
    to.host = target.host();
    to.port = target.port();
    auto way = choose_route(wanted, to, log);
    if (way.ways.empty()) way.ways = {viaduct::proxy_route{}};
    return std::make_shared<route const>(std::move(way));
}

} // namespace viaduct_curl
