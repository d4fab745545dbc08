#include <viaduct/http/head.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::head_limits;
using viaduct::head_parser;
using viaduct::head_state;
using viaduct::head_syntax;

namespace {

constexpr head_syntax strict{};
constexpr head_syntax lenient{.bare_lf = true, .folding = true}; // what a response may have

/// All that a parser says about a head.
struct outcome
{
    head_state state{};
    error_code error{};
    std::size_t size = 0;
    std::string start_line{};
    std::string fields{};

    bool operator==(outcome const&) const = default;
};

outcome outcome_of(head_parser const& parser, std::string_view received)
{
    outcome result{parser.state(), parser.error(), 0, {}, {}};
    if (parser.has_start_line()) result.start_line = parser.start_line(received);
    if (parser.state() != head_state::complete) return result;
    result.size = parser.size();
    result.fields = parser.fields(received).block();
    return result;
}

outcome parse_in_two(std::string_view octets, std::size_t cut, head_limits const& limits, head_syntax syntax)
{
    head_parser parser{limits, syntax};
    parser.parse(std::string{octets.substr(0, cut)}); // an address of its own, gone before the next call
    parser.parse(octets);
    return outcome_of(parser, octets);
}

outcome parse_by_octet(std::string_view octets, head_limits const& limits, head_syntax syntax)
{
    head_parser parser{limits, syntax};
    std::size_t n = 0;
    while (n < octets.size() && parser.state() == head_state::need_more)
        parser.parse(std::string{octets.substr(0, ++n)});
    return outcome_of(parser, octets);
}

/// Parses in one piece, and requires every other way to give the same.
outcome parse(std::string_view octets, head_limits const& limits = {}, head_syntax syntax = strict)
{
    INFO(octets);
    auto const whole = parse_in_two(octets, 0, limits, syntax);
    CHECK(parse_by_octet(octets, limits, syntax) == whole);
    for (std::size_t cut = 1; cut < octets.size(); ++cut) {
        INFO(cut);
        CHECK(parse_in_two(octets, cut, limits, syntax) == whole);
    }
    return whole;
}

error_code error_of(std::string_view octets, head_syntax syntax = strict)
{
    return parse(octets, {}, syntax).error;
}

} // namespace

