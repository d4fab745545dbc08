#include <viaduct/client/client_handshake.hpp> // the header is self-contained
#include <viaduct/testing/rule_script.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>

using namespace std::literals;
using viaduct::authority;
using viaduct::client_handshake;
using viaduct::connect_options;
using viaduct::credentials;
using viaduct::errc;
using viaduct::error_code;
using viaduct::testing::rule_script;
using viaduct::testing::script_conditions;

namespace {

authority const target{"broker.example", 8883};

/// All that a handshake says at its end.
struct outcome
{
    error_code error{};
    unsigned status = 0;
    std::string reason{};
    std::string fields{};
    std::string heads{};
    unsigned interim = 0;
    std::string surplus{};

    bool operator==(outcome const&) const = default;
};

outcome play(std::string_view answer, connect_options const& options,
             script_conditions const& conditions = {})
{
    client_handshake rule{target, options};
    auto const script = rule_script{}.expect_write(std::string{rule.request()}).feed(answer).end_of_stream();
    auto const result = script.run(rule, conditions);
    CHECK(result.problem == "");
    auto const& reply = rule.reply();
    auto const surplus = reply.status == 0 ? "" : result.surplus; // nobody reads on behind a broken head
    return {result.error, reply.status,  reply.reason, reply.fields.block(),
            reply.heads,  reply.interim, surplus};
}

connect_options with_fields(std::initializer_list<std::pair<char const*, char const*>> lines)
{
    connect_options options;
    for (auto const& [name, value] : lines)
        options.proxy_fields.add(name, value);
    return options;
}

/// Plays an answer in one piece, and requires every other way to cut it to give the same.
outcome answer(std::string_view text, connect_options const& options = {})
{
    INFO(text);
    auto const whole = play(text, options);
    CHECK(play(text, options, {.pieces_of = 1}) == whole);
    for (std::size_t at = 1; at < text.size(); ++at) {
        INFO(at);
        CHECK(play(text, options, {.cut_at = at}) == whole);
    }
    return whole;
}

} // namespace

TEST_CASE("client handshake: the request names the target twice, and has no content")
{
    CHECK(client_handshake{target, {}}.request() == "CONNECT broker.example:8883 HTTP/1.1\r\n"
                                                    "Host: broker.example:8883\r\n"
                                                    "Proxy-Connection: Keep-Alive\r\n"
                                                    "\r\n");
    connect_options options{
        .who = credentials{"user", "pass"}, .user_agent = "meter/1.0", .minor_version = 0};
    options.proxy_fields.add("X-Site", "7");
    CHECK(client_handshake{authority{"::1", 443}, options}.request() ==
          "CONNECT [::1]:443 HTTP/1.0\r\n"
          "Host: [::1]:443\r\n"
          "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"
          "User-Agent: meter/1.0\r\n"
          "Proxy-Connection: Keep-Alive\r\n"
          "X-Site: 7\r\n"
          "\r\n");
}

TEST_CASE("client handshake: a field of the caller replaces the default one of its name")
{
    connect_options options{
        .who = credentials{"user", "pass"}, .user_agent = "meter/1.0", .proxy_connection = false};
    options.proxy_fields.add("proxy-authorization", "Bearer abc");
    options.proxy_fields.add("user-agent", "");
    CHECK(client_handshake{target, options}.request() == "CONNECT broker.example:8883 HTTP/1.1\r\n"
                                                         "Host: broker.example:8883\r\n"
                                                         "proxy-authorization: Bearer abc\r\n"
                                                         "user-agent:\r\n"
                                                         "\r\n");
}

TEST_CASE("client handshake: what cannot be sent fails before anything is")
{
    struct
    {
        connect_options options;
        errc error;
    } const cases[] = {{{.who = credentials{"us:er", "pass"}}, errc::credentials_invalid},
                       {{.who = credentials{"user", "pass\r\nX: y"}}, errc::credentials_invalid},
                       {{.user_agent = "meter\r\nX: y"}, errc::field_value_invalid},
                       {with_fields({{"Content-Length", "5"}}), errc::field_name_invalid},
                       {with_fields({{"transfer-encoding", "chunked"}}), errc::field_name_invalid},
                       {with_fields({{"Host", "a"}, {"Host", "b"}}), errc::field_name_invalid}};
    for (auto const& c : cases) {
        client_handshake rule{target, c.options};
        auto const result = rule_script{}.run(rule);
        CHECK(result.error == c.error);
        CHECK(result.steps == 0);
    }
}

TEST_CASE("client handshake: any 2xx opens the tunnel, which begins behind the empty line")
{
    for (auto const head :
         {"HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 200\r\nVia: x\r\n\r\n",
          "HTTP/1.1 201 Created\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 299 \r\n\r\n"}) {
        auto const result = answer(head + "SSH-2.0-x\r\n\0"s);
        CHECK_FALSE(result.error);
        CHECK(result.status / 100 == 2);
        CHECK(result.heads == head);
        CHECK(result.surplus == "SSH-2.0-x\r\n\0"sv);
    }
}

