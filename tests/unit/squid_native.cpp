#include <viaduct/log/squid_native.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>

using namespace std::chrono_literals;
using viaduct::request_outcome;
using viaduct::tunnel_record;

namespace {

/// A tunnel as Squid's documentation shows one.
tunnel_record tunnel()
{
    tunnel_record record;
    record.ended = std::chrono::system_clock::time_point{1544160065248ms};
    record.elapsed = 228ms;
    record.client = "172.30.109.89";
    record.method = "CONNECT";
    record.target = "en.wikipedia.org:443";
    record.outcome = request_outcome::tunnel;
    record.status = 200;
    record.peer = "91.198.174.192";
    record.bytes_to_client = 87633;
    return record;
}

std::string line_of(tunnel_record const& record)
{
    std::string line;
    format_squid_native(record, line);
    return line;
}

std::ptrdiff_t columns(std::string const& line)
{
    std::ptrdiff_t words = 0;
    bool in_word = false;
    for (char const c : line) {
        bool const blank = c == ' ' || c == '\n';
        words += !blank && !in_word;
        in_word = !blank;
    }
    return words;
}

} // namespace

TEST_CASE("squid native: a tunnel that went well")
{
    CHECK(line_of(tunnel()) == "1544160065.248    228 172.30.109.89 TCP_TUNNEL/200 87633 CONNECT "
                               "en.wikipedia.org:443 - HIER_DIRECT/91.198.174.192 -\n");
}

TEST_CASE("squid native: a request that a rule refused")
{
    auto record = tunnel();
    record.ended = std::chrono::system_clock::time_point{1719332400123ms};
    record.elapsed = 15ms;
    record.client = "192.168.126.130";
    record.target = "updates.example.org:443";
    record.outcome = request_outcome::denied;
    record.status = 403;
    record.peer.clear();
    record.content_type = "text/html";
    record.bytes_to_client = 3940;
    CHECK(line_of(record) == "1719332400.123     15 192.168.126.130 TCP_DENIED/403 3940 CONNECT "
                             "updates.example.org:443 - HIER_NONE/- text/html\n");
}

TEST_CASE("squid native: a name without address has no peer, a refused connection has one")
{
    auto record = tunnel();
    record.ended = std::chrono::system_clock::time_point{1743953690354ms};
    record.elapsed = 5007ms;
    record.client = "192.168.122.125";
    record.target = "push.services.mozilla.com:443";
    record.status = 503;
    record.peer.clear();
    record.bytes_to_client = 0;
    CHECK(line_of(record) == "1743953690.354   5007 192.168.122.125 TCP_TUNNEL/503 0 CONNECT "
                             "push.services.mozilla.com:443 - HIER_NONE/- -\n");
    record.peer = "2001:db8::1";
    CHECK(line_of(record).ends_with(" - HIER_DIRECT/2001:db8::1 -\n"));
    record.hierarchy = "HIER_DIRECT";
    CHECK(line_of(record).ends_with(" - HIER_DIRECT/2001:db8::1 -\n"));
    record.hierarchy = "ROUNDROBIN_PARENT";
    CHECK(line_of(record).ends_with(" - ROUNDROBIN_PARENT/2001:db8::1 -\n"));
}

TEST_CASE("squid native: what could not be read, and what never came")
{
    tunnel_record record;
    record.ended = std::chrono::system_clock::time_point{1753229566990ms};
    record.client = "192.168.68.50";
    CHECK(line_of(record) == "1753229566.990      0 192.168.68.50 NONE_NONE/000 0 - "
                             "error:transaction-end-before-headers - HIER_NONE/- -\n");
    record.ended = std::chrono::system_clock::time_point{1788678039850ms};
    record.client = "192.168.2.2";
    record.status = 400;
    record.bytes_to_client = 3366;
    record.content_type = "text/html";
    CHECK(line_of(record) == "1788678039.850      0 192.168.2.2 NONE_NONE/400 3366 - "
                             "error:invalid-request - HIER_NONE/- text/html\n");
}

TEST_CASE("squid native: the columns keep their width, and grow when they must")
{
    tunnel_record record;
    record.ended = std::chrono::system_clock::time_point{7ms};
    record.elapsed = 12345678ms;
    CHECK(line_of(record).starts_with("        0.007 12345678 - NONE_NONE/000 0 "));
}

TEST_CASE("squid native: appends to the line that it is given")
{
    std::string line = "before ";
    format_squid_native(tunnel(), line);
    CHECK(line == "before " + line_of(tunnel()));
}

TEST_CASE("squid native: nothing that a client sends can end a line or add a column")
{
    auto const honest = columns(line_of(tunnel()));
    for (std::string const evil :
         {"a.example:443 - HIER_DIRECT/8.8.8.8 -\n1544160065.248", "x\r\ny", "x\ty", "x y", "x\vy\fz",
          "\xc2\xa0\xe2\x80\xa8", "\"quoted\"", "'quoted'", "100%0a", "\x1b[2J", "\x7f", "\x80\xff"}) {
        INFO(evil);
        for (auto const member : {&tunnel_record::method, &tunnel_record::target, &tunnel_record::user}) {
            auto record = tunnel();
            record.*member = evil;
            auto const line = line_of(record);
            CHECK(columns(line) == honest);
            CHECK(line.find('\n') == line.size() - 1);
            CHECK(std::all_of(line.begin(), line.end() - 1, [](char c) { return c >= 0x20 && c < 0x7f; }));
            CHECK(line.find_first_of("\"'") == std::string::npos);
        }
    }
    auto record = tunnel();
    record.target = std::string{"a\0b%\n", 5};
    CHECK(line_of(record).find(" a%00b%25%0A ") != std::string::npos);
}

TEST_CASE("squid native: a field that a client sent is cut where it would drown the line")
{
    auto record = tunnel();
    record.target.assign(100000, 'x');
    CHECK(line_of(record).size() < 2000);
}

TEST_CASE("squid native: the time is that from the complete head, as Squid counts it")
{
    auto record = tunnel();
    record.times.head = 28ms;
    CHECK(line_of(record).starts_with("1544160065.248    200 "));
}

TEST_CASE("squid native: target and user look as in Squid 5.7's own log")
{
    auto record = tunnel();
    // Squid 5.7 logs "CONNECT Upper.Test:443" and "CONNECT ok.test.:443" so, and this user
    record.target = "EN.Wikipedia.ORG.:443";
    record.user = R"(al%[x]y\z)";
    CHECK(line_of(record).ends_with(
        R"( CONNECT en.wikipedia.org:443 al%25%5bx%5dy\\z HIER_DIRECT/91.198.174.192 -)"
        "\n"));
    record.user = "a b\"c'";
    CHECK(line_of(record).find(" a%20b%22c%27 ") != std::string::npos);
    record.method = "GET";
    record.target = "/Path.:1?secret"; // Squid's strip_query_terms is on by default
    CHECK(line_of(record).find(" GET /Path.:1? ") != std::string::npos);
}
