#include <viaduct/server/admission.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

using viaduct::admission;
using viaduct::errc;
using step = viaduct::admission::step;

namespace {

using words = std::vector<std::string>;

/// A proxy with rules, and one request to it.
struct asked
{
    explicit asked(std::string const& target) : to{viaduct::parse_authority(target)}
    {
        facts.target = &to;
        facts.fields = &fields;
        facts.client = {viaduct::net::ip::make_address("192.0.2.7"), 4000};
    }

    asked& acl(words const& line)
    {
        viaduct::acl_problem problem;
        REQUIRE_MESSAGE(rules->acls.add(line, problem), problem.text());
        return *this;
    }
    asked& rule(words const& line) { return add(rules->http_access, line); }
    asked& on_trial(words const& line) { return add(rules->report_only, line); }
    asked& with_auth()
    {
        way.auth = std::make_shared<viaduct::authentication>(viaduct::authentication_options{});
        return *this;
    }

    /// The judgement, with the rules if there are any.
    admission& judge()
    {
        if (!rules->http_access.empty()) way.rules = rules;
        return verdict.emplace(way, facts);
    }

    std::shared_ptr<viaduct::policy> rules = std::make_shared<viaduct::policy>();
    viaduct::egress way;
    viaduct::authority to;
    viaduct::fields fields;
    viaduct::request_facts facts;
    std::optional<admission> verdict;

private:
    asked& add(viaduct::access_list& list, words const& line)
    {
        viaduct::acl_problem problem;
        REQUIRE_MESSAGE(list.add(line, rules->acls, problem), problem.text());
        return *this;
    }
};

} // namespace

TEST_CASE("admission: without rules the ports decide, and then the guard")
{
    CHECK(asked{"www.example:443"}.judge().next() == step::go);
    struct
    {
        char const* target;
        errc why;
    } const refused[] = {
        {"www.example:25", errc::port_prohibited},
        {"127.0.0.1:443", errc::destination_prohibited},
        {"[::ffff:10.0.0.1]:443", errc::destination_prohibited},
        {"localhost:443", errc::destination_prohibited}, // without asking any name service what it is
        {"a.localhost:443", errc::destination_prohibited},
    };
    for (auto const& one : refused) {
        CAPTURE(one.target);
        asked a{one.target};
        CHECK(a.judge().next() == step::refuse);
        CHECK(a.verdict->why() == one.why);
    }
}

TEST_CASE("admission: with rules only they decide about ports, and the guard still about addresses")
{
    CHECK(asked{"www.example:25"}.rule({"allow", "all"}).judge().next() == step::go);
    asked inside{"10.0.0.1:25"};
    CHECK(inside.rule({"allow", "all"}).judge().next() == step::refuse);
    CHECK(inside.verdict->why() == errc::destination_prohibited);
    CHECK(inside.verdict->rule() == "allow all");

    asked denied{"www.example:25"};
    CHECK(denied.acl({"ssl", "port", "443"}).rule({"deny", "!ssl"}).judge().next() == step::refuse);
    CHECK(denied.verdict->why() == errc::request_denied);
    CHECK(denied.verdict->rule() == "deny !ssl");
}

TEST_CASE("admission: what the rules want to know is asked for once, and then they decide")
{
    asked a{"www.example:443"};
    a.with_auth();
    a.rules->acls.declare_helper("ldap", false);
    a.acl({"inside", "dst", "10.0.0.0/8"}).acl({"known", "proxy_auth", "REQUIRED"});
    a.acl({"staff", "external", "ldap", "staff"});
    a.rule({"deny", "inside"}).rule({"allow", "known", "staff"}).rule({"deny", "all"});

    auto& judge = a.judge();
    CHECK(judge.next() == step::look_up);
    judge.on_addresses({viaduct::net::ip::make_address("198.51.100.1")});
    CHECK(judge.next() == step::check_user);
    judge.on_user("alice");
    CHECK(judge.next() == step::ask_helper);
    CHECK(judge.wanted() == "staff");
    judge.on_answer({.matches = true});
    CHECK(judge.next() == step::go);
    CHECK(judge.user() == "alice");
    CHECK(judge.rule() == "allow known staff");
}

TEST_CASE("admission: a client that nobody knows is asked who it is; one that lies hears so")
{
    for (auto const why : {errc::authentication_required, errc::authentication_failed}) {
        asked a{"www.example:443"};
        a.with_auth().acl({"known", "proxy_auth", "REQUIRED"}).rule({"allow", "known"});
        CHECK(a.judge().next() == step::check_user);
        a.verdict->on_user({}, why);
        CHECK(a.verdict->next() == step::refuse);
        CHECK(a.verdict->why() == why);
    }
}