TEST_CASE("client handshake: with a 2xx, lengths and codings mean nothing")
{
    for (auto const field : {"Content-Length: 4", "Content-Length: -1", "Transfer-Encoding: chunked",
                             "Content-Length: 4\r\nTransfer-Encoding: chunked"}) {
        auto const result = answer("HTTP/1.1 200 OK\r\n" + std::string{field} + "\r\n\r\n4\r\nabcd");
        CHECK_FALSE(result.error);
        CHECK(result.surplus == "4\r\nabcd");
    }
}

TEST_CASE("client handshake: a response may have bare LF and folds, which are kept as one line")
{
    auto const result = answer("HTTP/1.1 200 OK\nVia: 1.1 a,\r\n 1.1 b\n\nx");
    CHECK_FALSE(result.error);
    CHECK(result.fields.starts_with("Via: 1.1 a, "));
    CHECK(result.fields.ends_with(" 1.1 b\r\n"));
    CHECK(result.surplus == "x");
}

TEST_CASE("client handshake: 1xx answers are skipped, up to a number, even when all come at once")
{
    auto const early = "HTTP/1.1 100 Continue\r\n\r\n"s;
    auto const hints = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"s;
    auto const final_head = "HTTP/1.1 200 OK\r\nVia: y\r\n\r\n"s;
    auto const result = answer(early + hints + final_head + "x", {.max_interim = 2});
    CHECK_FALSE(result.error);
    CHECK(result.interim == 2);
    CHECK(result.fields == "Via: y\r\n");
    CHECK(result.heads == early + hints + final_head);
    CHECK(result.surplus == "x");

    auto const one_more = answer(early + hints + early + final_head, {.max_interim = 2});
    CHECK(one_more.error == errc::too_many_interim_responses);
    CHECK(one_more.status == 0);
    CHECK(answer(early + final_head, {.max_interim = 0}).error == errc::too_many_interim_responses);
    CHECK(answer(early).error == errc::proxy_closed);
}

TEST_CASE("client handshake: every other final answer is a refusal, and its content is left alone")
{
    for (auto const& [line, status, cause] :
         {std::tuple{"101 Switching Protocols", 101u, errc::proxy_refused},
          {"302 Found", 302u, errc::proxy_refused},
          {"401 Unauthorized", 401u, errc::proxy_refused},
          {"403 Forbidden", 403u, errc::proxy_denied},
          {"405 Method Not Allowed", 405u, errc::proxy_denied},
          {"404 Not Found", 404u, errc::target_unreachable},
          {"502 Bad Gateway", 502u, errc::target_unreachable},
          {"504 Gateway Timeout", 504u, errc::target_timeout},
          {"999 ", 999u, errc::proxy_refused}}) {
        auto const result = answer("HTTP/1.1 "s + line + "\r\nContent-Length: 2\r\nLocation: /\r\n\r\nno");
        CHECK(result.error == cause);
        CHECK(result.status == status);
        CHECK(result.reason == std::string_view{line}.substr(4));
        CHECK(result.fields == "Content-Length: 2\r\nLocation: /\r\n");
        CHECK(result.surplus == "no");
    }
}

TEST_CASE("client handshake: a 407 is judged by what was sent and what is asked for")
{
    connect_options const nothing{};
    connect_options const basic{.who = credentials{"user", "pass"}};
    connect_options bearer{};
    bearer.proxy_fields.add("Proxy-Authorization", "Bearer abc");
    struct
    {
        connect_options const& options;
        std::string_view fields;
        errc error;
    } const cases[] = {
        {nothing, "Proxy-Authenticate: Basic realm=r\r\n", errc::proxy_auth_required},
        {nothing, "", errc::proxy_auth_required},
        {basic, "Proxy-Authenticate: basic realm=r\r\n", errc::proxy_auth_rejected},
        {basic, "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM, Basic realm=r\r\n",
         errc::proxy_auth_rejected},
        {basic, "", errc::proxy_auth_rejected},
        {basic, "Proxy-Authenticate: Negotiate, Digest realm=\"x, Basic\"\r\n", errc::proxy_auth_unsupported},
        {basic, "WWW-Authenticate: Basic realm=r\r\nProxy-Authenticate: NTLM\r\n",
         errc::proxy_auth_unsupported},
        {bearer, "Proxy-Authenticate: Bearer\r\n", errc::proxy_auth_rejected},
        {bearer, "Proxy-Authenticate: Basic realm=r\r\n", errc::proxy_auth_unsupported},
    };
    for (auto const& c : cases) {
        auto const result = answer("HTTP/1.1 407 Who\r\n" + std::string{c.fields} + "\r\n", c.options);
        CHECK(result.error == c.error);
        CHECK(result.status == 407);
    }
}

