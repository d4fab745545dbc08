#include "count_allocations.hpp"
#include "policy_question.hpp"
#include <viaduct/impl/policy/rule_index.hpp>
#include <viaduct/policy/explain.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using viaduct::access_list;
using viaduct::acl_set;
using viaduct::detail::rule_index;
using viaduct::detail::rule_walk;

namespace {

/// Chooses always in the same way.
class dice
{
public:
    std::size_t below(std::size_t end) { return engine_() % end; }

    bool once_in(std::size_t n) { return below(n) == 0; }

    template <class List>
    auto const& one_of(List const& list)
    {
        return list[below(std::size(list))];
    }

private:
    std::mt19937 engine_{4711};
};

std::vector<std::string> const hosts{"a.example",  "b.example",     "x.a.example", "y.x.a.example", "example",
                                     "aa.example", "other.invalid", "192.0.2.9",   "[2001:db8::9]", "[::1]"};
std::vector<std::string> const values[] = {
    {"a.example", ".a.example", "b.example", ".example", "192.0.2.9", "2001:db8::9", ".invalid"},
    {"192.0.2.1", "192.0.2.0/24", "10.0.0.1-10.0.1.7", "::/0", "2001:db8::/33", "all", "0.0.0.0/0",
     "10.0.0.9"},
    {"443", "1-1023", "444-448", "0-65535", "22"},
};

/// The type and values of a random ACL; `known` may be named by groups.
std::string random_acl(dice& any, std::vector<std::string> const& known)
{
    std::string const types[] = {
        "dstdomain",  "dstdomain",  "src",        "localip", "dst",    "dst -n", "port", "localport",
        "proxy_auth", "external e", "external u", "any-of",  "all-of", "method", "time", "dstdom_regex"};
    auto type = any.one_of(types);
    auto const several = [&](std::vector<std::string> const& from) {
        for (auto n = 1 + any.below(3); n > 0; --n)
            type += ' ' + any.one_of(from);
        return type;
    };
    if (type == "dstdomain") return several(values[0]);
    if (type == "src" || type == "localip" || type.starts_with("dst ") || type == "dst")
        return several(values[1]);
    if (type.ends_with("port")) return several(values[2]);
    if (type == "proxy_auth") return type + " ann";
    if (type.starts_with("external")) return type;
    if (type == "method") return type + (any.once_in(2) ? " CONNECT" : " GET");
    if (type == "time") return type + " SMTWHFA";
    if (type == "dstdom_regex") return type + " ^a";
    type += any.once_in(3) ? " !" + any.one_of(known) : ' ' + any.one_of(known);
    return any.once_in(2) ? type : type + ' ' + any.one_of(known);
}

acl_set random_acls(dice& any, std::vector<std::string>& names)
{
    acl_set acls;
    acls.declare_helper("e", false);
    acls.declare_helper("u", true);
    names = {"all", "CONNECT", "p1", "p2"};
    REQUIRE(acls.add(viaduct::make_acl("p1", [](auto const& facts) { return facts.target->port() == 443; })));
    REQUIRE(acls.add(viaduct::make_acl("p2", [](auto const& facts) {
        return facts.user ? viaduct::acl_answer::match : viaduct::acl_answer::wants_user;
    })));
    for (std::size_t i = 0; i < 12; ++i) {
        auto const name = "n" + std::to_string(i);
        add(acls, name + ' ' + random_acl(any, names));
        names.push_back(name);
    }
    return acls;
}

access_list random_rules(dice& any, acl_set const& acls, std::vector<std::string> const& names)
{
    access_list rules;
    // lists that few requests match get to their ends
    std::vector<std::string> const named{names.begin() + (any.once_in(3) ? 0 : 2), names.end()};
    for (auto n = 8 + any.below(40); n > 0; --n) {
        viaduct::access_rule rule;
        rule.action = any.once_in(2) ? viaduct::rule_action::allow : viaduct::rule_action::deny;
        // a rule without ACLs is the program's own, and rare
        for (auto terms = any.once_in(40) ? 0 : 1 + any.below(5); terms > 0; --terms)
            rule.terms.push_back({acls.find(any.one_of(named)), any.once_in(6)});
        rules.add(std::move(rule));
    }
    return rules;
}

void ask_anything(question& request, dice& any)
{
    std::string const clients[] = {"192.0.2.1",   "::ffff:192.0.2.1", "10.0.0.200",      "10.0.1.8",
                                   "2001:db8::1", "2001:db8:8000::",  "255.255.255.255", "10.0.0.9"};
    request.client(any.one_of(clients));
    request.facts.local = {address(any.one_of(clients)),
                           any.once_in(2) ? std::uint16_t{443} : std::uint16_t{3128}};
    if (any.once_in(2)) request.user(any.once_in(3) ? "" : any.once_in(2) ? "ann" : "bob");
    if (any.once_in(2)) request.resolved({any.one_of(clients), any.one_of(clients)});
    if (any.once_in(8)) request.resolved({});
    for (std::size_t i = 0; i < 12; ++i)
        if (!any.once_in(3)) request.answered("n" + std::to_string(i), any.once_in(2));
}

/// Asking all rules in order comes to the same in every respect.
bool says_the_same(access_list const& rules, question const& request)
{
    auto const said = rules.decide(request.facts);
    auto const all = viaduct::explain(rules, request.facts).outcome;
    return said.what == all.what && said.challenge == all.challenge && said.wanted == all.wanted &&
           said.rule.data() == all.rule.data() && said.rule.size() == all.rule.size() &&
           said.origin.data() == all.origin.data();
}

/// How many rules are asked at most.
std::size_t asked(access_list const& rules, question const& request)
{
    rule_index const index{rules.rules()};
    rule_walk walk{index, request.facts};
    std::size_t count = 0;
    while (walk.next() < rules.rules().size())
        ++count;
    return count;
}

/// Rules each of which has ACLs of its own, and 10 domains.
viaduct::policy many_rules(std::size_t count)
{
    viaduct::policy rules;
    std::vector<std::string> lines{"acl SSL_ports port 443", "acl auth proxy_auth REQUIRED",
                                   "http_access deny CONNECT !SSL_ports"};
    for (std::size_t i = 0; i < count; ++i) {
        auto const n = std::to_string(i);
        auto domains = "acl d" + n + " dstdomain";
        for (char c = 'a'; c < 'k'; ++c)
            domains += (c == 'a' ? " host" : " .host") + n + '.' + c + ".example";
        lines.push_back(domains);
        lines.push_back("acl s" + n + " src 10." + std::to_string(i / 256) + '.' + std::to_string(i % 256) +
                        ".0/24");
        lines.push_back("acl p" + n + " port " + std::to_string(1024 + i));
        std::string const terms[] = {"CONNECT d" + n, "s" + n, "auth d" + n, "!s" + n + " p" + n + " auth"};
        lines.push_back("http_access deny " + terms[i % 4]);
    }
    lines.push_back("http_access allow all");
    configure(rules, lines);
    rules.index_rules();
    return rules;
}

} // namespace

