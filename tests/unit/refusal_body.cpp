#include <viaduct/client/refusal_body.hpp> // the header is self-contained
#include <viaduct/testing/rule_script.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::body_framing;
using viaduct::errc;
using viaduct::error_code;
using viaduct::field_list;
using viaduct::refusal_body;
using viaduct::testing::rule_script;
using viaduct::testing::script_conditions;

namespace {

constexpr std::string_view chunked = "Transfer-Encoding: chunked\r\n";

struct outcome
{
    error_code error{};
    std::string content{};
    bool complete = false;
    std::string surplus{};

    bool operator==(outcome const&) const = default;
};

outcome play(std::string_view fields, std::string_view octets, std::size_t limit,
             script_conditions const& conditions = {})
{
    refusal_body rule{403, field_list{fields}, limit};
    auto const result = rule_script{}.feed(octets).end_of_stream().run(rule, conditions);
    CHECK(result.problem == "");
    return {result.error, rule.content(), rule.complete(), result.surplus};
}

/// Reads content in one piece, and requires every other way to cut it to give the same.
outcome read(std::string_view fields, std::string_view octets, std::size_t limit = 1000)
{
    INFO(fields, octets);
    auto const whole = play(fields, octets, limit);
    CHECK(play(fields, octets, limit, {.pieces_of = 1}) == whole);
    for (std::size_t at = 1; at < octets.size(); ++at) {
        INFO(at);
        CHECK(play(fields, octets, limit, {.cut_at = at}) == whole);
    }
    return whole;
}

} // namespace

