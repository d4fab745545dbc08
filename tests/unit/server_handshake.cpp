#include <viaduct/server/refusal.hpp>
#include <viaduct/server/server_handshake.hpp> // the header is self-contained
#include <viaduct/testing/rule_script.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <tuple>

using namespace std::literals;
using viaduct::action;
using viaduct::errc;
using viaduct::error_code;
using viaduct::refusal_for;
using viaduct::request_options;
using viaduct::server_handshake;
using viaduct::testing::rule_script;
using viaduct::testing::script_conditions;

namespace {

/// All that a handshake says at its end.
struct outcome
{
    error_code error{};
    unsigned status = 0;
    std::string method{};
    std::string target_text{};
    std::string target{}; // empty unless the request is valid
    std::string answer{};
    std::string surplus{};

    bool operator==(outcome const&) const = default;
};

outcome play(std::string_view text, request_options const& options, script_conditions const& conditions = {})
{
    server_handshake rule{options};
    auto const result = rule_script{}.feed(text).end_of_stream().run(rule, conditions);
    auto const& request = rule.request();
    // An answer is a write that the script does not expect: every one, and nothing else, is told as a
    // problem.
    CHECK((result.problem.empty() || result.problem.ends_with("a write that is not expected")));
    CHECK(result.problem.empty() == (request.answered_status == 0));
    CHECK(request.answer_size == result.written.size());
    bool const valid = request.target || request.asks_for_page;
    CHECK(valid == (!result.error && request.answered_status == 0));
    CHECK_FALSE((request.target && request.asks_for_page));
    return {rule.request().answered_status == 0 ? result.error : error_code{},
            request.answered_status,
            request.method,
            request.target_text,
            request.target          ? request.target->text()
            : request.asks_for_page ? "a page"
                                    : "",
            result.written,
            valid ? result.surplus : ""}; // nobody reads on behind a refusal
}

/// Plays a request in one piece, and requires every other way to cut it to give the same.
outcome read(std::string const& text, request_options const& options = {})
{
    INFO(text);
    auto const whole = play(text, options);
    CHECK(play(text, options, {.pieces_of = 1}) == whole);
    auto const step = text.size() > 2000 ? text.size() / 500 : 1;
    for (std::size_t at = 1; at < text.size(); at += step) {
        INFO(at);
        CHECK(play(text, options, {.cut_at = at}) == whole);
    }
    return whole;
}

std::string connect_with(std::string_view fields)
{
    return "CONNECT a.example:443 HTTP/1.1\r\n" + std::string{fields} + "\r\n";
}

void check_refused(std::string const& text, errc why, unsigned status, request_options const& options = {})
{
    INFO(text.substr(0, 200));
    auto const result = read(text, options);
    CHECK(result.status == status);
    CHECK(result.answer == refusal_for(why).text());
    CHECK(result.target.empty());
}

std::string const valid = connect_with("Host: a.example:443\r\n");

} // namespace

TEST_CASE("server handshake: a valid CONNECT is read and left unanswered")
{
    auto const result = read("CONNECT A.Example.:443 HTTP/1.1\r\nHost: a.example:443\r\nX: y\r\n\r\n");
    CHECK_FALSE(result.error);
    CHECK(result.status == 0);
    CHECK(result.answer.empty());
    CHECK(result.method == "CONNECT");
    CHECK(result.target_text == "A.Example.:443");
    CHECK(result.target == "a.example:443");

    server_handshake rule{{}};
    std::ignore = rule_script{}.feed(valid).run(rule);
    CHECK(rule.request().fields.find("host") == "a.example:443");
    CHECK(rule.request().minor_version == 1);
}

TEST_CASE("server handshake: what follows the head is not touched, be it a ClientHello or another request")
{
    for (auto const& early : {"\x16\x03\x01\x02\x00\x01\x00"s, "GET / HTTP/1.1\r\n\r\n"s, "\r\n"s, "\0"s}) {
        auto const result = read(valid + early);
        CHECK(result.target == "a.example:443");
        CHECK(result.surplus == early);
    }
}

TEST_CASE("server handshake: what may follow a refusal is not looked at")
{
    auto const denied = connect_with("Host: a\r\nHost: b\r\n");
    CHECK(read(denied + "CONNECT b.example:443 HTTP/1.1\r\nHost: b\r\n\r\n") == read(denied));
    CHECK(read(denied + "\n\0\xff"s) == read(denied));
}

