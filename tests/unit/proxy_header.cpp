#include <viaduct/net/proxy_header.hpp> // the header is self-contained
#include <viaduct/net/proxy_protocol.hpp>
#include <viaduct/testing/rule_script.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

using namespace std::literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::proxy_header_reader;
using viaduct::testing::rule_script;
using viaduct::testing::script_conditions;
using tcp = viaduct::net::ip::tcp;
using version = viaduct::proxy_protocol_version;

namespace {

/// All that a reader says at its end.
struct outcome
{
    error_code error{};
    bool local = false;
    tcp::endpoint source{};
    tcp::endpoint destination{};
    std::string surplus{};

    bool operator==(outcome const&) const = default;
};

outcome play(std::string_view octets, script_conditions const& conditions = {})
{
    proxy_header_reader rule;
    auto const result = rule_script{}.feed(octets).end_of_stream().run(rule, conditions);
    CHECK(result.problem == "");
    if (result.error) return {.error = result.error}; // nobody reads on
    auto const& header = rule.header();
    return {{}, header.local, header.source, header.destination, result.surplus};
}

/// Plays a header in one piece, and requires every other way to cut it to give the same.
outcome read(std::string_view octets)
{
    auto const whole = play(octets);
    CHECK(play(octets, {.pieces_of = 1}) == whole);
    for (std::size_t at = 1; at < octets.size() && at < 300; ++at) {
        INFO(at);
        CHECK(play(octets, {.cut_at = at}) == whole);
    }
    return whole;
}

tcp::endpoint at(char const* address, std::uint16_t port)
{
    return {viaduct::net::ip::make_address(address), port};
}

constexpr auto signature = "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"sv;

/// A block of version 2.
std::string block(unsigned char command, unsigned char family, std::string_view rest)
{
    std::string all{signature};
    all += static_cast<char>(command);
    all += static_cast<char>(family);
    all += static_cast<char>(rest.size() >> 8);
    all += static_cast<char>(rest.size() & 0xff);
    return all.append(rest);
}

constexpr auto ipv4_ends = "\xc0\x00\x02\x01\xc6\x33\x64\x09\xdc\x04\x01\xbb"sv;

} // namespace

