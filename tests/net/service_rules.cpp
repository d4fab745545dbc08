#include "scripted_resolver.hpp"
#include "service_fixture.hpp"
#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/helpers/external_acl.hpp>
#include <viaduct/net/proxy_protocol.hpp>
#include <viaduct/server/refusal.hpp>

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <ostream>
#include <string>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::refusal_for;
using viaduct::request_outcome;

namespace {

/// A proxy with rules, and a name service that says what a test says.
struct ruled_fixture : service_fixture
{
    ruled_fixture() { options.way.names = names; }

    void start_with(rule_book const& rules)
    {
        options.way.rules = rules.all;
        start(std::move(options));
    }

    /// The origin, by a name.
    [[nodiscard]] std::string named(std::string const& host = "www.example") const
    {
        return host + at_origin.target().substr(at_origin.target().find(':'));
    }

    std::shared_ptr<scripted_resolver> names = std::make_shared<scripted_resolver>();
    viaduct::service_options options = open_to_all();
};

std::shared_ptr<viaduct::authentication> passwords(std::map<std::string, std::string> known)
{
    viaduct::authentication_options options;
    options.verifiers = {
        std::make_shared<viaduct::basic_verifier>(viaduct::basic_verifier_options{}, std::move(known))};
    options.failure_delay = 0ms;
    return std::make_shared<viaduct::authentication>(std::move(options));
}

/// A helper that answers by the cases of a shell's `case`; its processes end with it.
std::shared_ptr<viaduct::external_acl> shell_helper(net::any_io_executor const& executor,
                                                    std::string const& format, std::string const& cases,
                                                    std::chrono::milliseconds timeout = 10s)
{
    viaduct::helper_options options;
    options.command = {"/bin/sh", "-c", "while read -r l; do case $l in " + cases + " esac; done"};
    options.limits = {.max_children = 1, .idle_children = 0, .concurrency = 0};
    options.limits.timeout = timeout;
    options.shutdown_grace = 100ms;
    auto const pool = std::make_shared<viaduct::helper_pool>(executor, std::move(options));
    return std::make_shared<viaduct::external_acl>(pool, viaduct::external_acl_options{.format = format});
}

} // namespace

TEST_CASE("service with rules: the first rule that matches decides, and its text is in the record")
{
    struct
    {
        char const* first;
        char const* second;
        unsigned status;
    } const cases[] = {{"allow here", "deny all", 200},
                       {"deny here", "allow all", 403},
                       {"allow all", "deny here", 200},
                       {"deny !here", "allow all", 200}};
    for (auto const& c : cases) {
        CAPTURE(c.first);
        ruled_fixture f;
        f.start_with(rule_book{}.acl("here dst 127.0.0.1").http(c.first).http(c.second));
        auto& at_client = f.connect(f.at_origin.target());
        if (c.status == 200) {
            REQUIRE(f.opens(at_client));
            at_client.reset();
        }
        auto const record = f.record();
        CHECK(record.status == c.status);
        CHECK(record.rule == (std::string{c.first} == "deny !here" ? c.second : c.first));
        CHECK(record.outcome == (c.status == 200 ? request_outcome::tunnel : request_outcome::denied));
        CHECK(record.hierarchy == (c.status == 200 ? "HIER_DIRECT" : ""));
        if (c.status == 200) continue;
        CHECK(record.error == errc::request_denied);
        REQUIRE(f.run_until([&] { return at_client.ended(); }));
        CHECK(at_client.heard() == refusal_for(errc::request_denied).text());
        CHECK(f.at_origin.connections() == 0);
    }
}

TEST_CASE("service with rules: a policy without a rule serves nobody, and the guard has the last word")
{
    ruled_fixture nothing;
    nothing.start_with({});
    CHECK(nothing.refused(nothing.at_origin.target()) == refusal_for(errc::request_denied).text());
    ruled_fixture guarded;
    guarded.options.way.guard = {};
    guarded.start_with(rule_book{}.http("allow all"));
    CHECK(guarded.refused(guarded.at_origin.target()) == refusal_for(errc::destination_prohibited).text());
    CHECK(guarded.record().rule == "allow all");
    CHECK(guarded.record().outcome == request_outcome::denied);
}

