#include "explain.hpp"

#include "words.hpp"
#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/resolve_op.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/policy/explain.hpp>

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_proxy {
namespace {

using addresses = std::vector<viaduct::net::ip::address>;
using found_endpoints = std::vector<viaduct::net::ip::tcp::endpoint>;

enum class outcome : int
{
    allowed = 0,
    denied = 1,
    unknown = 3
};

[[nodiscard]] viaduct::net::ip::address to_client(std::string const& text)
{
    viaduct::error_code ec;
    auto const address = viaduct::net::ip::make_address(text, ec);
    if (ec) reject("--explain", text, "the client comes first: write its address, such as 192.0.2.7");
    return address;
}

[[nodiscard]] viaduct::authority to_target(std::string const& text)
{
    viaduct::error_code ec;
    auto target = viaduct::parse_authority(text, ec);
    if (ec) reject("--explain", text, ec.message() + "; the target is HOST:PORT, such as www.example:443");
    return target;
}

/// What the name service says, with the clock of the proxy.
[[nodiscard]] addresses look_up(viaduct::egress const& way, viaduct::authority const& target)
{
    viaduct::net::io_context context;
    viaduct::net::steady_timer timer{context};
    found_endpoints all;
    auto lookup = viaduct::detail::async_resolve_into(all, *way.names, context.get_executor(), target,
                                                      viaduct::detail::deferred);
    viaduct::async_with_deadline(timer, way.resolve_timeout, viaduct::errc::resolve_timeout,
                                 std::move(lookup), [&](viaduct::error_code ec) {
                                     if (ec) fmt::print("{}: {}\n", target.host(), ec.message());
                                 });
    context.run();
    addresses found;
    for (auto const& each : all) {
        fmt::print("{} is {}\n", target.host(), viaduct::detail::to_text(each.address()));
        found.push_back(each.address());
    }
    return found;
}

[[nodiscard]] outcome ask_rules(viaduct::egress const& way, viaduct::access_list const& rules,
                                viaduct::request_facts& facts, addresses& found)
{
    using kind = viaduct::verdict::kind;
    auto told = viaduct::explain(rules, facts);
    if (told.outcome.what == kind::wants_addresses) {
        found = look_up(way, *facts.target);
        facts.addresses = &found;
        told = viaduct::explain(rules, facts);
    }
    fmt::print("{}", told.text());
    if (told.outcome.what == kind::allow) return outcome::allowed;
    return told.outcome.what == kind::deny ? outcome::denied : outcome::unknown;
}

[[nodiscard]] outcome ask_guard(viaduct::address_guard const& guard, viaduct::authority const& target,
                                addresses const& found)
{
    if (!target.is_address() && !guard.allows_name(target.host())) {
        fmt::print("guard: {} is not allowed; see allow_destination\n", target.host());
        return outcome::denied;
    }
    bool any = found.empty();
    for (auto const& each : found) {
        bool const fits = guard.allows(each);
        any = any || fits;
        fmt::print("guard: {} ({}) {}\n", viaduct::detail::to_text(each),
                   viaduct::to_string(viaduct::classify(each)),
                   fits ? "is allowed" : "is not allowed; see allow_destination");
    }
    if (found.empty()) fmt::print("guard: looks at the addresses of {} when it is dialled\n", target.host());
    return any ? outcome::allowed : outcome::denied;
}

/// Where a request that is allowed goes.
[[nodiscard]] std::string_view way_of(viaduct::egress const& way, viaduct::request_facts const& facts)
{
    auto const& rules = way.routing;
    bool const always = rules.always_direct && rules.always_direct(facts);
    if (!way.parents || always) return "directly";
    if (rules.never_direct && rules.never_direct(facts)) return "through parents only";
    if (rules.nonhierarchical_direct) return "directly, for no rule of never_direct forbids it";
    return rules.prefer_direct ? "directly, and through parents if that fails"
                               : "through parents, and directly if none can be reached";
}

} // namespace

int explain_request(proxy_options const& options)
{
    auto const& way = options.service.way;
    auto const target = to_target(options.explain[1]);
    viaduct::request_facts facts;
    facts.client = {to_client(options.explain[0]), 0};
    facts.target = &target;
    facts.local = options.service.listen.front().endpoint;
    facts.listener = options.service.listen.front().name;
    if (options.explain.size() > 2) facts.user = options.explain[2];
    addresses found;
    if (target.is_address()) found.push_back(viaduct::net::ip::make_address(target.host()));
    if (!found.empty()) facts.addresses = &found;
    auto const by_rules = ask_rules(way, options.rules->http_access, facts, found);
    auto const by_guard = ask_guard(way.guard, target, found);
    fmt::print("way: {}\n", way_of(way, facts));
    return static_cast<int>(by_guard == outcome::denied ? by_guard : by_rules);
}

} // namespace viaduct_proxy
