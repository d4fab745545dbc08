#include "count_allocations.hpp"
#include "policy_question.hpp"
#include <viaduct/policy/access_list.hpp> // the header is self-contained
#include <viaduct/policy/explain.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

using viaduct::access_list;
using viaduct::acl_answer;
using viaduct::acl_problem;
using viaduct::policy;
using viaduct::verdict;

namespace {

using kind = verdict::kind;

policy made_of(std::vector<std::string> const& lines)
{
    policy rules;
    rules.acls.declare_helper("session", false);
    rules.acls.declare_helper("group", true);
    configure(rules, lines);
    return rules;
}

verdict decide(policy const& rules, question const& request)
{
    return rules.decide(request.facts);
}

/// The rules around a company's proxy: tunnels to port 443 only, the cache's pages for nobody else.
std::vector<std::string> const company{
    "acl SSL_ports port 443",
    "acl CONNECT method CONNECT",
    "http_access deny CONNECT !SSL_ports",
    "http_access allow localhost manager",
    "http_access deny manager",
    "http_access allow all",
};

} // namespace

TEST_CASE("a company's rules let tunnels to port 443 through and no others")
{
    auto const rules = made_of(company);
    auto const allowed = decide(rules, question{"en.wikipedia.org:443"});
    CHECK(allowed.what == kind::allow);
    CHECK(allowed.rule == "allow all");
    CHECK(allowed.origin == "squid.conf:6");
    auto const denied = decide(rules, question{"en.wikipedia.org:22"});
    CHECK(denied.what == kind::deny);
    CHECK(denied.rule == "deny CONNECT !SSL_ports");
    CHECK(denied.origin == "squid.conf:3");
    CHECK_FALSE(denied.challenge);
    CHECK(decide(rules, question{"en.wikipedia.org:443"}.client("127.0.0.1")).rule == "allow all");
    CHECK_FALSE(rules.http_access.asks_user());
}

TEST_CASE(
    "the rules that come with Squid serve whoever is at the proxy itself, and a network once it is let in")
{
    auto lines = std::vector<std::string>{
        "acl localnet src 0.0.0.1-0.255.255.255 10.0.0.0/8 100.64.0.0/10 169.254.0.0/16",
        "acl localnet src 172.16.0.0/12 192.168.0.0/16 fc00::/7 fe80::/10",
        "acl SSL_ports port 443",
        "acl Safe_ports port 80 21 443 70 210 1025-65535 280 488 591 777",
        "http_access deny !Safe_ports",
        "http_access deny CONNECT !SSL_ports",
        "http_access allow localhost manager",
        "http_access deny manager",
        "http_access allow localhost",
        "http_access deny all",
    };
    auto const rules = made_of(lines);
    question request;
    CHECK(decide(rules, request.client("::1")).rule == "allow localhost");
    CHECK(decide(rules, request.client("172.31.255.255")).rule == "deny all");
    CHECK(decide(rules, question{"a.example:22"}.client("::1")).rule == "deny !Safe_ports");
    CHECK(decide(rules, question{"a.example:8443"}.client("::1")).rule == "deny CONNECT !SSL_ports");

    lines.back() = "http_access allow localnet";
    auto const open = made_of(lines);
    for (std::string const inside : {"0.255.0.1", "10.9.9.9", "172.31.255.255", "fd00::1", "fe80::1"})
        CHECK_MESSAGE(decide(open, request.client(inside)).rule == "allow localnet", inside);
    for (std::string const outside : {"0.0.0.0", "1.0.0.0", "172.32.0.0", "192.0.2.1", "2001:db8::1"})
        CHECK_MESSAGE(decide(open, request.client(outside)).what == kind::deny, outside);
}

