#ifndef VIADUCT_IMPL_DETAIL_OPENING_IPP
#define VIADUCT_IMPL_DETAIL_OPENING_IPP

#include <viaduct/detail/opening.hpp>
#include <viaduct/helpers/external_acl.hpp>
#include <viaduct/server/via.hpp>

#include <algorithm>
#include <string>

namespace viaduct::detail {

/// What is known before anybody has been asked.
[[nodiscard]] inline request_facts known_of(request const& asked, egress const& way)
{
    auto const& from = asked.connection();
    request_facts facts;
    facts.method = asked.head().method;
    facts.target = &asked.target();
    facts.fields = &asked.head().fields;
    facts.client = from.client;
    facts.local = from.local;
    if (from.listener) facts.listener = *from.listener;
    if (from.tls && !from.tls->user.empty()) facts.user = from.tls->user;
    facts.others = way.limits.get();
    return facts;
}

VIADUCT_DECL opening::opening(request asked, egress const& leave, tunnel_facts& told)
    : way{&leave},
      facts{&told},
      next{std::move(asked)},
      judge{leave, known_of(next, leave)},
      timer{next.get_executor()},
      attempts{told, leave.wishes.addresses}
{
    if (!judge.user().empty()) scheme = "TLS";
    looked_up = next.target().is_address();
    if (looked_up) endpoints.assign(1, {net::ip::make_address(next.target().host()), next.target().port()});
}

VIADUCT_DECL error_code opening::enter(ticket& held) const
{
    if (!way->via_id.empty() && has_passed(next.head().fields.list(), way->via_id)) return errc::request_loop;
    return way->limits ? way->limits->enter(held, next.client().address()) : error_code{};
}

VIADUCT_DECL error_code opening::admit(ticket& held) const
{
    return way->limits ? way->limits->admit(held, judge.user(), judge.facts().target->host()) : error_code{};
}

VIADUCT_DECL void opening::on_looked_up(error_code ec)
{
    looked_up = true;
    facts->times.lookup.add(std::chrono::steady_clock::now() - began);
    if (way->wishes.addresses) facts->rare().resolved = addresses();
    bool const is_ours = ec == errc::resolve_timeout || ec == errc::resolver_overloaded;
    not_found = !ec || is_ours ? ec : make_error_code(errc::destination_unresolvable);
}

VIADUCT_DECL void opening::on_connect_ended(error_code ec)
{
    facts->times.connect.add(std::chrono::steady_clock::now() - began);
    if (!ec) facts->times.connected = facts->since_accepted();
}

VIADUCT_DECL void opening::on_connected(net::ip::tcp::socket const& upstream)
{
    error_code ignored;
    if (way->wishes.addresses) facts->rare().outgoing = upstream.local_endpoint(ignored);
}

VIADUCT_DECL void opening::on_direct()
{
    out.direct_first = false; // whatever comes of it
    facts->hierarchy = hierarchy::direct;
    facts->peer = {};
    if (facts->more) facts->more->parent.clear();
    if (!looked_up) facts->phase = request_phase::resolving;
}

VIADUCT_DECL parent_lease opening::conclude()
{
    auto const& user = judge.user();
    if (!user.empty()) facts->rare().user = user;
    if (!scheme.empty()) facts->rare().scheme = std::move(scheme);
    facts->rule = judge.rule();
    facts->reported = judge.reported();
    return std::move(lease);
}

[[nodiscard]] inline std::vector<net::ip::address>
addresses_of(std::vector<net::ip::tcp::endpoint> const& endpoints)
{
    std::vector<net::ip::address> all;
    for (auto const& endpoint : endpoints)
        all.push_back(endpoint.address());
    return all;
}

VIADUCT_DECL std::vector<net::ip::address> opening::addresses() const
{
    return addresses_of(endpoints);
}

VIADUCT_DECL void opening::ask_helper()
{
    auto const outcome = helper.start(timer);
    auto const* const use = way->rules->acls.find_external(judge.wanted());
    auto const whom = use ? way->externals.find(use->helper) : way->externals.end();
    if (whom == way->externals.end()) return outcome->bring({errc::helper_unavailable, {}});
    whom->second->ask(judge.facts(), judge.wanted(), use->arguments,
                      [outcome](error_code ec, external_answer says) {
                          outcome->bring({ec, std::move(says)});
                      });
}

VIADUCT_DECL error_code opening::on_helper()
{
    auto outcome = std::move((*helper).answer());
    helper.reset();
    if (!outcome.error) judge.on_answer(std::move(outcome.says));
    return outcome.error;
}

VIADUCT_DECL error_code opening::choose_way()
{
    parent_table nobody{{}};
    out = choose_route(way->routing, way->parents ? way->parents->table() : nobody, judge.facts());
    return out.empty() ? make_error_code(errc::parent_unavailable) : error_code{};
}

VIADUCT_DECL bool opening::is_known_prohibited() const
{
    return !endpoints.empty() && allowed_endpoints(endpoints, way->guard).empty();
}

VIADUCT_DECL delay_pools::meters opening::delays() const
{
    if (!way->delays) return {};
    auto known = judge.facts();
    std::vector<net::ip::address> const reached(1, facts->peer.address());
    bool const is_target = facts->hierarchy == hierarchy::direct;
    if (known.addresses == nullptr && is_target) known.addresses = &reached;
    return way->delays->meters_for(known);
}

VIADUCT_DECL outgoing_socket opening::leaves_with(std::vector<net::ip::tcp::endpoint> const& where) const
{
    if (!way->outgoing) return {};
    auto known = judge.facts();
    auto const found = addresses_of(where);
    if (known.addresses == nullptr && !found.empty()) known.addresses = &found; // dialled in vain: unknown
    return way->outgoing->choose(known);
}

VIADUCT_DECL void opening::on_asked(error_code ec, dial_report const& report)
{
    on_connect_ended(ec);
    auto const& pick = last_of(report);
    auto const& asked = way->parents->table()[pick.index];
    facts->peer = report.remote;
    facts->hierarchy = pick.code;
    facts->rare().parent = asked.name.empty() ? to_text(asked.url) : asked.name;
    for (auto const& each : report.attempts)
        if (each.phase == dial_phase::connect) attempts.on_attempt(each.address);
    if (way->wishes.addresses) facts->rare().outgoing = report.local;
}

VIADUCT_DECL bool opening::on_dialled(error_code ec, dial_report const& report)
{
    auto& table = way->parents->table();
    learn(table, out.parents, ec, report);
    if (!ec) lease = table.lease(last_of(report).index);
    bool const was_asked = report.phase >= dial_phase::handshake; // its answer is final
    out.parents.clear();
    return ec && !was_asked && out.direct_last;
}

VIADUCT_DECL error_code opening::settle(error_code why)
{
    if (viaduct::status_of(why) != 407) return why;
    if (challenges.empty() && way->auth) challenges = way->auth->offers();
    std::erase_if(challenges, [](auto const& each) { return each.empty() || !is_field_value(each); });
    return challenges.empty() ? make_error_code(errc::request_denied) : why;
}

VIADUCT_DECL refusal opening::answer_to(error_code why, std::chrono::seconds retry_after) const
{
    auto answer = refusal_for(why, retry_after, way->statuses);
    if (answer.status == 407)
        for (auto const& each : challenges)
            answer.fields.add("Proxy-Authenticate", each);
    return veiled(std::move(answer));
}

VIADUCT_DECL refusal opening::veiled(refusal answer) const
{
    if (way->explain_to_strangers || !judge.user().empty()) return answer;
    answer.content.clear();
    answer.proxy_error.clear();
    answer.squid_error.clear();
    return answer;
}

/// Digest has a field of its own for it; what begins with the scheme is the last leg of a conversation, which
/// clients of Negotiate expect where the legs before were.
VIADUCT_DECL fields opening::acceptance() const
{
    fields more;
    if (info.empty() || !is_field_value(info)) return more;
    bool const is_leg = info.size() > scheme.size() && info[scheme.size()] == ' ' && info.starts_with(scheme);
    more.add(is_leg ? "Proxy-Authenticate" : "Proxy-Authentication-Info", info);
    return more;
}

} // namespace viaduct::detail

#endif