TEST_CASE(
    "refusal body: how its end is found; where that is contradictory, only the end of the stream counts")
{
    struct
    {
        unsigned status;
        std::string_view fields;
        body_framing framing;
    } const cases[] = {
        {403, "", body_framing::close},
        {403, "Content-Length: 5\r\n", body_framing::length},
        {403, "Content-Length: 9223372036854775807\r\n", body_framing::length},
        {403, "Content-Length: 0\r\n", body_framing::none},
        {403, chunked, body_framing::chunked},
        {403, "transfer-encoding: CHUNKED\r\n", body_framing::chunked},
        {101, "", body_framing::none},
        {204, chunked, body_framing::none},
        {304, "Content-Length: 5\r\n", body_framing::none},
        {403, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body_framing::close},
        {403, "Content-Length: 5\r\nContent-Length: 6\r\n", body_framing::close},
        {403, "Content-Length: 5, 6\r\n", body_framing::close},
        {403, "Content-Length: -5\r\n", body_framing::close},
        {403, "Content-Length: +5\r\n", body_framing::close},
        {403, "Content-Length: 0x5\r\n", body_framing::close},
        {403, "Content-Length:\r\n", body_framing::close},
        {403, "Content-Length: 9223372036854775808\r\n", body_framing::close},
        {403, "Content-Length: 18446744073709551621\r\n", body_framing::close}, // 5 in 64 bits
        {403, "Transfer-Encoding: gzip, chunked\r\n", body_framing::close},
        {403, "Transfer-Encoding: chunked, gzip\r\n", body_framing::close},
        {403, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", body_framing::close},
        {403, "Transfer-Encoding: identity\r\n", body_framing::close},
    };
    for (auto const& c : cases) {
        INFO(c.fields);
        CHECK(refusal_body{c.status, field_list{c.fields}, 10}.framing() == c.framing);
    }
}

TEST_CASE("refusal body: no content is complete without a read")
{
    refusal_body rule{403, field_list{"Content-Length: 0\r\n"}, 10};
    auto const result = rule_script{}.feed("next").run(rule);
    CHECK_FALSE(result.error);
    CHECK(result.steps == 0);
    CHECK(result.surplus == "next");
    CHECK(rule.complete());
}

TEST_CASE("refusal body: by length, it takes no octet more")
{
    CHECK(read("Content-Length: 5\r\n", "helloHTTP/1.1") == outcome{{}, "hello", true, "HTTP/1.1"});
    CHECK(read("Content-Length: 5\r\n", "hell") == outcome{errc::proxy_closed, "hell", false, ""});
}

TEST_CASE("refusal body: to the end of the stream, where nothing else tells")
{
    CHECK(read("", "hello\r\n0\r\n\r\n") == outcome{{}, "hello\r\n0\r\n\r\n", true, ""});
    CHECK(read("", "") == outcome{{}, "", true, ""});
}

TEST_CASE("refusal body: chunks, with their extensions and trailers gone")
{
    CHECK(read(chunked, "5\r\nhello\r\n0\r\n\r\nnext") == outcome{{}, "hello", true, "next"});
    CHECK(read(chunked, "0\r\n\r\nnext") == outcome{{}, "", true, "next"});
    CHECK(read(chunked,
               "2;name=\"v;\"\r\nhe\r\n0003 \t;x\r\nllo\r\n00;last\r\nExpires: 0\r\nB: 5\r\n\r\nnext") ==
          outcome{{}, "hello", true, "next"});
    CHECK(read(chunked, "a\r\n\r\n0\r\n\r\n012\r\nA\r\n0123456789\r\n0\r\n\r\n") ==
          outcome{{}, "\r\n0\r\n\r\n0120123456789", true, ""});
    CHECK(read(chunked, "5\nhello\n0\n\nnext") ==
          outcome{{}, "hello", true, "next"}); // bare LF, as in the head
}

TEST_CASE("refusal body: chunks that are cut short keep what came")
{
    auto const text = "5\r\nhello\r\n6;x\r\n world\r\n0\r\nA: b\r\n\r\n"s;
    for (std::size_t size = 0; size < text.size(); ++size) {
        INFO(size);
        auto const result = play(chunked, text.substr(0, size), 1000);
        CHECK(result.error == errc::proxy_closed);
        CHECK_FALSE(result.complete);
        CHECK("hello world"sv.starts_with(result.content));
    }
}

TEST_CASE("refusal body: a broken coding ends it at once, incomplete, with the content before the break")
{
    struct
    {
        std::string_view octets;
        std::string_view content;
    } const cases[] = {
        {"hello", ""},
        {"\r\n", ""},
        {";x\r\n", ""},
        {" 5\r\nhello\r\n", ""},
        {"-5\r\nhello\r\n", ""},
        {"0x5\r\nhello\r\n", ""},
        {"5\rhello\r\n", ""},
        {"5\r\r\nhello\r\n", ""},
        {"1\r2\r\nhello", ""},
        {"5\r\nhello0\r\n\r\n", "hello"},
        {"5\r\nhello\rx\n0\r\n\r\n", "hello"},
        {"5\r\nhello\r\n0\r\nA: b\rc\r\n\r\n", "hello"},
        {"5\r\nhello\r\nffffffffffffffff\r\n", "hello"},  // with what is there it would wrap
        {"5\r\nhello\r\n10000000000000001\r\n", "hello"}, // 1 in 64 bits
    };
    for (auto const& c : cases) {
        auto const result = read(chunked, c.octets);
        CHECK_FALSE(result.error);
        CHECK_FALSE(result.complete);
        CHECK(result.content == c.content);
    }
}

TEST_CASE("refusal body: a coding without content comes to an end all the same")
{
    auto const endless = std::string(100'000, '0');
    for (auto const& text : {endless, "5;" + endless, "0\r\nA: " + endless}) {
        auto const result = play(chunked, text, 1000);
        CHECK_FALSE(result.error);
        CHECK_FALSE(result.complete);
        CHECK(result.surplus.size() > 90'000);
    }
}

TEST_CASE("refusal body: no more than the limit is kept or read, and it is no error")
{
    CHECK(read("Content-Length: 5\r\n", "hello", 4) == outcome{{}, "hell", false, "o"});
    CHECK(read("Content-Length: 5\r\n", "hello", 5) == outcome{{}, "hello", true, ""});
    CHECK(read("", "hello", 4) == outcome{{}, "hell", false, "o"});
    CHECK(read(chunked, "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 4) ==
          outcome{{}, "hell", false, "o\r\n0\r\n\r\n"});
    CHECK(play("", std::string(20'000, 'x'), 16 * 1024).content.size() == 16 * 1024);

    refusal_body nothing{403, field_list{}, 0};
    CHECK(rule_script{}.run(nothing).steps == 0);
}

TEST_CASE("refusal body: when a step fails, it ends with that error and keeps what came")
{
    for (std::size_t n = 1; n <= 5; ++n) {
        auto const failure = viaduct::make_error_code(errc::idle_timeout);
        auto const result = play("", "hello", 10, {.pieces_of = 1, .failing_step = n, .failure = failure});
        CHECK(result.error == failure);
        CHECK(result.content == "hello"sv.substr(0, n - 1));
        CHECK_FALSE(result.complete);
    }
}
