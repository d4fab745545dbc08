#include "listening_proxy.hpp"
#include "scripted_resolver.hpp"
#include "service_fixture.hpp"
#include "veil.hpp"
#include <viaduct/server/refusal.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using viaduct::errc;
using viaduct::parent;
using viaduct::proxy_scheme;
using viaduct::refusal_for;
using viaduct::request_outcome;
using peer = listening_proxy::peer;

namespace {

/// Lets every request through, and says what a target might.
void opens(peer& p)
{
    p.expect_until("\r\n\r\n").reply("HTTP/1.1 200 Fine\r\n\r\nSSH-2.0-x");
}

/// A proxy with two parents, which goes through them only.
struct childs_fixture : service_fixture
{
    childs_fixture()
    {
        options.way.routing.nonhierarchical_direct = false;
        options.way.names = names;
    }

    void begin(std::vector<parent> list)
    {
        viaduct::dialer_options dialling;
        dialling.demote_for = {};
        dialling.tls = std::make_shared<veil_connector>();
        options.way.parents = parents =
            std::make_shared<viaduct::parent_way>(std::move(list), std::move(dialling), "tested");
        start(std::move(options));
    }
    void begin(proxy_scheme scheme = proxy_scheme::http)
    {
        begin({{.url = mother.url(scheme), .name = "mother"}, {.url = father.url(scheme), .name = "father"}});
    }

    /// A client whose tunnel leads to one who says what `opens` makes it say.
    client& open_through()
    {
        auto& c = connect("www.example:443");
        REQUIRE(run_until([&] { return c.heard() == established + "SSH-2.0-x"; }));
        return c;
    }
    void wait_for_idle()
    {
        REQUIRE(run_until([&] { return proxy->active() == 0; }));
        for (std::size_t i = 0; parents && i < parents->table().size(); ++i)
            CHECK(parents->table().open_tunnels(i) == 0);
    }

    listening_proxy mother{context};
    listening_proxy father{context};
    std::shared_ptr<scripted_resolver> names = std::make_shared<scripted_resolver>();
    std::shared_ptr<viaduct::parent_way> parents;
    viaduct::service_options options = open_to_all();
};

/// Where nobody listens.
std::string unreachable(net::io_context& context)
{
    tcp::acceptor gone{context, somewhere};
    return "127.0.0.1:" + std::to_string(gone.local_endpoint().port());
}

} // namespace

TEST_CASE("service with parents: a tunnel through the first, what it is told, and the record")
{
    childs_fixture f;
    f.options.way.via_id = "0123456789abcdef";
    f.mother.expect(opens);
    f.begin();
    auto& c = f.connect_and_say("CONNECT www.example:443 HTTP/1.1\r\nHost: www.example:443\r\n"
                                "Via: 1.0 fred\r\nProxy-Authorization: Basic eDp5\r\nX-Secret: z\r\n\r\n");
    REQUIRE(f.run_until([&] { return c.heard() == established + "SSH-2.0-x"; }));
    auto const& told = f.mother.connection(0).received();
    CHECK(told.starts_with("CONNECT www.example:443 HTTP/1.1\r\n"));
    CHECK(count_of("Via: 1.0 fred, 1.1 tested (0123456789abcdef)\r\n", told) == 1);
    CHECK(count_of("Authorization", told) + count_of("X-Secret", told) == 0);
    CHECK(f.parents->table().open_tunnels(0) == 1);
    c.reset();
    auto const record = f.record();
    CHECK(record.status == 200);
    CHECK(record.hierarchy == "FIRSTUP_PARENT");
    CHECK(record.parent == "mother");
    CHECK(record.peer == "127.0.0.1");
    CHECK(record.outcome == request_outcome::tunnel);
    CHECK(record.bytes_to_client == established.size() + 9);
    CHECK(f.names->asked.empty()); // a name is the parent's business
    f.wait_for_idle();
}