TEST_CASE("server handshake: what HTTP lets through")
{
    for (auto const fields :
         {"Host: other.example\r\n", "Host: a.example\r\n", "Host:\r\n", "Host: [::1]:443\r\n",
          "Host: a\r\nContent-Length: 0\r\n", "Host: a\r\nProxy-Authorization: Basic eDp5\r\n",
          "Host: a\r\nProxy-Connection: keep-alive\r\nUpgrade: x\r\nExpect: 100-continue\r\n"}) {
        INFO(fields);
        CHECK(read(connect_with(fields)).target == "a.example:443");
    }
    CHECK(read("\r\n" + valid).target == "a.example:443"); // one empty line before it (RFC 9112 section 2.2)
}

TEST_CASE("server handshake: HTTP/1.0 needs no Host, HTTP/1.1 does unless its owner is lenient")
{
    auto const old = "CONNECT a.example:443 HTTP/1.0\r\n\r\n"s;
    CHECK(read(old).target == "a.example:443");
    CHECK(read("CONNECT a.example:443 HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n").status == 400);
    check_refused(connect_with(""), errc::host_field_missing, 400);
    CHECK(read(connect_with(""), {.require_host = false}).target == "a.example:443");
    CHECK(read(connect_with("Host: a b\r\n"), {.require_host = false}).status == 400);
}

