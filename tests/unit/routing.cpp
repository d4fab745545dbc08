#include <viaduct/server/parent_refusal.hpp> // the headers are self-contained
#include <viaduct/server/routing.hpp>
#include <viaduct/server/via.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
using viaduct::authority;
using viaduct::dial_phase;
using viaduct::dial_report;
using viaduct::errc;
using viaduct::error_code;
using viaduct::fields;
using viaduct::has_passed;
using viaduct::parent;
using viaduct::parent_table;
using viaduct::request_facts;
using viaduct::route;
using viaduct::routing_rules;
using viaduct::via_for;
using viaduct::via_member;
namespace net = viaduct::net;

namespace {

parent_table::clock::time_point const start{100s};
authority const target{"a.example", 443};

request_facts facts()
{
    request_facts f;
    f.target = &target;
    return f;
}

bool yes(request_facts const&)
{
    return true;
}

bool no(request_facts const&)
{
    return false;
}

parent weak(std::string const& name) // one failure is enough
{
    parent p{.url = {authority{name, 3128}}};
    p.connect_fail_limit = 1;
    return p;
}

fields via(std::string_view value)
{
    fields f;
    f.add("via", value);
    return f;
}

} // namespace

TEST_CASE("routing: which rule decides, as in Squid")
{
    struct
    {
        std::string what;
        routing_rules rules;
        bool direct_first;
        bool parents;
        bool direct_last;
    } const cases[] = {
        {"nothing said: a CONNECT goes directly", {}, true, false, false},
        {"rules that say no are none", {.always_direct = no, .never_direct = no}, true, false, false},
        {"never_direct", {.never_direct = yes}, false, true, false},
        {"always_direct", {.always_direct = yes}, true, false, false},
        {"always_direct before never_direct",
         {.always_direct = yes, .never_direct = yes},
         true,
         false,
         false},
        {"parents before the direct way", {.nonhierarchical_direct = false}, false, true, true},
        {"the direct way before parents",
         {.nonhierarchical_direct = false, .prefer_direct = true},
         true,
         true,
         false},
        {"prefer_direct alone changes nothing", {.prefer_direct = true}, true, false, false},
        {"never_direct before prefer_direct",
         {.never_direct = yes, .nonhierarchical_direct = false, .prefer_direct = true},
         false,
         true,
         false},
    };
    for (auto const& c : cases) {
        CAPTURE(c.what);
        parent_table table{{weak("a.example"), weak("b.example")}};
        auto const chosen = choose_route(c.rules, table, facts(), start);
        CHECK(chosen.direct_first == c.direct_first);
        CHECK(chosen.parents.size() == (c.parents ? 2 : 0));
        CHECK(chosen.direct_last == c.direct_last);
        CHECK_FALSE(chosen.empty());
    }
    parent_table none{{}};
    CHECK(choose_route({.never_direct = yes}, none, facts(), start).empty());
    CHECK_FALSE(choose_route({.nonhierarchical_direct = false}, none, facts(), start).empty());
}

TEST_CASE("routing: a request that goes directly takes no parent's turn")
{
    auto turn = weak("a.example");
    turn.choice = viaduct::parent_choice::round_robin;
    auto other = turn;
    other.name = "b";
    parent_table table{{turn, other}};
    CHECK(choose_route({}, table, facts(), start).parents.empty());
    CHECK(choose_route({.never_direct = yes}, table, facts(), start).parents.front().index == 0);
    CHECK(choose_route({.always_direct = yes}, table, facts(), start).parents.empty());
    CHECK(choose_route({.never_direct = yes}, table, facts(), start).parents.front().index == 1);
}

TEST_CASE("routing: a dial shows which parents live")
{
    struct
    {
        std::string what;
        error_code error;
        dial_phase phase;
        std::size_t way;
        std::string alive; // of the parents 0 to 2, of which 2, 1 and 0 were tried; 1 was dead before
    } const cases[] = {
        {"the first one tried, at once", {}, dial_phase::established, 0, "0-2"},
        {"the second one", {}, dial_phase::established, 1, "01-"},
        {"the last one", {}, dial_phase::established, 2, "0--"},
        {"none", errc::connect_timeout, dial_phase::connect, 2, "---"},
        {"none, for lack of TLS", errc::tls_handshake_failed, dial_phase::secure, 2, "---"},
        {"a refusal", errc::proxy_denied, dial_phase::handshake, 1, "01-"},
        {"our certificate refused", errc::tls_handshake_failed, dial_phase::handshake, 2, "---"},
        {"cancelled on the way", net::error::operation_aborted, dial_phase::connect, 1, "0--"},
        {"a report of more than was tried", errc::connect_timeout, dial_phase::connect, 9, "---"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.what);
        parent_table table{{weak("a.example"), weak("b.example"), weak("c.example")}};
        table.on_failed(1, start);
        dial_report report;
        report.phase = c.phase;
        report.way = c.way;
        learn(table, {{2, ""}, {1, ""}, {0, ""}}, c.error, report, start);
        std::string alive;
        for (std::size_t i = 0; i < 3; ++i)
            alive += table.is_alive(i, start) ? std::to_string(i) : "-";
        CHECK(alive == c.alive);
    }
}