TEST_CASE("service with rules: a name is looked up once, and what the rules saw is what is dialled")
{
    for (bool const harmless_first : {true, false}) {
        ruled_fixture f;
        f.names->answers = {{{}, found({"127.0.0.1"})}, {{}, found({"127.0.0.3"})}};
        if (!harmless_first) std::swap(f.names->answers[0], f.names->answers[1]);
        f.start_with(rule_book{}.acl("inner dst 127.0.0.3").http("deny inner").http("allow all"));
        auto& c = f.connect(f.named());
        CHECK(f.opens(c) == harmless_first);
        c.reset();
        CHECK(f.record().status == (harmless_first ? 200 : 403));
        CHECK(f.record().peer == (harmless_first ? "127.0.0.1" : ""));
        CHECK(f.names->asked.size() == 1);
    }
}

TEST_CASE("service with rules: a name that cannot be looked up has no addresses, for rules as for the dial")
{
    ruled_fixture f;
    f.names->answers = {{net::error::host_not_found, {}}, {net::error::host_not_found, {}}};
    f.start_with(rule_book{}.acl("inner dst 127.0.0.3").http("deny inner").http("allow all"));
    CHECK(f.refused(f.named()) == refusal_for(errc::destination_unresolvable).text());
    CHECK(f.record().outcome == request_outcome::tunnel);
    CHECK(f.names->asked.size() == 1);

    ruled_fixture slow;
    slow.options.way.resolve_timeout = 10ms;
    slow.start_with(rule_book{}.acl("inner dst 127.0.0.3").http("deny inner").http("allow all"));
    CHECK(slow.refused(slow.named()) == refusal_for(errc::resolve_timeout).text());
    CHECK(slow.record().status == 504);
    CHECK(slow.record().error == errc::resolve_timeout);
}

TEST_CASE("service with rules: what is only tried is reported, and the request is served")
{
    ruled_fixture f;
    f.start_with(rule_book{}.http("allow all").acl("p port 1-65535").on_trial("deny p"));
    f.open_tunnel().reset();
    CHECK(f.record().status == 200);
    CHECK(f.record().rule == "allow all");
    CHECK(f.record().reported == "deny p");
}

TEST_CASE("service with rules: one request may need user, addresses and helper, each asked for once")
{
    for (std::string const says : {"OK", "ERR"}) {
        ruled_fixture f;
        f.names->answers = {{{}, found({"127.0.0.1"})}};
        f.options.way.auth = passwords({{"user", "secret"}});
        auto const helper = shell_helper(f.executor(), "%LOGIN %SRC",
                                         "'user 127.0.0.1 x'*) echo " + says + " tag=t;; *) echo BH;;");
        f.options.way.externals["club"] = helper;
        rule_book rules;
        rules.all->acls.declare_helper("club", true);
        rules.acl("member external club x").acl("here dst 127.0.0.1").acl("known proxy_auth REQUIRED");
        rules.http("deny !known").http("allow here member").http("deny all");
        f.start_with(rules);
        auto& c =
            f.connect_and_say("CONNECT " + f.named() +
                              " HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n");
        CHECK(f.opens(c) == (says == "OK"));
        c.reset();
        auto const record = f.record();
        CHECK(record.status == (says == "OK" ? 200 : 403));
        CHECK(record.user == "user");
        CHECK(record.scheme == "Basic");
        CHECK(record.rule == (says == "OK" ? "allow here member" : "deny all"));
        CHECK(f.names->asked.size() == 1);
        f.options = {};
        f.proxy.reset(); // and with it the helper
    }
}