TEST_CASE(
    "client handshake: what is not HTTP/1 fails at its first line, whatever follows and however it is cut")
{
    struct
    {
        std::string_view text;
        errc error;
        std::size_t lines; // octets that are kept, to be shown
    } const cases[] = {
        {"SSH-2.0-OpenSSH_9.2\r\n", errc::status_line_malformed, 21},
        {"SSH-2.0-OpenSSH_9.2\r\n\0\0\5\xdc"sv, errc::status_line_malformed, 21},
        {"220 mail.example ESMTP\r\nno field\r\n\r\n", errc::status_line_malformed, 24},
        {"HTTP/1.1 2000 OK\r\n\r\n", errc::status_line_malformed, 18},
        {"HTTP/2.0 200 OK\r\n\r\n", errc::version_unsupported, 17},
        {"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", errc::status_line_malformed, 4},
        {"\x15\x03\x01\0\2\2\x46"sv, errc::invalid_character_in_head, 0}, // a TLS alert
        {"HTTP/1.1 200 O\0K\r\n\r\n"sv, errc::invalid_character_in_head, 0},
        {"HTTP/1.1 200 OK\r\r\n\r\n", errc::bare_cr, 0},
        {"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", errc::bare_cr, 17},
        {"HTTP/1.1 200 OK\r\nY: 1\r\nno field\r\n\r\n", errc::field_without_colon, 23},
        {"HTTP/1.1 200 OK\r\nX : a\r\n\r\n", errc::field_name_invalid, 17},
        {"HTTP/1.1 200 OK\r\n X: a\r\n\r\n", errc::line_folded, 17},
    };
    for (auto const& c : cases) {
        auto const result = answer(c.text);
        CHECK(result.error == c.error);
        CHECK(result.status == 0); // no tunnel, and no refusal either
        CHECK(c.text.starts_with(result.heads));
        CHECK(result.heads.size() == c.lines);
    }
}

TEST_CASE("client handshake: a head may be as large as its limit")
{
    auto const head = "HTTP/1.1 200 OK\r\nA: 1234567890\r\n\r\n"s; // lines: 17, 15, 2
    CHECK_FALSE(answer(head + "tunnel", {.limits = {34, 17, 1}}).error);
    CHECK(answer(head, {.limits = {33, 17, 1}}).error == errc::head_too_large);
    CHECK(answer(head, {.limits = {34, 16, 1}}).error == errc::start_line_too_long);
    CHECK(answer(head, {.limits = {34, 17, 0}}).error == errc::too_many_fields);
    CHECK(play("HTTP/1.1 200 OK\r\n" + std::string(100'000, 'a'), {}).error == errc::field_line_too_long);
    CHECK_FALSE(
        play("HTTP/1.1 100 C\r\n\r\n" + head, {.limits = {34, 17, 1}}).error); // each head has its own
}

TEST_CASE("client handshake: the stream may end at any octet of the head, and it is the proxy that closed")
{
    auto const head = "HTTP/1.1 200 OK\r\nVia: x\r\n\r\n"sv;
    for (std::size_t size = 0; size < head.size(); ++size) {
        auto const result = play(head.substr(0, size), {});
        CHECK(result.error == errc::proxy_closed);
        CHECK(result.status == 0);
        CHECK(result.heads == head.substr(0, size == 0 ? 0 : head.rfind('\n', size - 1) + 1)); // whole lines
    }
}

TEST_CASE("client handshake: when a step fails, it ends with that error")
{
    auto const text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"s;
    for (std::size_t n = 1; n <= 1 + text.size(); ++n) { // the write, and a read for each octet
        auto const failure = viaduct::make_error_code(errc::idle_timeout);
        auto const result = play(text, {}, {.pieces_of = 1, .failing_step = n, .failure = failure});
        CHECK(result.error == failure);
        CHECK(result.status == 0);
    }
}

TEST_CASE("client handshake: a proxy that explains itself is believed before its status")
{
    auto const told = [](std::string_view error) {
        return answer("HTTP/1.1 503 No\r\nProxy-Status: p; error=" + std::string{error} + "\r\n\r\n").error;
    };
    CHECK(told("destination_ip_prohibited") == errc::proxy_denied);
    CHECK(told("connection_timeout") == errc::target_timeout);
    CHECK(told("dns_error") == errc::target_unreachable);
    CHECK(told("made_up") == errc::target_unreachable); // so the status decides
}

TEST_CASE("client handshake: the request can be shown, but not its credentials")
{
    connect_options options;
    options.proxy_fields.add("Authorization", "opaque");
    client_handshake rule{target, options, "Digest username=\"u\", response=\"1f\""};
    CHECK(rule.request().find("Proxy-Authorization: Digest username=\"u\", response=\"1f\"\r\n") !=
          std::string::npos);
    CHECK(rule.redacted_request() == "CONNECT broker.example:8883 HTTP/1.1\r\n"
                                     "Host: broker.example:8883\r\n"
                                     "Proxy-Authorization: Digest ***\r\n"
                                     "Proxy-Connection: Keep-Alive\r\n"
                                     "Authorization: ***\r\n"
                                     "\r\n");
    CHECK(rule.scheme() == "Digest");
    rule.erase_request();
    CHECK(rule.request() == "");
}
