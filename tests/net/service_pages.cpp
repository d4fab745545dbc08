#include "service_fixture.hpp"
#include <viaduct/log/squid_native.hpp>
#include <viaduct/server/refusal.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::page;
using viaduct::refusal_for;
using viaduct::request_outcome;

namespace {

/// Answers as a test says, and keeps what it was asked.
class scripted_pages final : public viaduct::page_source
{
public:
    void make(viaduct::page_request what, std::function<void(page)> reply) override
    {
        asked.push_back(std::move(what));
        if (first) first();
        if (fails) throw std::runtime_error{"secret"};
        if (later)
            replies.push_back(std::move(reply));
        else
            reply(answer);
    }

    page answer{.content = "hello\n"};
    bool later = false;
    bool fails = false;
    std::function<void()> first;
    std::vector<viaduct::page_request> asked;
    std::vector<std::function<void(page)>> replies;
};

struct pages_fixture : service_fixture
{
    pages_fixture() { options.pages = pages; }

    /// The second listener has pages only.
    void start_with_two()
    {
        viaduct::service_listener second{somewhere};
        second.pages_only = true;
        options.listen = {somewhere, second};
        start(std::move(options));
    }

    /// What a client hears at the second listener.
    std::string hear_from_second(std::string text)
    {
        clients.push_back(std::make_unique<client>(executor(), proxy->endpoints().at(1)));
        clients.back()->say(std::move(text));
        return last_words(*clients.back());
    }

    [[nodiscard]] std::string get(std::string const& target, std::string const& method = "GET")
    {
        return last_words(connect_and_say(asks_for(target, method)));
    }