TEST_CASE("the first rule that matches decides, and where none does it is the opposite of the last")
{
    std::vector<std::string> const acls{"acl p port 443", "acl q port 80"};
    struct
    {
        std::vector<std::string> rules;
        kind what;
        std::string rule;
    } const cases[] = {
        {{}, kind::deny, ""},
        {{"http_access allow q"}, kind::deny, ""},
        {{"http_access deny q"}, kind::allow, ""},
        {{"http_access allow q", "http_access deny q"}, kind::allow, ""},
        {{"http_access deny q", "http_access allow q"}, kind::deny, ""},
        {{"http_access allow p", "http_access deny p"}, kind::allow, "allow p"},
        {{"http_access deny !q", "http_access allow all"}, kind::deny, "deny !q"},
        {{"http_access deny p !all", "http_access allow p all"}, kind::allow, "allow p all"},
    };
    for (auto const& c : cases) {
        auto lines = acls;
        lines.insert(lines.end(), c.rules.begin(), c.rules.end());
        auto const rules = made_of(lines);
        auto const said = decide(rules, question{});
        CHECK_MESSAGE(said.what == c.what, lines.back());
        CHECK_MESSAGE(said.rule == c.rule, lines.back());
    }
}

TEST_CASE("what is not known is asked for only where a rule cannot do without, and then it goes on")
{
    auto const rules = made_of({
        "acl inside dst 10.0.0.0/8",
        "acl staff proxy_auth ann",
        "acl quota external session",
        "acl odd port 1",
        "http_access deny odd inside",
        "http_access deny !staff all",
        "http_access deny inside",
        "http_access allow quota",
        "http_access deny all",
    });
    CHECK(rules.http_access.asks_user());
    question request;
    CHECK(decide(rules, request).what == kind::wants_user);
    CHECK(decide(rules, request.user("ann")).what == kind::wants_addresses);
    CHECK(decide(rules, request).rule == "deny inside");
    auto const asks = decide(rules, request.resolved({"192.0.2.9"}));
    CHECK(asks.what == kind::wants_answer);
    CHECK(asks.wanted == "quota");
    CHECK_FALSE(asks.is_final());
    CHECK(decide(rules, request.answered("quota", true)).what == kind::allow);
    CHECK(decide(rules, request.answered("quota", false)).what == kind::deny);
    CHECK(decide(rules, request.resolved({"10.0.0.1"})).rule == "deny inside");
    CHECK(decide(rules, question{"10.0.0.1:443"}.user("ann")).rule == "deny inside");
    CHECK(decide(rules, question{"10.0.0.1:1"}).rule == "deny odd inside");
}

TEST_CASE("a client is asked for credentials where it has none that hold, or where others could help")
{
    std::vector<std::string> const acls{
        "acl auth proxy_auth REQUIRED", "acl staff proxy_auth ann",   "acl team external group team",
        "acl crowded max_user_ip 0",    "acl quota external session", "acl known any-of staff",
    };
    struct
    {
        std::vector<std::string> rules;
        std::string user;
        kind what;
        bool challenge;
    } const cases[] = {
        {{"allow auth", "deny all"}, "", kind::deny, true},
        {{"deny !auth", "allow all"}, "", kind::deny, true},
        {{"deny auth", "allow all"}, "", kind::deny, true}, // nobody can tell, so nothing else is looked at
        {{"allow !auth", "deny all"}, "", kind::deny, true},
        {{"allow auth", "deny all"}, "bob", kind::allow, false},
        {{"allow staff", "deny all"}, "bob", kind::deny, false},
        {{"allow staff"}, "bob", kind::deny, true}, // staff was asked last
        {{"deny !staff", "allow all"}, "bob", kind::deny, true},
        {{"deny !known", "allow all"}, "bob", kind::deny, true},
        {{"deny !staff all", "allow all"}, "bob", kind::deny, false},
        {{"deny all !staff", "allow all"}, "bob", kind::deny, true},
        {{"deny !staff", "allow all"}, "ann", kind::allow, false},
        {{"deny !team", "allow all"}, "", kind::deny, true},
        {{"deny !team", "allow all"}, "bob", kind::deny, true},
        {{"deny !quota", "allow all"}, "bob", kind::deny, false}, // its helper does not know the user
        {{"deny crowded", "allow all"}, "", kind::deny, true},
        {{"deny crowded", "allow all"}, "bob", kind::deny, false}, // the credentials are in order
    };
    for (auto const& c : cases) {
        auto lines = acls;
        for (auto const& rule : c.rules)
            lines.push_back("http_access " + rule);
        auto const rules = made_of(lines);
        question request;
        request.user(c.user).answered("team", false).answered("quota", false);
        auto const said = decide(rules, request);
        CHECK_MESSAGE(said.what == c.what, c.rules.front() << " for " << c.user);
        CHECK_MESSAGE(said.challenge == c.challenge, c.rules.front() << " for " << c.user);
    }
}