TEST_CASE("proxy header: what is written is read, and nothing behind it is taken")
{
    std::pair<tcp::endpoint, tcp::endpoint> const connections[] = {
        {at("192.0.2.1", 56324), at("198.51.100.9", 443)},
        {at("0.0.0.0", 0), at("255.255.255.255", 65535)},
        {at("2001:db8::1", 1), at("2001:db8:0:1::ff", 65535)},
        {at("::", 0), at("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535)},
        {at("192.0.2.1", 9), at("2001:db8::1", 8)}, // written as IPv6, mapped
    };
    for (auto const& [source, destination] : connections)
        for (auto const v : {version::v1, version::v2})
            for (auto const next :
                 {""sv, "\x16\x03\x01\x02\x00"sv, "CONNECT a:1 HTTP/1.1\r\n\r\n"sv, "\r\n"sv}) {
                INFO(next);
                auto const octets = proxy_protocol_header(v, source, destination).append(next);
                CHECK(read(octets) == outcome{{}, false, source, destination, std::string{next}});
            }
    for (auto const v : {version::v1, version::v2})
        CHECK(read(viaduct::proxy_protocol_local(v) + "GET") == outcome{.local = true, .surplus = "GET"});
}

TEST_CASE("proxy header: of a line every octet is as it must be")
{
    for (std::string_view const good :
         {"PROXY TCP4 0.0.0.0 1.2.3.255 0 1\r\n", "PROXY TCP6 :: ::1 65535 10\r\n",
          "PROXY TCP6 ABCD:ef01::9 1:2:3:4:5:6:7:8 1 1\r\n"}) {
        INFO(good);
        CHECK_FALSE(read(good).error);
    }
    for (std::string_view const bad : {"PROXY TCP4 192.0.2.01 198.51.100.9 1 1\r\n", // octal, for some
                                       "PROXY TCP4 192.0.2.1 0198.51.100.9 1 1\r\n",
                                       "PROXY TCP4 192.0.2.256 198.51.100.9 1 1\r\n",
                                       "PROXY TCP4 192.0.513 198.51.100.9 1 1\r\n",
                                       "PROXY TCP4 0x7f.0.0.1 198.51.100.9 1 1\r\n",
                                       "PROXY TCP4 ::1 ::2 1 1\r\n",
                                       "PROXY TCP4 192.0.2.1 ::2 1 1\r\n", // families
                                       "PROXY TCP6 192.0.2.1 192.0.2.2 1 1\r\n",
                                       "PROXY TCP6 ::1 192.0.2.2 1 1\r\n",
                                       "PROXY TCP6 fe80::1%1 ::2 1 1\r\n",
                                       "PROXY TCP6 [::1] [::2] 1 1\r\n",
                                       "PROXY TCP6 1::2::3 ::2 1 1\r\n",
                                       "PROXY TCP4 a.example 192.0.2.1 1 1\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 65536 1\r\n", // ports
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 01 1\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 00\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 -1 1\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 +1 1\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 0x1\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 99999999999\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 \r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", // the form
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 1 \r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 1 1\r\n",
                                       "PROXY TCP4  192.0.2.1 192.0.2.2 1 1\r\n",
                                       "PROXY TCP4\t192.0.2.1 192.0.2.2 1 1\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 1\n\r\n",
                                       "PROXY TCP4 192.0.2.1 192.0.2.2 1 1\r\r\n",
                                       "PROXY  TCP4 192.0.2.1 192.0.2.2 1 1\r\n",
                                       "PROXY tcp4 192.0.2.1 192.0.2.2 1 1\r\n",
                                       "PROXY UDP4 192.0.2.1 192.0.2.2 1 1\r\n",
                                       "PROXY TCP 192.0.2.1 192.0.2.2 1 1\r\n",
                                       "PROXY TCP4\r\n",
                                       "PROXY \r\n",
                                       "PROXY\r\n",
                                       "PROXY UNKNOWNS\r\n",
                                       "proxy UNKNOWN\r\n",
                                       "\r\n\r\nG",
                                       "PROXZ",
                                       "Q",
                                       "\n",
                                       "CONNECT a.example:443 HTTP/1.1\r\n\r\n",
                                       "\x16\x03\x01"}) {
        INFO(bad);
        CHECK(read(bad) == outcome{.error = errc::proxy_header_malformed});
    }
    auto const nul = "PROXY TCP4 192.0.2.1\0 192.0.2.2 1 1\r\n"s;
    CHECK(read(nul).error == errc::proxy_header_malformed);
}

TEST_CASE("proxy header: of an unknown connection nothing else on the line counts")
{
    for (auto const line : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN \r\n", "PROXY UNKNOWN ::1 x 99999 \n\r\n"})
        CHECK(read(line + "x"s) == outcome{.local = true, .surplus = "x"});
}

TEST_CASE("proxy header: no line is longer than 107 octets")
{
    auto const line_of = [](std::size_t size) {
        auto line = "PROXY UNKNOWN "s;
        return line.append(size - line.size() - 2, 'x').append("\r\n");
    };
    CHECK(read(line_of(107) + "next") == outcome{.local = true, .surplus = "next"});
    CHECK(read(line_of(108)).error == errc::proxy_header_malformed);
    CHECK(play("PROXY UNKNOWN " + std::string(93, ' ')).error == errc::proxy_header_malformed); // at once
    CHECK(play("PROXY UNKNOWN " + std::string(92, ' ')).error == errc::client_closed_before_head);
}

TEST_CASE("proxy header: in a block, length and family must agree, and what follows the addresses is skipped")
{
    auto const source = at("192.0.2.1", 56324);
    auto const destination = at("198.51.100.9", 443);
    auto const tlv = "\x02\x00\x09"
                     "a.example"s;
    auto const checksum = "\x03\x00\x04\x01\x02\x03\x04"s;
    for (auto const& more : {""s, tlv, tlv + checksum, "\xff\xff\xff"s, std::string(4096 - 12, '\xee')})
        CHECK(read(block(0x21, 0x11, std::string{ipv4_ends} + more) + "x") ==
              outcome{{}, false, source, destination, "x"});

    std::string const mapped(10, '\0');
    CHECK(read(block(0x21, 0x21,
                     mapped + "\xff\xff\xc0\x00\x02\x01"s + mapped + "\xff\xff\xc6\x33\x64\x09" +
                         "\xdc\x04\x01\xbb")) == outcome{{}, false, source, destination, ""});

    struct
    {
        unsigned char command;
        unsigned char family;
        std::string_view rest;
    } const bad[] = {
        {0x21, 0x11, ipv4_ends.substr(1)}, // too short
        {0x21, 0x11, ""},
        {0x21, 0x21, ipv4_ends},
        {0x22, 0x11, ipv4_ends}, // commands and versions that do not exist
        {0x2f, 0x11, ipv4_ends},
        {0x11, 0x11, ipv4_ends},
        {0x31, 0x11, ipv4_ends},
        {0x01, 0x11, ipv4_ends},
        {0x21, 0x41, ipv4_ends}, // families and transports that do not exist
        {0x21, 0xf1, ipv4_ends},
        {0x21, 0x13, ipv4_ends},
    };
    for (auto const& b : bad) {
        CAPTURE(b.command);
        CAPTURE(b.family);
        CHECK(read(block(b.command, b.family, b.rest)) == outcome{.error = errc::proxy_header_malformed});
    }
}

TEST_CASE("proxy header: a block without TCP addresses leaves the connection's own")
{
    for (auto const& b : {block(0x20, 0x00, ""), block(0x20, 0x11, ipv4_ends), block(0x20, 0xff, "abc"),
                          block(0x21, 0x00, ""), block(0x21, 0x00, "a TLV, perhaps"),
                          block(0x21, 0x12, ipv4_ends), block(0x21, 0x31, std::string(216, 'u'))})
        CHECK(read(b + "next") == outcome{.local = true, .surplus = "next"});
}

TEST_CASE("proxy header: a block's length is bounded, and too large a one is not waited for")
{
    CHECK(read(block(0x20, 0x00, std::string(4096, 'x')) + "n") == outcome{.local = true, .surplus = "n"});
    CHECK(play(block(0x20, 0x00, std::string(4097, 'x')).substr(0, 16)).error ==
          errc::proxy_header_malformed);
    CHECK(play(block(0x21, 0x11, std::string(65535, 'x'))).error == errc::proxy_header_malformed);
}

TEST_CASE("proxy header: every failed read, and every end that comes too early, is told")
{
    error_code const failure = errc::idle_timeout;
    for (auto const v : {version::v1, version::v2}) {
        auto const octets = proxy_protocol_header(v, at("192.0.2.1", 5), at("198.51.100.9", 443));
        for (std::size_t n = 0; n < octets.size(); ++n) {
            CHECK(play(octets.substr(0, n)).error == errc::client_closed_before_head);
            CHECK(play(octets, {.pieces_of = 1, .failing_step = n + 1, .failure = failure}).error == failure);
        }
    }
}