TEST_CASE("service with parents: the record names the one that was being asked when the client went")
{
    childs_fixture f;
    f.mother.expect([](peer& p) { p.expect_until("\r\n\r\n"); }); // and says nothing
    f.begin();
    auto& c = f.connect("www.example:443");
    REQUIRE(f.run_until([&] { return f.mother.connections() == 1; }));
    c.reset();
    auto const record = f.record();
    CHECK(record.error == net::error::connection_reset);
    CHECK(record.parent == "mother");
    CHECK(record.attempts == 1);
    CHECK(record.times.connect != viaduct::request_times::never);
    f.wait_for_idle();
}

TEST_CASE("service with parents: one that cannot be reached, or is full, is followed by the next one")
{
    for (bool const full : {false, true}) {
        childs_fixture f;
        f.father.expect(opens);
        if (full) f.mother.expect(opens);
        if (!full) f.mother.close();
        f.begin({{.url = full ? f.mother.url()
                              : viaduct::proxy_url{viaduct::parse_authority(unreachable(f.context)),
                                                   {},
                                                   proxy_scheme::http},
                  .name = "mother",
                  .max_connections = 1},
                 {.url = f.father.url(), .name = "father"}});
        if (full) f.open_through();
        auto& c = f.open_through();
        CHECK(f.parents->table().open_tunnels(1) == 1);
        c.reset();
        CHECK(f.record().parent == "father");
        CHECK(f.record().hierarchy == (full ? "FIRSTUP_PARENT" : "ANY_OLD_PARENT"));
        f.proxy->stop();
        f.wait_for_idle();
    }
}

TEST_CASE("service with parents: where none can be reached the direct way is the last one, if it may be")
{
    for (bool const never : {false, true}) {
        childs_fixture f;
        auto const gone = viaduct::parse_authority(unreachable(f.context));
        rule_book rules;
        rules.http("allow all");
        if (never) rules.never_direct("allow all");
        f.options.way.rules = rules.all;
        auto const prefers = f.options.way.routing.nonhierarchical_direct;
        f.options.way.routing = viaduct::routing_by(rules.all);
        f.options.way.routing.nonhierarchical_direct = prefers;
        f.begin({{.url = {gone, {}, proxy_scheme::http}, .name = "gone"}});
        auto& c = f.connect(f.at_origin.target());
        CHECK(f.opens(c) == !never);
        if (never) {
            auto answer = refusal_for(errc::parent_unavailable);
            answer.next_hop = gone.text();
            CHECK(c.heard() == answer.text());
        }
        c.reset();
        CHECK(f.record().status == (never ? 502 : 200));
        CHECK(f.record().hierarchy == (never ? "FIRSTUP_PARENT" : "HIER_DIRECT"));
        CHECK(f.record().parent == (never ? "gone" : ""));
        CHECK(f.at_origin.connections() == (never ? 0 : 1));
        f.wait_for_idle();
    }
}

TEST_CASE("service with parents: what must not go direct does not, although there is no parent at all")
{
    for (bool const always : {false, true}) {
        childs_fixture f;
        auto const yes = [](viaduct::request_facts const&) { return true; };
        f.options.way.routing.never_direct = yes;
        if (always) f.options.way.routing.always_direct = yes;
        f.start(std::move(f.options));
        auto& c = f.connect(f.at_origin.target());
        CHECK(f.opens(c) == always);
        c.reset();
        CHECK(f.record().status == (always ? 200 : 502));
        if (!always) CHECK(f.record().error == errc::parent_unavailable);
        CHECK(f.at_origin.connections() == (always ? 1 : 0));
    }
}

TEST_CASE("service with parents: they help where the direct way, which is preferred, leads nowhere")
{
    for (bool const unknown : {false, true}) {
        childs_fixture f;
        f.options.way.routing.prefer_direct = true;
        f.mother.expect(opens);
        f.names->answers = {{net::error::host_not_found, {}}};
        auto const refuses = unreachable(f.context);
        f.begin();
        auto& direct = f.connect(f.at_origin.target());
        REQUIRE(f.opens(direct));
        direct.reset();
        CHECK(f.record().hierarchy == "HIER_DIRECT");
        auto& c = f.connect(unknown ? "www.example:443" : refuses);
        REQUIRE(f.run_until([&] { return c.heard() == established + "SSH-2.0-x"; }));
        c.reset();
        CHECK(f.record(2).hierarchy == "FIRSTUP_PARENT");
        CHECK(f.record(2).parent == "mother");
        f.wait_for_idle();
    }
}