TEST_CASE("server handshake: every target that is no authority is a bad request")
{
    for (auto const target : {"host",
                              "host:",
                              "host:0",
                              "host:00443",
                              "host:65536",
                              "host:443x",
                              "host:+443",
                              "[127.0.0.1]:443",
                              "[::1%25eth0]:443",
                              "[fe80::1%eth0]:443",
                              "[v1.x]:443",
                              "user@host:443",
                              "http://host:443",
                              "host:443/",
                              "*",
                              "/",
                              "2130706433:443",
                              "0x7f.1:443",
                              "0177.0.0.1:443",
                              "127.1:443",
                              "\xe2\x91\xa0.0.0.1:443",
                              "::1:443",
                              "a..b:443",
                              ":443"}) {
        INFO(target);
        auto const result = read("CONNECT "s + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(result.status == 400);
        CHECK(result.target_text == target); // for the log
        CHECK(result.answer.find("error=http_request_error") != std::string::npos);
    }
}

TEST_CASE("server handshake: a head that could be read in two ways is read in none")
{
    struct
    {
        std::string fields;
        errc why;
    } const cases[] = {
        {"Host: a\r\nContent-Length: 5\r\n", errc::content_on_connect},
        {"Host: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n", errc::content_on_connect},
        {"Host: a\r\nContent-Length: +0\r\n", errc::content_on_connect},
        {"Host: a\r\nContent-Length:\r\n", errc::content_on_connect},
        {"Host: a\r\nTransfer-Encoding: chunked\r\n", errc::transfer_coding_on_connect},
        {"Host: a\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n", errc::transfer_coding_on_connect},
        {"Host: a.example\r\nhOST: a.example\r\n", errc::host_field_duplicate},
        {"Host: a.example/\r\n", errc::host_field_invalid},
        {"Host: user@a.example\r\n", errc::host_field_invalid},
        {"Host: a.example, b.example\r\n", errc::host_field_invalid},
        {"Host: a\r\nProxy-Authorization: Basic eA==\r\nproxy-authorization: Basic eQ==\r\n",
         errc::duplicate_proxy_authorization},
        {"Host: a\r\n b\r\n", errc::line_folded},
        {" Host: a\r\n", errc::line_folded},
        {"Host : a\r\n", errc::field_name_invalid},
        {"Host: a\r\nno colon\r\n", errc::field_without_colon},
        {"Host: a\nX: y\r\n", errc::bare_lf},
        {"Host: a\rX: y\r\n", errc::bare_cr},
        {"Host: a\0b\r\n"s, errc::invalid_character_in_head},
        {"Host: a\x01\r\n", errc::invalid_character_in_head},
    };
    for (auto const& c : cases)
        check_refused(connect_with(c.fields), c.why, 400);
}

TEST_CASE("server handshake: what is no request line is refused before the rest of it is there")
{
    check_refused("CONNECT  a.example:443 HTTP/1.1\r\n", errc::request_line_malformed, 400);
    check_refused("CONNECT a.example:443\r\n", errc::request_line_malformed, 400);
    check_refused("CONNECT a.example:443 HTTP/1.1 \r\n", errc::request_line_malformed, 400);
    check_refused("CONNECT a.example:443\tHTTP/1.1\r\n", errc::request_line_malformed, 400);
    check_refused("\r\n\r\n", errc::request_line_malformed, 400);
    check_refused("CONNECT a.example:443 HTTP/1.1\n", errc::bare_lf, 400);
    check_refused("\x16\x03\x01\x02\x00", errc::invalid_character_in_head, 400); // TLS on a plain port
    check_refused("CONNECT a\0.example:443 HTTP/1.1\r\n"s, errc::invalid_character_in_head, 400);
}

TEST_CASE("server handshake: other methods and versions have statuses of their own")
{
    check_refused("GET / HTTP/1.1\r\nHost: a\r\n\r\n", errc::method_not_connect, 405);
    check_refused("GET http://a.example/ HTTP/1.0\r\n\r\n", errc::method_not_connect, 405);
    check_refused("connect a.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", errc::method_not_connect, 405);
    check_refused("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", errc::method_not_connect,
                  405);
    CHECK(read("GET / HTTP/1.1\r\nHost: a\r\n\r\n").answer.find("\r\nAllow: CONNECT\r\n") !=
          std::string::npos);
    auto const to_head = read("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").answer;
    CHECK(to_head.starts_with("HTTP/1.1 405 "));
    CHECK(to_head.ends_with("\r\n\r\n")); // an answer to it has no content
    check_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", errc::version_unsupported, 505);
    check_refused("CONNECT a.example:443 HTTP/1.2\r\n\r\n", errc::version_unsupported, 505);
    check_refused("CONNECT a.example:443 HTTP/11\r\n\r\n", errc::request_line_malformed, 400);
}

TEST_CASE("server handshake: what is too large is refused as soon as that is certain")
{
    check_refused("CONNECT " + std::string(64 * 1024, 'a'), errc::start_line_too_long, 414);
    check_refused(connect_with("Host: a\r\nX: " + std::string(64 * 1024, 'x') + "\r\n"), errc::head_too_large,
                  431);
    std::string many;
    for (int i = 0; i < 65; ++i)
        many += "X: y\r\n";
    check_refused(connect_with(many), errc::too_many_fields, 431);
    request_options const small_lines{.limits = {1000, 40, 64}};
    CHECK(read("CONNECT " + std::string(50, 'a') + ":443 HTTP/1.1\r\n", small_lines).status == 414);
    CHECK(read(connect_with("Host: a\r\nX: " + std::string(50, 'x') + "\r\n"), small_lines).status == 431);
}

TEST_CASE("server handshake: a client that ends before its head does gets no answer")
{
    for (std::size_t size = 0; size < valid.size(); ++size) {
        auto const result = play(valid.substr(0, size), {});
        CHECK(result.error == errc::client_closed_before_head);
        CHECK(result.status == 0);
        CHECK(result.answer.empty());
    }
}

TEST_CASE("server handshake: a failure at any step ends it with that failure, and with no second answer")
{
    auto const steps = rule_script{}.feed(valid).run(server_handshake{{}}, {.pieces_of = 1}).steps;
    CHECK(steps == valid.size());
    for (std::size_t n = 1; n <= steps; ++n) {
        auto const result = rule_script{}.feed(valid).run(
            server_handshake{{}}, {.pieces_of = 1, .failing_step = n, .failure = errc::idle_timeout});
        CHECK(result.error == errc::idle_timeout);
        CHECK(result.written.empty());
    }
    // What was wrong with the request is worth more than why its answer did not get through.
    auto const answer = refusal_for(errc::host_field_missing).text();
    auto const script = rule_script{}.feed(connect_with("")).expect_write(answer);
    CHECK(script.run(server_handshake{{}}).error == errc::host_field_missing);
    CHECK(script.run(server_handshake{{}}, {.failing_step = 2, .failure = errc::idle_timeout}).error ==
          errc::host_field_missing);
}

TEST_CASE("server handshake: the name of the server is in what it answers")
{
    auto const result = read(connect_with(""), {.name = "proxy.example"});
    CHECK(result.answer == refusal_for(errc::host_field_missing).text("proxy.example"));
    server_handshake const rule{{.name = "proxy.example"}};
    CHECK(rule.request().answered_by == "proxy.example");
}

TEST_CASE("server handshake: when the time is over, the one answer is 408")
{
    for (std::size_t size = 0; size < valid.size(); ++size) {
        server_handshake rule{{}};
        auto next = rule.resume({}, 0);
        if (size != 0) {
            REQUIRE(next.input.size() >= size);
            valid.copy(next.input.data(), size);
            next = rule.resume({}, size);
        }
        REQUIRE(next.what == action::kind::read);
        rule.expire();
        rule.expire(); // once is enough
        next = rule.resume({}, 0);
        REQUIRE(next.what == action::kind::write);
        CHECK(next.output == refusal_for(errc::head_timeout).text());
        CHECK(rule.request().answered_status == 408);
        next = rule.resume({}, next.output.size());
        REQUIRE(next.is_done());
        CHECK(next.error == errc::head_timeout);
    }
}

TEST_CASE("server handshake: an answer that has begun is not followed by another, whatever the time")
{
    server_handshake rule{{}};
    auto next = rule.resume({}, 0);
    auto const bad = "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n"sv;
    bad.copy(next.input.data(), bad.size());
    next = rule.resume({}, bad.size());
    REQUIRE(next.what == action::kind::write);
    std::string const answer{next.output};
    rule.expire();
    CHECK(next.output == answer); // still there for the write under way
    CHECK(rule.request().answered_status == 400);
    next = rule.resume({}, answer.size());
    REQUIRE(next.is_done());
    CHECK(next.error == errc::target_has_path);
}

TEST_CASE("server handshake: before anything was read the time may be over as well")
{
    server_handshake rule{{}};
    rule.expire();
    auto const next = rule.resume({}, 0);
    REQUIRE(next.what == action::kind::write);
    CHECK(next.output.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_CASE(
    "server handshake: requests for pages are valid where somebody has switched them on, and only there")
{
    request_options const both{.kinds = viaduct::request_kinds::tunnels_and_pages};
    request_options const pages{.kinds = viaduct::request_kinds::pages};
    auto const asks = [](std::string const& line) { return line + " HTTP/1.1\r\nHost: a\r\n\r\n"; };
    for (auto const& method : {"GET"s, "HEAD"s, "DELETE"s})
        for (auto const& target :
             {"/"s, "/metrics"s, "/a?b=c&d"s, "/%2e%2e/"s, "//x"s, "/" + std::string(2047, 'x')}) {
            auto const text = asks(method + ' ' + target);
            auto const result = read(text, both);
            CHECK(result.target == "a page");
            CHECK(result.method == method);
            CHECK(result.target_text == target);
            CHECK(read(text, pages) == result);
            CHECK(read(text).status == 405);
        }
    CHECK(read(asks("GET /") + "more", both).surplus == "more");
    CHECK(read("GET / HTTP/1.0\r\n\r\n", both).target == "a page");
    CHECK(read(valid, both) == read(valid));
    check_refused(valid, errc::method_not_allowed, 405, pages);
    CHECK(read(valid, pages).answer.find("\r\nAllow: GET, HEAD, DELETE\r\n") != std::string::npos);
}

TEST_CASE("server handshake: what asks for a page in another way than it should is refused")
{
    struct
    {
        std::string line;
        errc why;
        unsigned status;
    } const lines[] = {
        {"POST /", errc::method_not_allowed, 405},
        {"get /", errc::method_not_allowed, 405},
        {"GET http://a/", errc::method_not_connect, 405},
        {"GET *", errc::method_not_connect, 405},
        {"GET a:443", errc::method_not_connect, 405},
        {"CONNECT /", errc::target_has_path, 400},
        {"GET /a#b", errc::target_has_invalid_character, 400},
        {"GET /\xc3\xa4", errc::target_has_invalid_character, 400},
        {"GET /" + std::string(2048, 'x'), errc::start_line_too_long, 414},
    };
    request_options const options{.kinds = viaduct::request_kinds::tunnels_and_pages};
    for (auto const& c : lines)
        check_refused(c.line + " HTTP/1.1\r\nHost: a\r\n\r\n", c.why, c.status, options);
    struct
    {
        std::string fields;
        errc why;
    } const heads[] = {
        {"", errc::host_field_missing},
        {"Host: a\r\nHost: a\r\n", errc::host_field_duplicate},
        {"Host: a\r\nContent-Length: 1\r\n", errc::content_on_connect},
        {"Host: a\r\nTransfer-Encoding: chunked\r\n", errc::transfer_coding_on_connect},
        {"Host: a\r\nX: y\nZ: y\r\n", errc::bare_lf},
    };
    for (auto const& c : heads)
        check_refused("GET /metrics HTTP/1.1\r\n" + c.fields + "\r\n", c.why, 400, options);
    CHECK(read("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", options).target == "a page");
}
