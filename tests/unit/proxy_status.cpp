#include <viaduct/http/proxy_status.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using viaduct::parse_proxy_status;
using viaduct::proxy_status;
using viaduct::to_string;

TEST_CASE("proxy status: what is written is what is read")
{
    proxy_status const cases[] = {
        {"edge.example", "", "", "", 0, ""},
        {"edge", std::string{viaduct::proxy_error::dns_error}, "no such name", "origin.example:443", 0,
         "NXDOMAIN"},
        {"edge", "destination_ip_prohibited", R"(a "quoted" \ text; error=x, y)", "[::1]:443", 502, ""},
        {"two words", "not a token", "", "", 999, ""},
        {"1st", "error=\"x\"", "", "", 100, ""},
        {"", "", "", "", 0, ""},
    };
    for (auto const& status : cases) {
        auto const text = to_string(status);
        INFO(text);
        auto const read = parse_proxy_status(text);
        REQUIRE(read.size() == 1);
        CHECK(read[0] == status);
    }
    auto const list =
        parse_proxy_status(to_string(cases[1]) + ',' + to_string(cases[2]) + " ,\t" + to_string(cases[0]));
    REQUIRE(list.size() == 3);
    CHECK(list[0] == cases[1]);
    CHECK(list[1] == cases[2]);
    CHECK(list[2] == cases[0]);
}

TEST_CASE("proxy status: a token is written as one, free text as a string, and what is not told not at all")
{
    CHECK(to_string({"edge", "dns_timeout", "gave up", "origin.example", 504, ""}) ==
          R"(edge; error=dns_timeout; details="gave up"; next-hop="origin.example"; received-status=504)");
    CHECK(to_string({"edge.example", "", "", "", 0, ""}) == "edge.example");
}

TEST_CASE("proxy status: text from outside cannot end its string, or the line")
{
    auto const text = to_string({"edge", "", "a\"\r\nSet-Cookie: x\0\xc3\xa9\x7f", "", 0, ""});
    CHECK(text.find_first_of("\r\n") == std::string::npos);
    CHECK(parse_proxy_status(text).at(0).details == "a\"??Set-Cookie: x");
    auto const octets = to_string({"edge", "", std::string{"\0\xc3\xa9\x7f\t~", 6}, "", 0, ""});
    CHECK(parse_proxy_status(octets).at(0).details == "?????~");
}

TEST_CASE("proxy status: the examples of RFC 9209 are read, and parameters that nobody knows skipped")
{
    auto const read =
        parse_proxy_status("r34.example.net; error=http_request_error, "
                           "ExampleCDN;secret=:cHJldGVuZA==:;next-hop=backend.example.org:8001;fwd;n=-1.5,"
                           "\"the proxy\"; received-status=503; rcode=\"SERVFAIL\";ok=?1");
    REQUIRE(read.size() == 3);
    CHECK(read[0] == proxy_status{"r34.example.net", "http_request_error", "", "", 0, ""});
    CHECK(read[1] == proxy_status{"ExampleCDN", "", "", "backend.example.org:8001", 0, ""});
    CHECK(read[2] == proxy_status{"the proxy", "", "", "", 503, "SERVFAIL"});
}

TEST_CASE("proxy status: a status that cannot be one is not told")
{
    for (auto const status : {"99", "1000", "-404", "404x", "4294967700", "\"\"", "502.0"}) {
        INFO(status);
        auto const read = parse_proxy_status(std::string{"edge; received-status="} + status);
        REQUIRE(read.size() == 1);
        CHECK(read[0].received_status == 0);
    }
}

TEST_CASE("proxy status: a value that breaks the grammar tells nothing at all")
{
    for (auto const value :
         {"", ",", "a,", "a,,b", "a b", "a;", "a;=x", "a; error=", "a; error=\"open", "a; error=\"\\",
          "a ;error=x", "(a b)", "a; x=:open", ";error=x", "a; error=x y"}) {
        INFO(value);
        CHECK(parse_proxy_status(value).empty());
    }
}

TEST_CASE("proxy status: several lines are one list")
{
    viaduct::field_list const head{
        "Proxy-Status: origin\r\nVia: x\r\nproxy-status: edge; error=dns_error\r\n"};
    auto const read = parse_proxy_status(head);
    REQUIRE(read.size() == 2);
    CHECK(read[0].proxy == "origin");
    CHECK(read[1].error == viaduct::proxy_error::dns_error);
    CHECK(parse_proxy_status(viaduct::field_list{"Via: x\r\n"}).empty());
}