TEST_CASE("admission: where nobody can prove who it is, a rule about users denies, and asks for nothing")
{
    asked a{"www.example:443"};
    a.acl({"known", "proxy_auth", "REQUIRED"}).rule({"allow", "known"});
    CHECK(a.judge().next() == step::refuse);
    CHECK(a.verdict->why() == errc::request_denied);
}

TEST_CASE("admission: a certificate has told who the client is, and nobody asks again")
{
    asked a{"www.example:443"};
    a.with_auth().acl({"boss", "proxy_auth", "boss"}).rule({"allow", "boss"});
    std::string const user = "boss";
    a.facts.user = user;
    CHECK(a.judge().next() == step::go);
}

TEST_CASE("admission: a user whom a helper names is one for the log, and proves nothing to rules about users")
{
    asked a{"www.example:443"};
    a.with_auth().rules->acls.declare_helper("ip_user", false);
    a.acl({"seat", "external", "ip_user"}).acl({"known", "proxy_auth", "REQUIRED"});
    a.rule({"deny", "!seat"}).rule({"allow", "known"});
    CHECK(a.judge().next() == step::ask_helper);
    a.verdict->on_answer({.matches = true, .user = "bob"});
    CHECK(a.verdict->next() == step::check_user);
    CHECK(a.verdict->user() == "bob");

    asked refused{"www.example:443"};
    refused.rules->acls.declare_helper("ip_user", false);
    refused.acl({"seat", "external", "ip_user"}).rule({"allow", "!seat"});
    CHECK(refused.judge().next() == step::ask_helper);
    refused.verdict->on_answer({.matches = false, .user = "bob"}); // a helper that says no names nobody
    CHECK(refused.verdict->next() == step::go);
    CHECK(refused.verdict->user().empty());
}

TEST_CASE("admission: a challenge is only for whom other credentials could help")
{
    asked certified{"www.example:443"};
    certified.with_auth().acl({"boss", "proxy_auth", "boss"}).rule({"allow", "boss"}).rule({"deny", "!boss"});
    std::string const user = "alice";
    certified.facts.user = user; // by a certificate, so that no password would be looked at
    CHECK(certified.judge().next() == step::refuse);
    CHECK(certified.verdict->why() == errc::request_denied);
}

TEST_CASE("admission: an address of IPv4 in the dress of IPv6 is that address to the rules")
{
    for (std::string const target : {"8.8.8.8:443", "[::ffff:8.8.8.8]:443", "[::ffff:808:808]:443"}) {
        CAPTURE(target);
        asked a{target};
        a.acl({"raw", "dstdom_regex", "^[0-9.]+$"}).rule({"deny", "raw"}).rule({"allow", "all"});
        CHECK(a.judge().next() == step::refuse);
    }
}

TEST_CASE("admission: what decides between a parent and the direct way is found out, too")
{
    asked a{"www.example:443"};
    a.way.parents = std::make_shared<viaduct::parent_way>(std::vector<viaduct::parent>{});
    a.acl({"inside", "dst", "10.0.0.0/8"}).rule({"allow", "all"});
    viaduct::acl_problem problem;
    REQUIRE(a.rules->never_direct.add({"deny", "inside"}, a.rules->acls, problem));
    REQUIRE(a.rules->never_direct.add({"allow", "all"}, a.rules->acls, problem));
    CHECK(a.judge().next() == step::look_up);
    a.verdict->on_addresses({viaduct::net::ip::make_address("198.51.100.1")});
    CHECK(a.verdict->next() == step::go);
    CHECK(viaduct::routing_by(a.rules).never_direct(a.verdict->facts()));
}

TEST_CASE("admission: rules on trial only tell what they would have done")
{
    asked a{"www.example:443"};
    a.acl({"shop", "dstdomain", ".example"}).rule({"allow", "all"}).on_trial({"deny", "shop"});
    CHECK(a.judge().next() == step::go);
    CHECK(a.verdict->reported() == "deny shop");
    asked other{"www.test:443"};
    other.acl({"shop", "dstdomain", ".example"}).rule({"allow", "all"}).on_trial({"deny", "shop"});
    CHECK(other.judge().next() == step::go);
    CHECK(other.verdict->reported().empty());
    asked stranger{"www.example:443"}; // whom nobody asks for credentials only to try a rule
    stranger.acl({"known", "proxy_auth", "REQUIRED"}).rule({"allow", "all"}).on_trial({"allow", "known"});
    CHECK(stranger.judge().next() == step::go);
    CHECK(stranger.verdict->reported() == "(the client would be asked who it is)");
}