TEST_CASE("a rule that cannot be meant is refused, with the word that is wrong")
{
    policy rules;
    configure(rules, {"acl SSL_ports port 443"});
    struct
    {
        std::string line;
        std::size_t word;
        std::string text;
    } const cases[] = {
        {"", 0, "a rule begins with allow or deny"},
        {"Allow all", 0, "a rule begins with allow or deny"},
        {"all", 0, "a rule begins with allow or deny"},
        {"deny", 1, "a rule needs an ACL; such as all"},
        {"deny CONNECT !SSL_port", 2, "there is no ACL \"SSL_port\"; did you mean 'SSL_ports'?"},
        {"allow !", 1, "there is no ACL \"\""},
        {"allow all !!all", 2, "there is no ACL \"!all\"; did you mean 'all'?"},
        {"allow something", 1, "there is no ACL \"something\""},
    };
    for (auto const& c : cases) {
        acl_problem problem;
        CHECK_FALSE_MESSAGE(rules.http_access.add(words(c.line), rules.acls, problem), c.line);
        CHECK_MESSAGE(problem.word == c.word, c.line);
        CHECK(problem.text() == c.text);
    }
    CHECK(rules.http_access.empty());
}

TEST_CASE("the proxy's own pages are what ACL manager means, however it is written")
{
    question request{"proxy.example:3128"};
    std::string const none;
    for (auto const& line :
         {none, none + "manager proto cache_object",
          none + "manager url_regex -i ^cache_object:// +i ^https?://[^/]+/squid-internal-mgr/"}) {
        viaduct::acl_set acls;
        if (!line.empty()) add(acls, line);
        request.facts.is_management = false;
        CHECK_MESSAGE(ask(acls, "manager", request) == acl_answer::no_match, line);
        request.facts.is_management = true;
        CHECK_MESSAGE(ask(acls, "manager", request) == acl_answer::match, line);
    }
    request.facts.path = "/metrics";
    for (std::string const acl : {"url_regex ^http://proxy\\.example:3128/metrics$",
                                  "urlpath_regex ^/metrics$", "proto HTTP", "proto cache_object"})
        CHECK_MESSAGE(ask(acl, request) == acl_answer::match, acl);
    CHECK(ask("proto NONE", request) == acl_answer::no_match);
}

TEST_CASE("ACLs of how a request ended match nothing before it has, and say what they are")
{
    question request;
    std::vector<std::string> const right{"http_status 407", "http_status 200 400-499", "http_status 400-",
                                         "hier_code FIRSTUP_PARENT HIER_NONE", "has response"};
    for (auto const& acl : right)
        CHECK_MESSAGE(ask(acl, request) == acl_answer::no_match, acl);
    request.facts.status = 407;
    request.facts.hierarchy = "HIER_NONE";
    for (auto const& acl : right)
        CHECK_MESSAGE(ask(acl, request) == acl_answer::match, acl);
    for (std::string const acl : {"http_status 408-", "http_status 200-406", "hier_code HIER_DIRECT"})
        CHECK_MESSAGE(ask(acl, request) == acl_answer::no_match, acl);
    viaduct::acl_set acls;
    for (auto const& line : lines("s http_status 407 / h hier_code CARP / g any-of all !s / p port 1"))
        add(acls, line);
    for (std::string const name : {"s", "h", "g"})
        CHECK_MESSAGE(acls.find(name)->asks_outcome(), name);
    CHECK_FALSE(acls.find("p")->asks_outcome());
    // a rule of requests that asks so would never match
    access_list rules;
    acl_problem problem;
    CHECK_FALSE(rules.add(words("deny p !g"), acls, problem));
    CHECK(problem.word == 2);
    CHECK(problem.text() ==
          "\"g\" asks how the request ended (any-of); nobody knows that when rules are asked: "
          "access_log takes it");
    CHECK(rules.empty());
}