TEST_CASE("via: what a proxy says of itself is what it recognises")
{
    CHECK(via_member("proxy.example", "abc") == "1.1 proxy.example (abc)");
    CHECK(via_member("[::1]:3128", "abc") == "1.1 [::1]:3128 (abc)");
    CHECK(via_member("", "abc") == "1.1 viaduct (abc)");
    CHECK(via_member("a b,(c)", "abc") == "1.1 a-b--c- (abc)");
    for (std::string const id : {"abc", "a(b)c", "a\\", "((", ")", "a, 1.1 b (c)"}) {
        CAPTURE(id);
        auto const member = via_member("proxy", id);
        CHECK(has_passed(via(member).list(), id));
        CHECK(has_passed(
            via("1.0 fred, HTTP/1.1 p.example:80 (a \\( comment (nested, too)), " + member).list(), id));
        CHECK_FALSE(has_passed(via(member).list(), id + "x"));
    }
    auto const id = viaduct::make_via_id();
    CHECK(id.size() == 16);
    CHECK(id != viaduct::make_via_id());
    CHECK(via_member("p", "a\nb") == "1.1 p (a?b)");
}

TEST_CASE("via: only a whole comment is an identifier, and nothing before it hides it")
{
    for (std::string const value :
         {"1.0 x (, 1.1 proxy (abc)", "1.0 x \\, 1.1 proxy (abc)", "1.1 proxy ((abc))"}) {
        CAPTURE(value);
        CHECK(has_passed(via(value).list(), "abc"));
    }
    for (std::string const value : {"1.1 abc", "1.1 proxy (xabc)", "1.1 proxy (abc d)", "1.1 proxy (abc",
                                    "1.1 proxy abc)", "1.1 proxy (ab\\)c)", "(", ")", "\\", "(\\"}) {
        CAPTURE(value);
        CHECK_FALSE(has_passed(via(value).list(), "abc"));
    }
    CHECK(has_passed(via("1.1 another (x), 1.1 proxy (abc), 1.1 third").list(), "abc"));
    auto two = via("1.1 another");
    two.add("X", "(abc)");
    CHECK_FALSE(has_passed(two.list(), "abc"));
    two.add("VIA", "1.1 proxy(abc)");
    CHECK(has_passed(two.list(), "abc"));
    CHECK_FALSE(has_passed({}, "abc"));
}

TEST_CASE("via: what a request came with is passed on, in its order")
{
    auto received = via("1.0 a, 1.1 b (x)");
    CHECK(via_for({}, "1.1 me (id)") == "1.1 me (id)");
    CHECK(via_for(received.list(), "1.1 me (id)") == "1.0 a, 1.1 b (x), 1.1 me (id)");
    received.add("Via", "");
    received.add("Via", "1.1 c");
    CHECK(via_for(received.list(), "1.1 me (id)") == "1.0 a, 1.1 b (x), 1.1 c, 1.1 me (id)");
}