    [[nodiscard]] static std::string asks_for(std::string const& target, std::string const& method = "GET")
    {
        return method + ' ' + target + " HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    }

    [[nodiscard]] static std::string native(viaduct::tunnel_record const& record)
    {
        std::string line;
        viaduct::format_squid_native(record, line);
        return line;
    }

    std::shared_ptr<scripted_pages> pages = std::make_shared<scripted_pages>();
    viaduct::service_options options = open_to_all();
};

std::string const hello_head = "HTTP/1.1 200 OK\r\n"
                               "Content-Type: text/plain; charset=utf-8\r\n"
                               "Content-Length: 6\r\n"
                               "Cache-Control: no-store\r\n"
                               "X-Content-Type-Options: nosniff\r\n"
                               "Connection: close\r\n"
                               "\r\n";

} // namespace

TEST_CASE("service with pages: a page is asked for by its path, answered, and logged without its query")
{
    pages_fixture f;
    f.start(std::move(f.options));
    CHECK(f.get("/a/b?c=secret?d") == hello_head + "hello\n");
    REQUIRE(f.pages->asked.size() == 1);
    auto const& asked = f.pages->asked[0];
    CHECK(asked.method == "GET");
    CHECK(asked.path == "/a/b");
    CHECK(asked.query == "c=secret?d");
    CHECK(asked.client == "127.0.0.1");
    CHECK_FALSE(asked.draining);
    CHECK(asked.fields.find("x") == "y");
    auto const record = f.record();
    CHECK(record.method == "GET");
    CHECK(record.target == "/a/b");
    CHECK(record.outcome == request_outcome::page);
    CHECK(record.status == 200);
    CHECK(record.content_type == "text/plain");
    CHECK(record.answer_head == hello_head.size());
    CHECK(record.bytes_to_client == hello_head.size() + 6);
    CHECK_FALSE(record.error);
    auto const line = f.native(record);
    auto const size = std::to_string(hello_head.size() + 6);
    CHECK(line.find(" 127.0.0.1 TCP_MISS/200 " + size + " GET /a/b - HIER_NONE/- text/plain\n") != line.npos);
    CHECK(f.proxy->active() == 0);

    CHECK(f.get("/", "HEAD") == hello_head); // the same, without what it is about
    CHECK(f.record(2).content_type == "");
    f.pages->answer = {.status = 404, .content = {}, .fields = {}};
    f.pages->answer.fields.add("Allow", "GET");
    auto const answer = f.get("/x", "DELETE");
    CHECK(answer.starts_with("HTTP/1.1 404 Not Found\r\nAllow: GET\r\nContent-Length: 0\r\n"));
    CHECK(answer.find("\r\nContent-Type:") == answer.npos);
    CHECK(f.record(3).outcome == request_outcome::page);
    CHECK(f.opens(f.connect(f.at_origin.target()))); // tunnels are what they were
}

TEST_CASE("service with pages: rules say who may have them, and find nothing out for their sake")
{
    struct
    {
        char const* first;
        char const* second;
        bool allowed;
    } const cases[] = {
        {"allow localhost manager", "deny all", true},
        {"deny manager", "allow all", false},
        {"deny !manager", "allow all", true},
        {"deny CONNECT", "allow all", true},
        {"deny getting", "allow all", false},
        {"allow at_itself", "deny all", true}, // the target is the proxy
        {"allow own_port", "deny all", false}, // of which 9 is no port
        {"allow known", "allow all", false},   // nobody is asked who he is
        {"deny elsewhere", "allow all", true}, // the address is known
    };
    for (auto const& c : cases) {
        CAPTURE(c.first);
        pages_fixture f;
        rule_book rules;
        rules.acl("getting method GET").acl("at_itself dst 127.0.0.1").acl("own_port port 9");
        rules.acl("known proxy_auth REQUIRED").acl("elsewhere dst 192.0.2.1");
        f.options.way.rules = rules.http(c.first).http(c.second).all;
        f.options.way.guard = {}; // has nothing to do with it
        f.options.way.ports = {};
        f.start(std::move(f.options));
        auto const answer = f.get("/metrics?x");
        CHECK(answer == (c.allowed ? hello_head + "hello\n" : refusal_for(errc::request_denied).text()));
        CHECK(f.pages->asked.size() == (c.allowed ? 1 : 0));
        auto const record = f.record();
        CHECK(record.status == (c.allowed ? 200 : 403));
        CHECK(record.target == "/metrics");
        if (c.allowed) continue;
        CHECK(record.outcome == request_outcome::denied);
        CHECK(record.error == errc::request_denied);
        CHECK(record.proxy_error == "http_request_denied");
        CHECK(record.rule != "");
        auto const line = f.native(record);
        CHECK(line.find(" TCP_DENIED/403 ") != line.npos);
        auto const to_head = f.get("/metrics", "HEAD");
        CHECK(to_head.ends_with("\r\n\r\n"));
    }
}

TEST_CASE("service with pages: the ACL manager does not match a CONNECT, wherever it goes")
{
    pages_fixture f;
    f.options.way.rules = rule_book{}.http("allow manager").http("deny all").all;
    f.start(std::move(f.options));
    CHECK(f.refused(f.at_origin.target()) == refusal_for(errc::request_denied).text());
    CHECK(f.get("/") == hello_head + "hello\n");
}

TEST_CASE("service with pages: without rules they are for this machine alone")
{
    for (bool const from_here : {true, false}) {
        pages_fixture f;
        viaduct::proxy_protocol_in behind;
        viaduct::error_code ec;
        behind.trusted = {viaduct::address_block::parse("127.0.0.1/32", ec)};
        f.options.accept.proxy_protocol = behind;
        f.start(std::move(f.options));
        std::string const who = from_here ? "127.0.0.9" : "192.0.2.9";
        auto& c =
            f.connect_and_say("PROXY TCP4 " + who + " 127.0.0.1 5 6\r\n" + pages_fixture::asks_for("/"));
        CHECK(f.last_words(c) ==
              (from_here ? hello_head + "hello\n" : refusal_for(errc::request_denied).text()));
        CHECK(f.record().client == who);
    }
}

TEST_CASE("service with pages: a rule that was not written for them shows them to this machine alone")
{
    struct
    {
        char const* first;
        char const* second;
        bool allowed;
    } const cases[] = {
        {"allow lan manager", "deny all", true},
        {"allow for_metrics", "deny all", true},
        {"allow any_page", "deny all", true},
        {"deny CONNECT !tls_port", "allow manager", true},
        {"allow lan", "deny all", false},
        {"deny CONNECT !tls_port", "allow lan", false}, // as nearly every squid.conf has it
        {"deny !manager !tls_port", "allow lan", false},
        {"deny tls_port", "deny tls_port", false}, // what no rule decides
        {"allow lan !CONNECT", "deny all", false},
        {"allow lan getting", "deny all", false},
        {"allow lan over_http", "deny all", false},
        {"allow lan of_http", "deny all", false},
    };
    for (auto const& c : cases) {
        CAPTURE(c.first);
        pages_fixture f;
        rule_book rules;
        rules.acl("lan src 192.0.2.0/24").acl("tls_port port 443").acl("getting method GET");
        rules.acl("for_metrics urlpath_regex ^/metrics").acl("any_page any-of manager tls_port");
        rules.acl("over_http proto HTTP").acl("of_http url_regex ^http://");
        f.options.way.rules = rules.http(c.first).http(c.second).all;
        viaduct::proxy_protocol_in behind;
        behind.trusted = {viaduct::address_block::parse("127.0.0.1/32")};
        f.options.accept.proxy_protocol = behind;
        f.start(std::move(f.options));
        auto& asks =
            f.connect_and_say("PROXY TCP4 192.0.2.9 127.0.0.1 5 6\r\n" + pages_fixture::asks_for("/metrics"));
        CHECK(f.last_words(asks) ==
              (c.allowed ? hello_head + "hello\n" : refusal_for(errc::request_denied).text()));
    }
}

TEST_CASE("service with pages: a page may come later, and from nobody")
{
    pages_fixture f;
    f.pages->later = true;
    f.start(std::move(f.options));
    auto& c = f.connect_and_say(pages_fixture::asks_for("/"));
    REQUIRE(f.run_until([&] { return f.pages->replies.size() == 1; }));
    CHECK(f.proxy->tunnels(10).empty());
    f.pages->replies[0]({.content = "late\n"});
    f.pages->replies[0]({.content = "twice\n"});
    CHECK(f.last_words(c).ends_with("\r\n\r\nlate\n"));
    f.pages->replies[0]({.content = "too late\n"});

    f.pages->fails = true;
    auto const answer = f.get("/");
    CHECK(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(answer.find("secret") == answer.npos);
}

TEST_CASE("service with pages: whoever does not read a page is given up when the service is stopped")
{
    pages_fixture f;
    f.pages->later = true;
    f.start(std::move(f.options));
    f.connect_and_say(pages_fixture::asks_for("/"));
    REQUIRE(f.run_until([&] { return f.pages->replies.size() == 1; }));
    f.proxy->stop();
    CHECK(f.record().error == net::error::operation_aborted);
    CHECK(f.record().status == 0);
    f.pages->replies[0]({}); // nobody waits for it
    f.context.poll();
}

TEST_CASE("service with pages: whoever makes a page may stop the service")
{
    pages_fixture f;
    for (bool const answers_too : {false, true}) {
        CAPTURE(answers_too);
        f.pages->later = !answers_too;
        f.pages->first = [&f] { f.proxy->stop(); };
        f.options = service_fixture::open_to_all();
        f.options.pages = f.pages;
        f.start(std::move(f.options));
        f.connect_and_say(pages_fixture::asks_for("/"));
        auto const record = f.record(answers_too ? 2 : 1);
        CHECK(record.error == net::error::operation_aborted);
        CHECK(record.elapsed < 5s); // no page is waited for
    }
}

TEST_CASE("service with pages: tunnels are listed, and one can be ended, which its record tells")
{
    pages_fixture f;
    f.start(std::move(f.options));
    auto& one = f.open_tunnel();
    auto& other = f.open_tunnel();
    other.say("four");
    REQUIRE(f.run_until([&] { return f.at_origin.visitor().heard() == "four"; }));
    auto const all = f.proxy->tunnels(10);
    REQUIRE(all.size() == 2);
    CHECK(f.proxy->tunnels(1).size() == 1);
    CHECK(f.proxy->open_tunnels() == 2);
    REQUIRE(f.proxy->find_tunnel(all[1].id));
    CHECK(f.proxy->find_tunnel(all[1].id)->bytes_from_client == 4);
    CHECK_FALSE(f.proxy->find_tunnel(0));
    CHECK(all[1].bytes_from_client == 4);
    CHECK(all[1].client_port == other.address().port());
    CHECK(all[1].phase == viaduct::request_phase::tunnel);
    CHECK_FALSE(f.proxy->end_tunnel(0));
    CHECK_FALSE(f.proxy->end_tunnel(all[0].id ^ 1));
    CHECK(f.proxy->end_tunnel(all[0].id));
    REQUIRE(f.run_until([&] { return one.ended(); }));
    auto const record = f.record();
    CHECK(record.id == all[0].id);
    CHECK(record.error == errc::ended_by_operator);
    CHECK_FALSE(other.ended());
    CHECK(f.proxy->tunnels(10).size() == 1);
    CHECK(f.proxy->open_tunnels() == 1);
    CHECK_FALSE(f.proxy->find_tunnel(record.id));
}

TEST_CASE("service with pages: a listener for pages knows no CONNECT")
{
    pages_fixture f;
    f.start_with_two();
    auto const answer = f.hear_from_second(connect_to(f.at_origin.target()));
    CHECK(answer == refusal_for(errc::method_not_allowed).text());
    CHECK(f.record().outcome == request_outcome::denied);
    CHECK(f.hear_from_second(f.asks_for("/")) == hello_head + "hello\n");
    CHECK(f.get("/") == hello_head + "hello\n");
    CHECK(f.at_origin.connections() == 0);
}

TEST_CASE(
    "service with pages: a listener for pages outlives the others in a drain, and the drain it does not")
{
    for (bool const late : {false, true}) {
        pages_fixture f;
        f.start_with_two();
        auto const where = f.proxy->endpoints();
        auto& tunnel = f.open_tunnel();
        completion<> end;
        f.drain(end, late ? 50ms : 1h);
        f.context.poll();
        CHECK_THROWS_AS((client{f.executor(), where[0]}), viaduct::system_error);
        CHECK(f.hear_from_second(f.asks_for("/readyz")) == hello_head + "hello\n");
        CHECK(f.pages->asked.at(0).draining);
        if (!late) tunnel.reset();
        REQUIRE(f.run(end));
        CHECK(end.error == (late ? make_error_code(errc::shutdown_timeout) : viaduct::error_code{}));
        CHECK_THROWS_AS((client{f.executor(), where[1]}), viaduct::system_error);
        CHECK(f.log.records().size() == 2);
    }
}

TEST_CASE("service with pages: a drain waits for a page under way, but complains of none")
{
    pages_fixture f;
    f.pages->later = true;
    f.start_with_two();
    f.connect_and_say(f.asks_for("/"));
    REQUIRE(f.run_until([&] { return f.pages->replies.size() == 1; }));
    completion<> end;
    f.drain(end, 20ms);
    REQUIRE(f.run(end));
    CHECK_FALSE(end.error);
    CHECK(f.record().error == errc::shutdown_timeout);
}

TEST_CASE("service with pages: it may be stopped at every step of a page, and nothing is left open")
{
    bool was_there = false;
    for (std::size_t steps = 0; !was_there; ++steps) {
        REQUIRE(steps < 1000);
        pages_fixture f;
        f.start(std::move(f.options));
        auto& c = f.connect_and_say(pages_fixture::asks_for("/"));
        f.run_steps(steps, [&] { return c.ended(); });
        was_there = c.ended();
        f.proxy->stop();
        completion<> end;
        f.drain(end, 1h);
        REQUIRE(f.run(end));
        REQUIRE(f.run_until([&] { return c.ended(); }));
        CHECK(f.log.records().size() <= 1);
    }
}
