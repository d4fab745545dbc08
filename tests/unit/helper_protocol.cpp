#include <viaduct/helpers/helper_protocol.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::helper_lines;
using viaduct::helper_reply;
using viaduct::helper_result;
using viaduct::max_helper_line;

namespace {

helper_reply read(std::string_view line)
{
    error_code ec = errc::shutdown_timeout; // to be overwritten
    auto reply = viaduct::parse_helper_reply(line, ec);
    INFO(line);
    CHECK_FALSE(ec);
    return reply;
}

bool is_malformed(std::string_view line)
{
    error_code ec;
    auto const reply = viaduct::parse_helper_reply(line, ec);
    CHECK(reply.annotations.empty());
    CHECK(reply.text.empty());
    return ec == errc::helper_reply_malformed;
}

using pairs = std::vector<std::pair<std::string, std::string>>;

} // namespace

TEST_CASE("helper protocol: nothing that a client sends can end a line or begin another word")
{
    for (int c = 0; c < 256; ++c) {
        std::string const octet(1, static_cast<char>(c));
        auto const word = viaduct::escape_helper_word(octet);
        INFO(c);
        CHECK(word.find_first_of(" \t\r\n\"'\\") == std::string::npos);
        CHECK(viaduct::is_helper_request(word));
        if (c != 0) CHECK(viaduct::unescape_helper_word(word) == octet);
    }
    CHECK(viaduct::escape_helper_word("al ice@x.example:8-._+\r\nOK") == "al%20ice@x.example:8-._+%0d%0aOK");
    CHECK(viaduct::unescape_helper_word("100%, %4, %zz, %00, %41%4a") == "100%, %4, %zz, %00, AJ");
    CHECK(viaduct::quote_helper_word(R"(a "b" \c)") == R"("a \"b\" \\c")");
    CHECK_FALSE(viaduct::quote_helper_word("a\nb"));
    CHECK(viaduct::is_helper_request("a\tb \xc3\xa9"));
    for (auto const& bad : {"a\nb"s, "a\rb"s, "a\0b"s, "\x7f"s, std::string(max_helper_line + 1, 'a')})
        CHECK_FALSE(viaduct::is_helper_request(bad));
}

TEST_CASE("helper protocol: replies as helpers of all ages write them")
{
    struct
    {
        std::string_view line;
        helper_result result;
        pairs annotations;
        std::string_view text;
    } const cases[] = {
        {"OK", helper_result::ok, {}, ""},
        {"OK ", helper_result::ok, {}, ""}, // basic_ncsa_auth
        {"ERR", helper_result::error, {}, ""},
        {"ERR No such user", helper_result::error, {}, "No such user"},
        {R"(ERR message="No such user")", helper_result::error, {{"message", "No such user"}}, ""},
        {R"(OK ha1="908f")", helper_result::ok, {{"ha1", "908f"}}, ""}, // digest_file_auth
        {"BH message=x\ttag=", helper_result::broken, {{"message", "x"}, {"tag", ""}}, ""},
        {"BH gss_acquire_cred() failed: a=b", helper_result::broken, {}, "gss_acquire_cred() failed: a=b"},
        {R"(OK user=J%20Doe group=a group="b \"c\" \\ d\r\n" ttl=60 x)",
         helper_result::ok,
         {{"user", "J Doe"}, {"group", "a"}, {"group", "b \"c\" \\ d\r\n"}, {"ttl", "60"}},
         "x"},
        {R"(OK token="a==" user="x%41")", helper_result::ok, {{"token", "a=="}, {"user", "x%41"}}, ""},
        {"OK clt_conn_tag=1 log= tag=x",
         helper_result::ok,
         {{"clt_conn_tag", "1"}, {"log", ""}, {"tag", "x"}},
         ""},
        {"TT TlRM==", helper_result::challenge, {{"token", "TlRM=="}}, ""},
        {"TT token=TlRM==", helper_result::challenge, {{"token", "TlRM=="}}, ""},
        {"TT TlR=", helper_result::challenge, {{"token", "TlR="}}, ""},
        {"AF user=joe token=*", helper_result::ok, {{"user", "joe"}, {"token", "*"}}, ""},
        {"AF oR== joe@EXAMPLE", helper_result::ok, {{"token", "oR=="}, {"user", "joe@EXAMPLE"}}, ""},
        {"AF * DOM\\joe doe", helper_result::ok, {{"token", "*"}, {"user", "DOM\\joe doe"}}, ""},
        {"AF DOM\\joe", helper_result::ok, {{"user", "DOM\\joe"}}, ""},
        {"NA wrong password", helper_result::error, {}, "wrong password"},
        {"0123456789abcdef", helper_result::other, {}, "0123456789abcdef"},
        {"OKAY x=y", helper_result::other, {}, "OKAY x=y"},
        {"ok", helper_result::other, {}, "ok"},
        {"", helper_result::other, {}, ""},
    };
    for (auto const& c : cases) {
        auto const reply = read(c.line);
        INFO(c.line);
        CHECK(reply.result == c.result);
        CHECK(reply.annotations == c.annotations);
        CHECK(reply.text == c.text);
    }
    CHECK(read("ERR message=a b").message() == "a");
    CHECK(read("ERR b").message() == "b");
    CHECK(read("OK group=a group=b").find("group") == "a");
    CHECK_FALSE(read("OK group=a").find("user"));
}