TEST_CASE("parent refusal: what a parent has answered, and what our client is told")
{
    struct
    {
        unsigned received;
        errc error;
        unsigned sent;
        std::string type;
    } const cases[] = {
        {403, errc::proxy_denied, 403, "http_request_denied"},
        {404, errc::target_unreachable, 404, "destination_unavailable"},
        {410, errc::proxy_refused, 410, "destination_unavailable"},
        {429, errc::proxy_refused, 429, "http_request_denied"},
        {451, errc::proxy_denied, 451, "http_request_denied"},
        {500, errc::proxy_refused, 500, "destination_unavailable"},
        {502, errc::target_unreachable, 502, "destination_unavailable"},
        {503, errc::target_unreachable, 503, "destination_unavailable"},
        {504, errc::target_timeout, 504, "connection_timeout"},
        {508, errc::proxy_refused, 508, "proxy_loop_detected"},
        {407, errc::proxy_auth_required, 502, "proxy_configuration_error"}, // never told on
        {407, errc::proxy_auth_rejected, 502, "proxy_configuration_error"},
        {400, errc::proxy_refused, 502, "destination_unavailable"},
        {405, errc::proxy_denied, 502, "http_request_denied"},
        {302, errc::proxy_refused, 502, "destination_unavailable"},
        {401, errc::proxy_refused, 502, "destination_unavailable"},
        {600, errc::proxy_refused, 502, "destination_unavailable"},
        {999, errc::proxy_refused, 502, "destination_unavailable"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.received);
        dial_report report;
        report.hop = "https://parent.example:8443";
        report.phase = dial_phase::handshake;
        report.reply.status = c.received;
        report.reply.body = "the parent's words";
        report.reply.fields.add("Proxy-Authenticate", "Basic realm=\"the parent's\"");
        auto const r = parent_refusal(c.error, report);
        CHECK(r.status == c.sent);
        CHECK(r.proxy_error == c.type);
        auto const text = r.text("me");
        CHECK(text.find("Proxy-Status: me; error=" + c.type +
                        "; next-hop=\"parent.example:8443\"; received-status=" + std::to_string(c.received) +
                        "\r\n") != std::string::npos);
        CHECK(text.find("the parent's") == std::string::npos);
    }
}

TEST_CASE("parent refusal: parents that do not answer")
{
    struct
    {
        error_code error;
        unsigned sent;
        std::string type;
    } const cases[] = {
        {net::error::connection_refused, 502, "destination_unavailable"},
        {net::error::host_not_found, 502, "destination_unavailable"},
        {errc::tls_verification_failed, 502, "destination_unavailable"},
        {errc::proxy_closed, 502, "destination_unavailable"},
        {errc::no_proxy_left, 502, "destination_unavailable"},
        {errc::resolve_timeout, 504, "dns_timeout"},
        {errc::connect_timeout, 504, "connection_timeout"},
        {errc::tls_timeout, 504, "connection_timeout"},
        {errc::handshake_timeout, 504, "connection_timeout"},
        {errc::dial_timeout, 504, "connection_timeout"},
        {net::error::timed_out, 504, "connection_timeout"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.error);
        dial_report report;
        report.hop = "http://parent.example:3128";
        auto const r = parent_refusal(c.error, report);
        CHECK(r.status == c.sent);
        CHECK(r.proxy_error == c.type);
        CHECK(r.received_status == 0);
        CHECK(r.next_hop == "parent.example:3128");
    }
    dial_report direct;
    direct.hop = "direct";
    CHECK(parent_refusal(net::error::connection_refused, direct).text() ==
          viaduct::refusal_for(net::error::connection_refused).text());
}

TEST_CASE(
    "parent_refusal: in Squid's profile it is 503 where a parent cannot be reached, and 504 where it is slow")
{
    using viaduct::dial_phase;
    struct
    {
        error_code error;
        dial_phase phase;
        unsigned answered, squid;
        std::string_view name;
    } const cases[] = {
        {net::error::connection_refused, dial_phase::connect, 0, 503, "ERR_CONNECT_FAIL 111"},
        {errc::connect_timeout, dial_phase::connect, 0, 503, "ERR_CONNECT_FAIL 110"},
        {errc::handshake_timeout, dial_phase::handshake, 0, 504, "ERR_CONNECT_FAIL 0"},
        {errc::proxy_closed, dial_phase::handshake, 0, 502, "ERR_CONNECT_FAIL 0"},
        {errc::tls_verification_failed, dial_phase::secure, 0, 503, "ERR_SECURE_CONNECT_FAIL 0"},
        {errc::resolve_timeout, dial_phase::resolve, 0, 500, "ERR_CANNOT_FORWARD 0"},
        {errc::proxy_refused, dial_phase::handshake, 418, 418, ""},
        {errc::proxy_auth_rejected, dial_phase::handshake, 407, 502, ""},
    };
    for (auto const& c : cases) {
        CAPTURE(c.error);
        dial_report report;
        report.hop = "http://parent.example:3128";
        report.phase = c.phase;
        report.reply.status = c.answered;
        auto const r = parent_refusal(c.error, report, viaduct::status_profile::squid);
        CHECK(r.status == c.squid);
        CHECK(r.squid_error == c.name);
        CHECK(r.proxy_error == parent_refusal(c.error, report).proxy_error);
    }
}