TEST_CASE("whatever rules and requests there are, an index changes no decision, challenge or wish")
{
    dice any;
    std::size_t wrong = 0;
    std::size_t spared = 0;
    std::size_t kinds[5] = {};
    for (int list = 0; list < 400; ++list) {
        std::vector<std::string> names;
        auto const acls = random_acls(any, names);
        auto rules = random_rules(any, acls, names);
        rules.index_rules();
        for (int i = 0; i < 25; ++i) {
            question request{any.one_of(hosts) + (any.once_in(3) ? ":22" : ":443")};
            ask_anything(request, any);
            if (!says_the_same(rules, request)) ++wrong;
            spared += rules.rules().size() - asked(rules, request);
            ++kinds[static_cast<std::size_t>(rules.decide(request.facts).what)];
        }
    }
    CHECK(wrong == 0);
    CHECK(spared > 10'000); // or nothing has been tried
    for (auto const count : kinds)
        CHECK(count > 100);
}

TEST_CASE("the ACL that is asked last stays the same, for it decides about challenges")
{
    viaduct::policy rules;
    std::vector<std::string> lines{"acl staff proxy_auth bob", "http_access allow staff"};
    for (int i = 0; i < 20; ++i) {
        lines.push_back("acl d" + std::to_string(i) + " dstdomain host" + std::to_string(i) + ".example");
        lines.push_back("http_access allow d" + std::to_string(i));
    }
    configure(rules, lines);
    question request;
    request.user("ann");
    auto const denied_without_challenge = [&] {
        rules.index_rules();
        auto const said = rules.decide(request.facts);
        return said.what == viaduct::verdict::kind::deny && !said.challenge;
    };
    CHECK(denied_without_challenge()); // no rule matches, and d19 was asked last
    rules.http_access.add({viaduct::rule_action::deny, {}, "deny without an ACL"});
    CHECK(denied_without_challenge());
    CHECK(asked(rules.http_access, request) == 3);
}

TEST_CASE("of thousands of rules a handful is asked, and nothing is allocated for that")
{
    auto const rules = many_rules(2000);
    auto const& list = rules.http_access;
    struct
    {
        std::string target;
        std::string client;
        std::string rule;
    } const cases[] = {
        {"elsewhere.example:443", "192.0.2.1", "allow all"},
        {"deep.below.host1200.b.example:443", "192.0.2.1", "deny CONNECT d1200"},
        {"host1200.a.example:443", "192.0.2.1", "deny CONNECT d1200"},
        {"x.host1200.a.example:443", "192.0.2.1", "allow all"},
        {"host1202.k.example:443", "192.0.2.1", "allow all"},
        {"host1202.j.example:443", "192.0.2.1", "deny auth d1202"},
        {"host.example:443", "10.3.1.77", "deny s769"},
        {"host.example:443", "::ffff:10.3.1.77", "deny s769"},
        {"host.example:443", "10.3.0.77", "allow all"},
    };
    for (auto const& c : cases) {
        question request{c.target};
        request.client(c.client).user("ann");
        auto const before = allocations;
        auto const said = list.decide(request.facts);
        auto const made = allocations - before;
        CHECK(made == 0);
        CHECK_MESSAGE(said.rule == c.rule, c.target << " for " << c.client);
        CHECK_MESSAGE(asked(list, request) <= 4, c.target << " for " << c.client);
        CHECK(says_the_same(list, request));
    }
    question request{"elsewhere.example:443"};
    CHECK(list.decide(request.facts).what ==
          viaduct::verdict::kind::wants_user); // the first that cannot go on
    CHECK(list.decide(request.facts).rule == "deny auth d2");
    CHECK(list.decide(request.user("").facts).challenge);
}

TEST_CASE("what is added after the index has been made counts")
{
    auto rules = many_rules(40);
    question request{"late.example:443"};
    request.user("ann");
    CHECK(rules.decide(request.facts).rule == "allow all");
    auto const copy = rules.http_access;
    add(rules.acls, "d8 dstdomain .example");
    CHECK(rules.decide(request.facts).rule == "deny CONNECT d8");
    CHECK(copy.decide(request.facts).rule == "deny CONNECT d8"); // ACLs are shared
    rules.index_rules();
    CHECK(rules.decide(request.facts).rule == "deny CONNECT d8");
    CHECK(asked(rules.http_access, request) <= 4);

    configure(rules, {"acl late dstdomain other.invalid", "http_access deny late"});
    question other{"other.invalid:443"};
    CHECK(rules.decide(other.user("ann").facts).rule == "allow all");
    CHECK(copy.decide(other.facts).rule == "allow all");

    viaduct::policy grouped;
    std::vector<std::string> lines{"acl a dstdomain a.example", "acl b dstdomain b.example",
                                   "acl g any-of a b"};
    for (int i = 0; i < 20; ++i)
        lines.push_back("http_access deny g");
    lines.push_back("http_access allow all");
    configure(grouped, lines);
    grouped.index_rules();
    CHECK(grouped.decide(request.facts).rule == "allow all");
    add(grouped.acls, "b dstdomain late.example"); // a member of a group
    CHECK(grouped.decide(request.facts).rule == "deny g");
    grouped.index_rules();
    add(grouped.acls, "g any-of localhost"); // and a new member
    CHECK(grouped.decide(question{}.client("::1").facts).rule == "deny g");
}

TEST_CASE("a host in more lists than are kept apart has all rules asked")
{
    viaduct::policy rules;
    std::vector<std::string> lines;
    std::string host = "end";
    for (int i = 0; i < 60; ++i) {
        auto const name = "d" + std::to_string(i);
        host = "l." + host;
        lines.push_back("acl " + name + " dstdomain ." + host);
        lines.push_back("acl x" + name + " dstdomain no.invalid ." + host);
        lines.push_back("http_access allow " + name + " !" + name);
        lines.push_back("http_access allow x" + name + " !" + name);
    }
    lines.push_back("http_access deny all");
    configure(rules, lines);
    rules.index_rules();
    question const request{"x." + host + ":443"};
    CHECK(asked(rules.http_access, request) == 121);
    CHECK(says_the_same(rules.http_access, request));
}