TEST_CASE("helper protocol: a reply that is not sound is not understood in part")
{
    std::string many = "OK";
    for (std::size_t i = 0; i < viaduct::max_helper_annotations; ++i)
        many += " a=b";
    CHECK(read(many).annotations.size() == viaduct::max_helper_annotations);
    for (auto const& line :
         {"OK user=\"x"s, "OK user=\"x\\\""s, "OK\0"s, "OK user=a\rb"s, "TT"s, "TT user=x"s, "AF"s, "AF "s,
          many + " a=b", "OK " + std::string(max_helper_line, 'x'), "\x1b[2J"s})
        CHECK(is_malformed(line));
}

TEST_CASE("helper protocol: the channel is the number in front")
{
    auto const take = [](std::string_view line) {
        auto const channel = viaduct::take_helper_channel(line);
        return std::pair{channel ? static_cast<long>(*channel) : -1L, line};
    };
    CHECK(take("0 OK x") == std::pair{0L, "OK x"sv});
    CHECK(take("17\tERR") == std::pair{17L, "ERR"sv});
    CHECK(take("999999999") == std::pair{999999999L, ""sv});
    for (auto const line : {"OK", "", "-1 OK", "1OK", " 1 OK", "4294967296 OK", "9999999999 OK"})
        CHECK(take(line) == std::pair{-1L, std::string_view{line}});
}

TEST_CASE("helper protocol: lines are the same wherever the octets are cut")
{
    auto const octets = "0 OK user=\"a b\"\r\n\n1 ERR\nTT abc"s;
    std::vector<std::string> const expected{"0 OK user=\"a b\"", "", "1 ERR"};
    for (std::size_t size = 1; size <= octets.size(); ++size) {
        helper_lines lines;
        std::vector<std::string> read;
        for (std::size_t at = 0; at < octets.size(); at += size) {
            CHECK_FALSE(lines.feed(std::string_view{octets}.substr(at, size)));
            while (auto const line = lines.next())
                read.emplace_back(*line);
        }
        INFO(size);
        CHECK(read == expected);
    }
}

TEST_CASE("helper protocol: a line without an end is an error as soon as it is too long")
{
    helper_lines lines;
    CHECK_FALSE(lines.feed(std::string(max_helper_line, 'x')));
    CHECK_FALSE(lines.next());
    CHECK_FALSE(lines.feed("\r\n"));
    CHECK(lines.next()->size() == max_helper_line);
    CHECK_FALSE(lines.feed(std::string(max_helper_line, 'x')));
    CHECK(lines.feed("yy") == errc::helper_reply_malformed);
}