TEST_CASE("an explanation has what every rule and ACL said, up to the one that decided")
{
    auto const rules = made_of(company);
    auto const explained = explain(rules.http_access, question{}.facts);
    CHECK(explained.outcome.rule == "allow all");
    REQUIRE(explained.rules.size() == 4);
    CHECK_FALSE(explained.rules[0].decided);
    CHECK(explained.rules[3].decided);
    CHECK(explained.text() == "squid.conf:3: deny CONNECT !SSL_ports\n"
                              "    CONNECT (method) matches\n"
                              "    !SSL_ports (port) does not match\n"
                              "squid.conf:4: allow localhost manager\n"
                              "    localhost (src) does not match\n"
                              "squid.conf:5: deny manager\n"
                              "    manager (url_regex) does not match\n"
                              "squid.conf:6: allow all\n"
                              "    all (src) matches\n"
                              "=> allowed by squid.conf:6: allow all\n");
}

TEST_CASE("an explanation ends as a decision does, and says what it waits for")
{
    struct
    {
        std::vector<std::string> lines;
        std::string last;
    } const cases[] = {
        {{}, "=> denied: there is no rule\n"},
        {{"http_access deny !all"}, "=> allowed: no rule matches, and this is the opposite of the last\n"},
        {{"acl u proxy_auth ann", "http_access allow u"},
         "=> denied, with a challenge: no rule matches, and this is the opposite of the last\n"},
        {{"acl d dst 10.0.0.0/8", "http_access deny d"},
         "=> the addresses of the target must be known for squid.conf:2: deny d\n"},
        {{"acl q external session", "http_access deny q"},
         "=> the helper of q must be asked for squid.conf:2: deny q\n"},
    };
    for (auto const& c : cases) {
        auto const rules = made_of(c.lines);
        question request;
        request.user("bob");
        auto const explained = explain(rules.http_access, request.facts);
        auto const decided = decide(rules, request);
        CHECK(explained.text().ends_with(c.last));
        CHECK(explained.outcome.what == decided.what);
        CHECK(explained.outcome.challenge == decided.challenge);
        CHECK(explained.outcome.wanted == decided.wanted);
    }
    auto const rules = made_of({"acl u proxy_auth ann", "http_access allow u"});
    question request;
    CHECK(explain(rules.http_access, request.facts)
              .text()
              .ends_with("    u (proxy_auth) wants to know the user\n=> the user must be known for "
                         "squid.conf:2: allow u\n"));
    CHECK(explain(rules.http_access, request.user("").facts)
              .text()
              .ends_with("    u (proxy_auth) needs credentials that hold\n"
                         "=> denied, with a challenge by squid.conf:2: allow u\n"));
}

TEST_CASE("rules may be tried without deciding anything, and only a difference is worth a word")
{
    auto rules = made_of({"acl SSL_ports port 443", "acl inside dst 10.0.0.0/8", "http_access allow all"});
    auto const differs = [&](question const& request) {
        return rules.would_differ(rules.decide(request.facts), rules.report(request.facts));
    };
    CHECK_FALSE(differs(question{"a.example:22"})); // there are none
    acl_problem problem;
    REQUIRE(rules.report_only.add(words("deny !SSL_ports"), rules.acls, problem));
    REQUIRE(rules.report_only.add(words("deny inside"), rules.acls, problem));
    CHECK(differs(question{"a.example:22"}));
    CHECK(rules.report(question{"a.example:22"}.facts).rule == "deny !SSL_ports");
    CHECK_FALSE(differs(question{"a.example:443"})); // nothing is looked up for its sake
    CHECK(differs(question{"a.example:443"}.resolved({"10.0.0.1"})));
    CHECK_FALSE(differs(question{"a.example:443"}.resolved({"192.0.2.1"})));
}