TEST_CASE("service with parents: a refusal is told on, but what is meant for us is not")
{
    struct
    {
        unsigned received;
        unsigned told;
        char const* type;
    } const cases[] = {{403, 403, "http_request_denied"},
                       {429, 429, "http_request_denied"},
                       {407, 502, "proxy_configuration_error"},
                       {418, 502, "destination_unavailable"},
                       {503, 503, "destination_unavailable"}};
    for (auto const& c : cases) {
        for (bool const explains : {true, false}) {
            CAPTURE(c.received);
            childs_fixture f;
            f.options.way.explain_to_strangers = explains;
            f.mother.expect([&](peer& p) {
                p.expect_until("\r\n\r\n")
                    .reply("HTTP/1.1 " + std::to_string(c.received) +
                           " No\r\nProxy-Authenticate: Basic realm=\"inner\"\r\nX-Inner: y\r\n"
                           "Content-Length: 6\r\nConnection: close\r\n\r\ninner!");
            });
            f.begin();
            auto const answer = f.refused("www.example:443");
            CHECK(answer.starts_with("HTTP/1.1 " + std::to_string(c.told) + ' '));
            CHECK(count_of("inner", answer) + count_of("Inner", answer) == 0);
            auto const hop = std::to_string(f.mother.acceptor().local_endpoint().port());
            CHECK(count_of(hop, answer) == (explains ? 1 : 0)); // nobody is told of our parents
            CHECK(count_of("received-status=" + std::to_string(c.received), answer) == (explains ? 1 : 0));
            auto const record = f.record();
            CHECK(record.status == c.told);
            CHECK(record.parent == "mother");
            CHECK(record.hierarchy == "FIRSTUP_PARENT");
            CHECK(record.outcome == request_outcome::tunnel);
            CHECK(record.proxy_error == (explains ? c.type : "")); // as sent
            CHECK(count_of(c.type, answer) == (explains ? 1 : 0));
            CHECK(f.father.connections() == 0);
            f.wait_for_idle();
        }
    }
}

TEST_CASE("service with parents: what has been here before goes round in a circle")
{
    childs_fixture f;
    f.options.way.via_id = "mine";
    f.begin();
    auto const answer =
        f.last_words(f.connect_and_say("CONNECT www.example:443 HTTP/1.1\r\nHost: www.example:443\r\nVia: "
                                       "1.1 other, 1.1 me (mine)\r\n\r\n"));
    CHECK(answer == refusal_for(errc::request_loop).text());
    CHECK(f.record().status == 508);
    CHECK(f.record().error == errc::request_loop);
    CHECK(f.record().outcome == request_outcome::denied); // nothing has been tried
}

TEST_CASE("service with parents: the guard stands in front of them too")
{
    std::string const targets[] = {"127.0.0.1:443", "localhost:443",   "[::1]:443",
                                   "10.0.0.1:443",  "a.localhost:443", "inner.example:443"};
    childs_fixture f;
    f.options.way.guard = {};
    f.options.way.rules = rule_book{}.acl("far dst 192.0.2.1").http("deny far").http("allow all").all;
    f.names->answers = {
        {{}, found({"10.0.0.1"})}, {{}, found({"10.0.0.1"})}, {{}, found({"10.0.0.1"})}}; // for the rules
    f.begin();
    std::size_t count = 0;
    for (auto const& target : targets) {
        CAPTURE(target);
        CHECK(f.refused(target) == refusal_for(errc::destination_prohibited).text());
        CHECK(f.record(++count).outcome == request_outcome::denied);
    }
    CHECK(f.mother.connections() == 0);
}