TEST_CASE("service with rules: a helper that cannot tell is an error of ours, and lets nobody through")
{
    struct
    {
        char const* cases;
        errc why;
    } const all[] = {{"*) echo BH;;", errc::authentication_broken},
                     {"*) while read -r l; do :; done;;", errc::helper_timeout},
                     {nullptr, errc::helper_unavailable}};
    for (auto const& each : all) {
        CAPTURE(int(each.why));
        ruled_fixture f;
        if (each.cases)
            f.options.way.externals["club"] = shell_helper(f.executor(), "%SRC", each.cases, 50ms);
        rule_book rules;
        rules.all->acls.declare_helper("club", false);
        f.start_with(rules.acl("member external club").http("allow !member").http("allow all"));
        CHECK(f.refused(f.at_origin.target()).starts_with("HTTP/1.1 500 "));
        CHECK(f.record().error == each.why);
        CHECK(f.record().outcome == request_outcome::denied); // nothing has been tried
        CHECK(f.at_origin.connections() == 0);
    }
}

TEST_CASE("service with rules: nobody is asked for credentials where none could help")
{
    auto const none = std::make_shared<viaduct::authentication>(viaduct::authentication_options{});
    for (auto const& auth : {std::shared_ptr<viaduct::authentication>{}, none})
        for (bool const from_helper : {false, true}) { // who says it is somebody, but not the right one
            ruled_fixture f;
            f.options.way.auth = auth;
            f.options.way.externals["who"] = shell_helper(f.executor(), "%SRC", "*) echo OK user=ann;;");
            rule_book rules;
            rules.all->acls.declare_helper("who", false);
            rules.acl("asked external who").acl("staff proxy_auth bob");
            if (from_helper) rules.http("deny !asked");
            f.start_with(rules.http("deny !staff").http("allow all"));
            auto const answer = f.refused(f.at_origin.target());
            CHECK(answer == refusal_for(errc::request_denied).text());
            CHECK(f.record().user == (from_helper ? "ann" : ""));
            CHECK(f.record().error == errc::request_denied);
        }
}

TEST_CASE("service with rules: who is served and where it connected to is what a trusted header says")
{
    for (bool const right : {true, false}) {
        ruled_fixture f;
        viaduct::service_listener balanced{somewhere};
        balanced.name = "balanced";
        error_code ec;
        balanced.proxy_protocol.emplace().trusted = {viaduct::address_block::parse("127.0.0.0/8", ec)};
        f.options.listen = {balanced};
        rule_book rules;
        rules.acl("us src 192.0.2.1").acl("front localip 192.0.2.9").acl("port localport 3128");
        f.start_with(rules.acl("named myportname balanced").http("allow us front port named"));
        auto const header = viaduct::proxy_protocol_header(
            viaduct::proxy_protocol_version::v2, {net::ip::make_address("192.0.2.1"), 1234},
            {net::ip::make_address(right ? "192.0.2.9" : "192.0.2.8"), 3128});
        auto& c = f.connect_and_say(header + connect_to(f.at_origin.target()));
        CHECK(f.opens(c) == right);
        c.reset();
        CHECK(f.record().client == "192.0.2.1");
        CHECK(f.record().client_port == 1234);
        CHECK(f.record().status == (right ? 200 : 403));
    }
}

TEST_CASE("service with rules: it may be stopped at every step of finding things out")
{
    bool tunnel_was_open = false;
    for (std::size_t steps = 0; !tunnel_was_open; ++steps) {
        REQUIRE(steps < 1000);
        ruled_fixture f;
        f.names->answers = {{{}, found({"127.0.0.1"})}};
        f.options.way.auth = passwords({{"user", "secret"}});
        rule_book rules;
        rules.acl("here dst 127.0.0.1").acl("known proxy_auth REQUIRED");
        f.start_with(rules.http("allow known here"));
        auto& c =
            f.connect_and_say("CONNECT " + f.named() +
                              " HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n");
        f.run_steps(steps, [&] { return c.heard() == established; });
        tunnel_was_open = c.heard() == established;
        f.proxy->stop();
        REQUIRE(f.run_until([&] { return f.proxy->active() == 0 && c.ended(); }));
        CHECK(f.log.records().size() <= 1);
        for (auto const& record : f.log.records())
            CHECK(record.error == net::error::operation_aborted);
    }
}

