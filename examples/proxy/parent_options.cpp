#include "parent_options.hpp"

#include "directive_match.hpp"
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

[[nodiscard]] std::shared_ptr<viaduct::tls_connector> make_tls([[maybe_unused]] typed const& where,
                                                               [[maybe_unused]] parent_tls const& wishes)
{
#if defined(VIADUCT_PROXY_OPENSSL)
    viaduct::tls_client_options options;
    options.ca_file = wishes.ca;
    options.ca_path = wishes.ca_path;
    options.certificate_file = wishes.certificate;
    options.key_file = wishes.key;
    options.ciphers = wishes.ciphers;
    options.verify_host = wishes.verify_host;
    if (wishes.min_version == "1.3") options.min_version = "TLSv1.3";
    viaduct::error_code ec;
    viaduct::tls_option_problem problem;
    auto made = viaduct::make_tls_connector(options, ec, &problem);
    if (ec) reject(where.where(), problem.what, ec.message() + ": " + problem.detail);
    return made;
#else
    lacks(where.where() + " with TLS", "OpenSSL");
#endif
}

/// What is said about TLS with parents: one set for all of them.
[[nodiscard]] parent_tls one_for_all(std::vector<typed_parent const*> const& with_tls)
{
    auto const first = with_tls.front()->tls.value_or(parent_tls{});
    for (auto const* each : with_tls)
        if (each->tls.value_or(parent_tls{}) != first)
            reject(each->what, "all parents with TLS have the same options: give it those of the first one");
    return first;
}

[[nodiscard]] viaduct::auth_scheme negotiate([[maybe_unused]] std::string const& where)
{
#if defined(VIADUCT_PROXY_GSSAPI)
    return viaduct::negotiate_scheme();
#else
    lacks(where, "GSSAPI");
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

void parent_options::take(directive_match& line)
{
    line.each("cache_peer",
              [this](typed const& what) {
                  if (auto made = read_cache_peer(what)) squid_peers_.push_back(std::move(*made));
              })
        .list("cache_peer_access", access_)
        .on("prefer_direct", prefer_direct_)
        .text("nonhierarchical_direct", nonhierarchical_direct_);
}

std::vector<typed_parent> parent_options::read_all() const
{
    auto all = squid_peers_;
    for (auto const& value : peers_)
        all.push_back(read_parent(value));
    for (auto one = all.begin(); one != all.end(); ++one)
        for (auto other = all.begin(); other != one; ++other)
            if (name_of(one->parent) == name_of(other->parent))
                reject(with_value(one->what, name_of(one->parent)),
                       "two have this name: tell them apart with name=");
    return all;
}

void parent_options::add_access(std::vector<viaduct::parent>& all,
                                std::shared_ptr<viaduct::policy> const& rules) const
{
    for (auto const& value : access_) {
        auto words = split_plain(value);
        auto const name = words.empty() ? "" : words.front();
        auto const whose =
            std::find_if(all.begin(), all.end(), [&](auto const& one) { return name_of(one) == name; });
        if (whose == all.end()) reject(value, "there is no --cache-peer with name=" + name);
        words.erase(words.begin());
        add_rule(rules->others["cache_peer_access " + name], rules->acls, value, words);
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
    auto const& direct = nonhierarchical_direct_;
    if (direct.value != "on" && direct.value != "off") reject(direct, "write on or off");
    to.nonhierarchical_direct = direct.value == "on";
    to.prefer_direct = prefer_direct_.value;
}

viaduct::dialer_options parent_options::make_dialling(std::vector<typed_parent> const& all,
                                                      proxy_options const& to) const
{
    viaduct::dialer_options dialling;
    dialling.demote_for = std::chrono::seconds{0}; // dead parents are the table's business
    dialling.resolve_timeout = to.service.way.resolve_timeout;
    dialling.clocks = to.parent_clocks;
    dialling.timeout = to.parent_clocks.total;
    if (auto const silence = to.service.way.relay.idle_timeout; silence.count() > 0)
        dialling.connect.timeout = std::min(dialling.connect.timeout, silence);
    dialling.unasked = std::any_of(squid_peers_.begin(), squid_peers_.end(), [](auto const& each) {
        return each.parent.url.who.has_value(); // as Squid does with login=
    });
    auto const negotiates =
        std::find_if(all.begin(), all.end(), [](auto const& each) { return each.negotiates; });
    if (negotiate_.value || negotiates != all.end())
        dialling.schemes.insert(
            dialling.schemes.begin(),
            negotiate(negotiate_.value ? negotiate_.where() : negotiates->what.where() + " login=NEGOTIATE"));
    std::vector<typed_parent const*> with_tls;
    for (auto const& each : all)
        if (each.parent.url.scheme == viaduct::proxy_scheme::https) with_tls.push_back(&each);
    if (with_tls.empty()) return dialling;
    auto tls = one_for_all(with_tls);
    if (ca_) tls.ca = ca_->value;
    dialling.tls = make_tls(ca_ ? *ca_ : with_tls.front()->what, tls);
    return dialling;
}

void parent_options::apply(proxy_options& to, std::shared_ptr<viaduct::policy> const& rules) const
{
    auto const typed_ones = read_all();
    std::vector<viaduct::parent> all;
    for (auto const& each : typed_ones)
        all.push_back(each.parent);
    add_access(all, rules);
    auto& way = to.service.way;
    read_routing(way.routing);
    if (all.empty()) return;
    auto dialling = make_dialling(typed_ones, to);
    way.parents = std::make_shared<viaduct::parent_way>(std::move(all), std::move(dialling),
                                                        to.service.accept.request.name);
    if (to.has_via) way.via_id = viaduct::make_via_id();
    if (way.routing.nonhierarchical_direct && !way.routing.never_direct)
        tell("as in Squid, no CONNECT goes to a parent without a rule of never_direct that allows it, or "
             "nonhierarchical_direct off");
}

} // namespace viaduct_proxy