TEST_CASE("service with parents: with TLS or without, on either side, octets and ends go through")
{
    for (bool const client_has_tls : {false, true})
        for (bool const parent_has_tls : {false, true}) {
            CAPTURE(client_has_tls);
            CAPTURE(parent_has_tls);
            childs_fixture f;
            viaduct::service_listener where{somewhere};
            if (client_has_tls) where.tls = std::make_shared<veil_acceptor>();
            f.options.listen = {where};
            f.mother.expect([&](peer& p) {
                if (parent_has_tls) p.expect("T");
                opens(p);
                p.expect_until("question").reply("answer").shutdown();
            });
            f.begin(parent_has_tls ? proxy_scheme::https : proxy_scheme::http);
            std::string const hello = client_has_tls ? "T" : "";
            auto& c = f.connect_and_say(hello + connect_to("www.example:443") + "quest");
            REQUIRE(f.run_until([&] { return c.heard().starts_with(established + "SSH-2.0-x"); }));
            c.say("ion");
            auto const all = established + "SSH-2.0-xanswer" + (client_has_tls ? "bye" : "");
            REQUIRE(f.run_until([&] { return c.heard() == all && c.ended() != client_has_tls; }));
            CHECK(f.mother.connection(0).problem() == "");
            c.reset();
            CHECK(f.record().status == 200);
            CHECK(f.record().bytes_from_client == 8);
            CHECK(f.record().user == (client_has_tls ? "ann" : ""));
            f.wait_for_idle();
        }
}

TEST_CASE("service with parents: a client with TLS reaches a target without")
{
    childs_fixture f;
    viaduct::service_listener where{somewhere};
    where.tls = std::make_shared<veil_acceptor>();
    f.options.listen = {where};
    f.start(std::move(f.options));
    auto& c = f.connect_and_say("T" + connect_to(f.at_origin.target()) + "early");
    REQUIRE(f.run_until(
        [&] { return f.at_origin.connections() == 1 && f.at_origin.visitor().heard() == "early"; }));
    f.at_origin.visitor().say("late");
    f.at_origin.visitor().end();
    REQUIRE(f.run_until([&] { return c.heard() == established + "latebye"; }));
    c.reset();
    CHECK(f.record().hierarchy == "HIER_DIRECT");
    f.wait_for_idle();
}

TEST_CASE("service with parents: it may be stopped at every step of asking them, and nothing is left open")
{
    for (auto const scheme : {proxy_scheme::http, proxy_scheme::https}) {
        bool tunnel_was_open = false;
        for (std::size_t steps = 0; !tunnel_was_open; ++steps) {
            REQUIRE(steps < 1000);
            childs_fixture f;
            f.options.way.limits = std::make_shared<viaduct::limits>();
            auto const limits = f.options.way.limits;
            f.mother.expect([&](peer& p) {
                if (scheme == proxy_scheme::https) p.expect("T");
                opens(p);
            });
            f.begin(scheme);
            auto& c = f.connect("www.example:443");
            f.run_steps(steps, [&] { return c.heard().starts_with(established); });
            tunnel_was_open = c.heard().starts_with(established);
            f.proxy->stop();
            f.wait_for_idle();
            REQUIRE(f.run_until([&] { return c.ended(); }));
            CHECK(limits->tunnels() == 0);
            CHECK(f.log.records().size() <= 1);
            for (auto const& record : f.log.records())
                CHECK(record.error == net::error::operation_aborted);
        }
    }
}

TEST_CASE("service with parents: connections to parents leave with their address too")
{
    childs_fixture f;
    auto outgoing = std::make_shared<viaduct::outgoing_rules>();
    outgoing->add_address(net::ip::make_address_v4("127.0.0.2"));
    f.options.way.outgoing = std::move(outgoing);
    f.mother.expect(opens);
    f.begin();
    f.open_through().reset();
    CHECK(f.record().outgoing == "127.0.0.2");
}