TEST_CASE("service with rules: one that is stopped while a helper or a name service is silent ends at once")
{
    for (bool const helper : {true, false}) {
        ruled_fixture f;
        f.options.way.externals["club"] =
            shell_helper(f.executor(), "%SRC", "*) while read -r l; do :; done;;");
        rule_book rules;
        rules.all->acls.declare_helper("club", false);
        rules.acl("member external club").acl("here dst 127.0.0.1");
        f.start_with(rules.http(helper ? "allow member" : "allow here"));
        auto& c = f.connect(f.named());
        if (!helper) REQUIRE(f.run_until([&] { return f.names->waiting.size() == 1; }));
        REQUIRE(f.run_until([&] { return f.proxy->active() == 1; }));
        f.proxy->stop();
        CHECK(f.record().error == net::error::operation_aborted);
        CHECK(f.record().status == 0);
        REQUIRE(f.run_until([&] { return c.ended() && f.proxy->active() == 0; }));
    }
}

TEST_CASE("service with rules: open tunnels keep the rules they began with, and nothing else of the snapshot")
{
    ruled_fixture f;
    f.options.way.limits = std::make_shared<viaduct::limits>();
    std::weak_ptr<viaduct::limits> const old = f.options.way.limits;
    rule_book open;
    open.http("allow all");
    std::weak_ptr<viaduct::policy> const old_rules = open.all;
    f.start_with(open);
    open.all.reset();
    auto& one = f.open_tunnel();
    auto& other = f.open_tunnel();
    CHECK(old.lock()->tunnels() == 2);
    auto next = f.open_to_all().way;
    next.rules = rule_book{}.http("deny all").all;
    f.proxy->reload(std::move(next));
    CHECK(f.refused(f.at_origin.target()) == refusal_for(errc::request_denied).text());
    CHECK(old.expired()); // whoever made it need not wait for tunnels
    one.reset();
    CHECK(f.record(2).rule == "allow all");
    CHECK_FALSE(old_rules.expired());
    other.reset();
    CHECK(f.record(3).status == 200);
    REQUIRE(f.run_until([&] { return f.proxy->active() == 0; }));
    CHECK(old_rules.expired());

    f.proxy->stop();
    f.proxy->reload(f.open_to_all().way); // a word too late does no harm
    CHECK(f.proxy->endpoints().size() == 1);
}

TEST_CASE("service with rules: connections leave with the first address whose terms match")
{
    auto const with_address = [](ruled_fixture& f, std::vector<std::string> const& terms) {
        rule_book const rules =
            rule_book{}.acl("there dst 127.0.0.1").acl("who proxy_auth REQUIRED").http("allow all");
        auto outgoing = std::make_shared<viaduct::outgoing_rules>();
        auto last = net::ip::make_address_v4("127.0.0.2").to_uint();
        for (auto const& each : terms) {
            viaduct::acl_problem problem;
            outgoing->add_address(net::ip::address_v4{last++}, {rules.all->acls.read_term(each, problem)});
        }
        f.options.way.outgoing = std::move(outgoing);
        f.names->answers = {{{}, found({"127.0.0.1"})}};
        f.start_with(rules);
    };
    struct
    {
        std::vector<std::string> terms; // of 127.0.0.2, 127.0.0.3 and so on
        char const* seen;
    } const cases[] = {{{"!there", "there", "all"}, "127.0.0.3"},
                       {{"who", "!who", "all"}, "127.0.0.4"}, // nobody is asked who it is for it
                       {{"!there"}, "127.0.0.1"}};
    for (auto const& c : cases) {
        CAPTURE(c.seen);
        ruled_fixture f;
        with_address(f, c.terms);
        auto& at_client = f.connect(f.named());
        REQUIRE(f.opens(at_client));
        at_client.reset();
        CHECK(f.record().outgoing == c.seen);
    }
}