TEST_CASE("without a configuration, everybody may go to the ports that are given")
{
    auto const rules = viaduct::make_default_policy();
    CHECK(decide(rules, question{"a.example:443"}).what == kind::allow);
    CHECK(decide(rules, question{"a.example:22"}).rule == "deny CONNECT !SSL_ports");
    auto const two = viaduct::make_default_policy({22, 8443});
    CHECK(decide(two, question{"a.example:22"}).what == kind::allow);
    CHECK(decide(two, question{"a.example:443"}).what == kind::deny);
    CHECK(decide(viaduct::make_default_policy({}), question{"a.example:443"}).what == kind::deny);
}

TEST_CASE("a policy may be moved while its rules are kept, and a list outlives its ACLs")
{
    access_list kept;
    {
        auto rules = made_of(company);
        auto const moved = std::move(rules);
        kept = moved.http_access;
        CHECK(decide(moved, question{}).what == kind::allow);
    }
    CHECK(kept.decide(question{"a.example:22"}.facts).rule == "deny CONNECT !SSL_ports");
}

TEST_CASE("a program's own rules stand among those of its configuration")
{
    policy rules;
    auto const two_labels = viaduct::make_acl("two_labels", [](viaduct::request_facts const& facts) {
        return facts.target->host().find('.') == facts.target->host().rfind('.');
    });
    rules.http_access.add({viaduct::rule_action::allow, {{two_labels, false}}});
    rules.http_access.add({viaduct::rule_action::deny, {{two_labels, true}}, "deny the rest"});
    CHECK(decide(rules, question{"a.example:22"}).rule == "allow two_labels");
    CHECK(decide(rules, question{"a.b.example:22"}).rule == "deny the rest");
}

TEST_CASE("deciding by ports, addresses and domains allocates nothing")
{
    auto const rules = made_of({
        "acl SSL_ports port 443 8000-9000",
        "acl office src 10.0.0.0/8 2001:db8::/32 192.0.2.0-192.0.2.99",
        "acl bad dstdomain .bad.example a-rather-long-name-of-some-host.example 2001:db8::1",
        "acl staff proxy_auth ann a-rather-long-name-of-some-user",
        "acl inside dst 10.0.0.0/8 fe80::/10",
        "acl fine all-of office !bad",
        "http_access deny CONNECT !SSL_ports",
        "http_access deny bad",
        "http_access deny inside",
        "http_access deny !staff all",
        "http_access allow fine",
    });
    question named{"a-rather-long-name-below.another.and.yet.another.example:443"};
    named.user("a-rather-long-name-of-some-user").resolved({"192.0.2.9", "2001:db8::9"});
    question literal{"[2001:db8:1111:2222:3333:4444:5555:6666]:443"};
    literal.user("ann");
    auto const before = allocations;
    auto const first = rules.decide(named.facts);
    auto const second = rules.decide(literal.facts);
    auto const made = allocations - before;
    CHECK(made == 0);
    CHECK(first.what == kind::allow);
    CHECK(second.what == kind::allow);
}

TEST_CASE("one policy serves many threads")
{
    static_assert(std::is_nothrow_move_constructible_v<access_list>);
    auto const rules = made_of({"acl www dstdom_regex -i ^WWW[0-9]*\\.(a|b)\\.", "acl day time SMTWHFA",
                                "http_access allow www day", "http_access deny all"});
    question const yes{"www17.b.example:443"};
    question const no{"www17.c.example:443"};
    std::vector<std::size_t> right(4);
    std::vector<std::thread> threads;
    for (auto& count : right)
        threads.emplace_back([&rules, &yes, &no, &count] {
            for (int i = 0; i < 500; ++i)
                if (decide(rules, yes).what == kind::allow && decide(rules, no).what == kind::deny) ++count;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(right == std::vector<std::size_t>(4, 500));
}