TEST_CASE("head: it ends with the empty line, and what follows is not looked at")
{
    auto const head = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nX:\r\n\r\n"s;
    for (auto const& early :
         {""s, "\x16\x03\x01"s, "\0"s, "GET / HTTP/1.1\r\n\r\n"s, std::string(20'000, 'x')}) {
        auto const result =
            early.size() < 100 ? parse(head + early) : parse_in_two(head + early, 9, {}, strict);
        CHECK(result.state == head_state::complete);
        CHECK(result.size == head.size());
        CHECK(result.start_line == "CONNECT a:1 HTTP/1.1");
        CHECK(result.fields == "Host: a:1\r\nX:\r\n");
    }
}

TEST_CASE("head: until the empty line is there more is needed, but the start line can be had")
{
    CHECK(parse("").state == head_state::need_more);
    CHECK(parse("CONNECT a:1").start_line.empty());
    auto const result = parse("HTTP/1.1 200 OK\r\nVia: x\r\n\r");
    CHECK(result.state == head_state::need_more);
    CHECK(result.start_line == "HTTP/1.1 200 OK");
}

TEST_CASE("head: one empty line may come before it, as old clients send; a second one is an empty start line")
{
    auto const result = parse("\r\nCONNECT a:1 HTTP/1.1\r\n\r\n");
    CHECK(result.state == head_state::complete);
    CHECK(result.start_line == "CONNECT a:1 HTTP/1.1");
    CHECK(result.size == 26);

    auto const two = parse("\r\n\r\nCONNECT a:1 HTTP/1.1\r\n\r\n");
    CHECK(two.start_line.empty());
    CHECK(two.error == errc::field_name_invalid);
}

TEST_CASE("head: what a request must not have is named")
{
    struct
    {
        std::string_view lines;
        errc error;
    } const cases[] = {
        {"X: a\0b\r\n"sv, errc::invalid_character_in_head},
        {"X: a\x01\r\n", errc::invalid_character_in_head},
        {"X\x7f: a\r\n", errc::invalid_character_in_head},
        {"X: a\rb\r\n", errc::bare_cr},
        {"X: a\r\r\n", errc::bare_cr},
        {"X: a\r\0\n"sv, errc::bare_cr},
        {"X: a\n", errc::bare_lf},
        {"\n", errc::bare_lf},
        {"X\r\n", errc::field_without_colon},
        {": a\r\n", errc::field_name_invalid},
        {"X : a\r\n", errc::field_name_invalid},
        {"X\t: a\r\n", errc::field_name_invalid},
        {"X Y: a\r\n", errc::field_name_invalid},
        {"X(: a\r\n", errc::field_name_invalid},
        {"\xc3\xa9: a\r\n", errc::field_name_invalid},
        {" X: a\r\n", errc::line_folded},
        {"X: a\r\n b\r\n", errc::line_folded},
        {"X: a\r\n\tb\r\n", errc::line_folded},
    };
    for (auto const& c : cases) {
        auto const head = "CONNECT a:1 HTTP/1.1\r\n" + std::string{c.lines} + "\r\n";
        CHECK(error_of(head) == c.error);
        CHECK(viaduct::make_error_code(c.error).message() != "unknown viaduct error");
    }
    CHECK(error_of("CONNECT a:1\0 HTTP/1.1\r\n"sv) == errc::invalid_character_in_head);
    CHECK(error_of("CONNECT a:1 HTTP/1.1\n\n") == errc::bare_lf);
    CHECK(error_of("\x16\x03\x01\x02") ==
          errc::invalid_character_in_head); // TLS to a plain port: no line needed
}

TEST_CASE("head: a response may have bare LF and folds, and still neither bare CR nor a fold of nothing")
{
    auto const lf = parse("HTTP/1.1 200 OK\nVia: x\nAge: 1\r\n\n", {}, lenient);
    CHECK(lf.state == head_state::complete);
    CHECK(lf.start_line == "HTTP/1.1 200 OK");
    CHECK(lf.fields == "Via: x\nAge: 1\r\n");

    auto const folded = parse("HTTP/1.1 200 OK\r\nVia: x,\r\n y\r\n\r\n", {}, lenient);
    CHECK(folded.state == head_state::complete);
    CHECK(folded.fields == "Via: x,\r\n y\r\n");

    CHECK(error_of("HTTP/1.1 200 OK\r\n X: y\r\n\r\n", lenient) == errc::line_folded);
    CHECK(error_of("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", lenient) == errc::bare_cr);
    CHECK(error_of("HTTP/1.1 200 OK\r\r\n\r\n", lenient) == errc::bare_cr);
    CHECK(error_of("HTTP/1.1 200 OK\nX\n\n", lenient) == errc::field_without_colon);
}

TEST_CASE("head: each limit holds to the octet, line endings included")
{
    auto const head =
        "CONNECT a:1 HTTP/1.1\r\nA: 12345678901234567890\r\nB: 2\r\n\r\n"s; // lines: 22, 25, 6, 2
    CHECK(parse(head, {.head = 55, .line = 25, .fields = 2}).state == head_state::complete);
    CHECK(parse(head, {.head = 54, .line = 25, .fields = 2}).error == errc::head_too_large);
    CHECK(parse(head, {.head = 55, .line = 24, .fields = 2}).error == errc::field_line_too_long);
    CHECK(parse(head, {.head = 55, .line = 21, .fields = 2}).error == errc::start_line_too_long);
    CHECK(parse(head, {.head = 55, .line = 25, .fields = 1}).error == errc::too_many_fields);
    CHECK(parse("CONNECT a:1 HTTP/1.1\r\n\r\n", {.head = 24, .line = 22, .fields = 0}).state ==
          head_state::complete);

    auto const no_limit = std::string::npos;
    CHECK(parse(head, {.head = no_limit, .line = no_limit, .fields = no_limit}).state ==
          head_state::complete);
}

TEST_CASE("head: a folded line counts with all its parts, and as one field")
{
    auto const head =
        "HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\n 345678\r\nB: 2\r\n\r\n"s; // lines: 17, 6 + 4 + 9, 6, 2
    CHECK(parse(head, {.head = 44, .line = 19, .fields = 2}, lenient).state == head_state::complete);
    CHECK(parse(head, {.head = 44, .line = 18, .fields = 2}, lenient).error == errc::field_line_too_long);
}

TEST_CASE("head: a line without end fails at its limit, and what is behind it does not change the error")
{
    head_limits const limits{.head = 40, .line = 30, .fields = 9};
    CHECK(parse(std::string(30, 'a'), limits).state == head_state::need_more);
    CHECK(parse(std::string(31, 'a'), limits).error == errc::start_line_too_long);
    CHECK(parse(std::string(31, 'a') + "\0"s, limits).error == errc::start_line_too_long);
    CHECK(parse(std::string(29, 'a') + "\0\r\n"s, limits).error == errc::invalid_character_in_head);
    CHECK(parse(std::string(29, 'a') + "\rb"s, limits).error == errc::start_line_too_long);
    CHECK(parse("CONNECT a:1 HTTP/1.1\r\n" + std::string(60, 'a'), limits).error == errc::head_too_large);
    CHECK(parse(std::string(60, 'a'), {.head = 30, .line = 30, .fields = 9}).error ==
          errc::start_line_too_long);
}

TEST_CASE("request line: method, target and version, with one space between them")
{
    error_code ec = errc::proxy_closed;
    auto const line = viaduct::parse_request_line("CONNECT broker.example:8883 HTTP/1.0", ec);
    CHECK_FALSE(ec);
    CHECK(line.method == "CONNECT");
    CHECK(line.target == "broker.example:8883");
    CHECK(line.minor_version == 0);
    CHECK(viaduct::parse_request_line("get *?x=\xc3\xa9 HTTP/1.1", ec).minor_version == 1);
    CHECK_FALSE(ec); // neither method nor target is judged here

    struct
    {
        std::string_view line;
        errc error;
    } const cases[] = {
        {"", errc::request_line_malformed},
        {"GET /", errc::request_line_malformed},
        {"CONNECT a:1 HTTP/1.1 ", errc::request_line_malformed},
        {" CONNECT a:1 HTTP/1.1", errc::request_line_malformed},
        {"CONNECT  a:1 HTTP/1.1", errc::request_line_malformed},
        {"CONNECT a:1  HTTP/1.1", errc::request_line_malformed},
        {"CONNECT  HTTP/1.1", errc::request_line_malformed},
        {"CONNECT a\tb HTTP/1.1", errc::request_line_malformed},
        {"CONN(CT a:1 HTTP/1.1", errc::request_line_malformed},
        {"CONNECT a:1 http/1.1", errc::request_line_malformed},
        {"CONNECT a:1 HTTP/1.10", errc::request_line_malformed},
        {"CONNECT a:1 HTTP/1", errc::request_line_malformed},
        {"CONNECT a:1 HTTP/1.2", errc::version_unsupported},
        {"CONNECT a:1 HTTP/0.9", errc::version_unsupported},
        {"PRI * HTTP/2.0", errc::version_unsupported},
    };
    for (auto const& c : cases) {
        INFO(c.line);
        static_cast<void>(viaduct::parse_request_line(c.line, ec));
        CHECK(ec == c.error);
    }
}

TEST_CASE("status line: version, three digits, and a reason that may be missing with its space")
{
    struct
    {
        std::string_view line;
        int minor;
        unsigned status;
        std::string_view reason;
    } const good[] = {
        {"HTTP/1.1 200 Connection established", 1, 200, "Connection established"},
        {"HTTP/1.0 407 ", 0, 407, ""},
        {"HTTP/1.1 204", 1, 204, ""},
        {"HTTP/1.1 100  two spaces", 1, 100, " two spaces"},
        {"HTTP/1.1 999 \xc3\xa9\tb", 1, 999, "\xc3\xa9\tb"},
    };
    for (auto const& c : good) {
        INFO(c.line);
        error_code ec = errc::proxy_closed;
        auto const line = viaduct::parse_status_line(c.line, ec);
        CHECK_FALSE(ec);
        CHECK(line.minor_version == c.minor);
        CHECK(line.status == c.status);
        CHECK(line.reason == c.reason);
    }
    struct
    {
        std::string_view line;
        errc error;
    } const bad[] = {
        {"", errc::status_line_malformed},
        {"HTTP/1.1", errc::status_line_malformed},
        {"HTTP/1.1 20", errc::status_line_malformed},
        {"HTTP/1.1 2000", errc::status_line_malformed},
        {"HTTP/1.1 200OK", errc::status_line_malformed},
        {"HTTP/1.1 200\tOK", errc::status_line_malformed},
        {"HTTP/1.1  200 OK", errc::status_line_malformed},
        {"HTTP/1.1\t200 OK", errc::status_line_malformed},
        {"HTTP/1.1 +20 OK", errc::status_line_malformed},
        {"HTTP/1.1 099 Low", errc::status_line_malformed},
        {"HTTP/1.12 200 OK", errc::status_line_malformed},
        {"http/1.1 200 OK", errc::status_line_malformed},
        {"HTTP/2 200", errc::status_line_malformed},
        {"ICY 200 OK", errc::status_line_malformed},
        {"SSH-2.0-OpenSSH_9.2p1 Debian-2", errc::status_line_malformed},
        {"HTTP/2.0 200 OK", errc::version_unsupported},
        {"HTTP/1.2 200 OK", errc::version_unsupported},
    };
    for (auto const& c : bad) {
        INFO(c.line);
        error_code ec;
        CHECK(viaduct::parse_status_line(c.line, ec).status == 0);
        CHECK(ec == c.error);
    }
}
