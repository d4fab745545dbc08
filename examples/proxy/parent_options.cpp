#include "parent_options.hpp"

#include "parent_values.hpp"
#include "rule_options.hpp"
#include "say.hpp"
#include "words.hpp"
#include <viaduct/server/via.hpp>

#if defined(VIADUCT_PROXY_OPENSSL)
#include <viaduct/client/tls_client.hpp>
#endif
#if defined(VIADUCT_PROXY_GSSAPI)
#include <viaduct/auth/negotiate.hpp>
#endif

#include <algorithm>
#include <utility>

namespace viaduct_proxy {
namespace {

[[nodiscard]] std::string name_of(viaduct::parent const& one)
{
    return one.name.empty() ? viaduct::to_text(one.url) : one.name;
}

[[nodiscard]] std::shared_ptr<viaduct::tls_connector> make_tls([[maybe_unused]] std::string const& ca)
{
#if defined(VIADUCT_PROXY_OPENSSL)
    viaduct::tls_client_options options;
    options.ca_file = ca;
    viaduct::error_code ec;
    viaduct::tls_option_problem problem;
    auto made = viaduct::make_tls_connector(options, ec, &problem);
    if (ec) reject("--peer-ca", problem.what, ec.message() + ": " + problem.detail);
    return made;
#else
    lacks("--cache-peer https://", "OpenSSL");
#endif
}

[[nodiscard]] viaduct::auth_scheme negotiate()
{
#if defined(VIADUCT_PROXY_GSSAPI)
    return viaduct::negotiate_scheme();
#else
    lacks("--peer-negotiate", "GSSAPI");
#endif
}

} // namespace

void parent_options::declare(CLI::App& app)
{
    flag_group flags{app, "Parents"};
    flags.list("--cache-peer", peers_, cache_peer_syntax,
               "A parent proxy: [user:password@] in http:// or https://, then name=N, weight=N, max-conn=N, "
               "connect-fail-limit=N, and round-robin, weighted-round-robin, sourcehash, userhash, carp or "
               "default");
    flags.list("--cache-peer-access", access_, "'NAME allow|deny [!]ACL...'",
               "As cache_peer_access in squid.conf");
    flags.on("--prefer-direct", prefer_direct_, "Try the direct way before the parents");
    flags.text("--nonhierarchical-direct", nonhierarchical_direct_, "on|off",
               "On: only --never-direct leads to parents, as in Squid");
    flags.text("--peer-ca", ca_, "FILE", "PEM: who signs the certificates of https:// parents");
    flags.on("--peer-negotiate", negotiate_, "Prove who we are to parents with a Kerberos ticket");
}

void parent_options::add_access(std::vector<viaduct::parent>& all,
                                std::shared_ptr<viaduct::policy> const& rules) const
{
    constexpr char flag[] = "--cache-peer-access";
    for (auto const& value : access_) {
        auto words = split_plain(flag, value);
        auto const name = words.empty() ? "" : words.front();
        auto const whose =
            std::find_if(all.begin(), all.end(), [&](auto const& one) { return name_of(one) == name; });
        if (whose == all.end()) reject(flag, value, "there is no --cache-peer with name=" + name);
        words.erase(words.begin());
        add_rule(rules->others["cache_peer_access " + name], rules->acls, flag, value, words);
    }
    for (auto& one : all) {
        auto const found = rules->others.find("cache_peer_access " + name_of(one));
        if (found == rules->others.end()) continue;
        one.usable = [rules, list = &found->second](viaduct::request_facts const& asked) {
            return list->decide(asked).what == viaduct::verdict::kind::allow;
        };
    }
}

void parent_options::read_routing(viaduct::routing_rules& to) const
{
    if (nonhierarchical_direct_ != "on" && nonhierarchical_direct_ != "off")
        reject("--nonhierarchical-direct", nonhierarchical_direct_, "write on or off");
    to.nonhierarchical_direct = nonhierarchical_direct_ == "on";
    to.prefer_direct = prefer_direct_;
}

viaduct::dialer_options parent_options::make_dialling(std::vector<viaduct::parent> const& all,
                                                      viaduct::egress const& way) const
{
    viaduct::dialer_options dialling;
    dialling.demote_for = std::chrono::seconds{0}; // dead parents are the table's business
    dialling.resolve_timeout = way.resolve_timeout;
    dialling.clocks = way.clocks;
    if (negotiate_) dialling.schemes.insert(dialling.schemes.begin(), negotiate());
    bool const has_tls = std::any_of(all.begin(), all.end(), [](auto const& one) {
        return one.url.scheme == viaduct::proxy_scheme::https;
    });
    if (has_tls) dialling.tls = make_tls(ca_.value_or(""));
    return dialling;
}

void parent_options::apply(proxy_options& to, std::shared_ptr<viaduct::policy> const& rules) const
{
    std::vector<viaduct::parent> all;
    for (auto const& value : peers_) {
        auto made = to_parent(value);
        for (auto const& other : all)
            if (name_of(other) == name_of(made))
                reject("--cache-peer", name_of(made), "two have this name: tell them apart with name=");
        all.push_back(std::move(made));
    }
    add_access(all, rules);
    auto& way = to.service.way;
    read_routing(way.routing);
    if (all.empty()) return;
    auto dialling = make_dialling(all, way);
    way.parents = std::make_shared<viaduct::parent_way>(std::move(all), std::move(dialling),
                                                        to.service.accept.request.name);
    way.via_id = viaduct::make_via_id();
    if (way.routing.nonhierarchical_direct && !way.routing.never_direct)
        tell("as in Squid, no CONNECT goes to a --cache-peer without --never-direct 'allow ...' or "
             "--nonhierarchical-direct off");
}

} // namespace viaduct_proxy
