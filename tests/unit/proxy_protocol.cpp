#include <viaduct/net/proxy_protocol.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::proxy_protocol_header;
using viaduct::proxy_protocol_local;
using tcp = viaduct::net::ip::tcp;
using version = viaduct::proxy_protocol_version;

namespace {

constexpr auto signature = "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"sv;

tcp::endpoint at(char const* address, std::uint16_t port)
{
    return {viaduct::net::ip::make_address(address), port};
}

/// Both forms of one pair of endpoints; that of version 2 without the signature.
struct headers
{
    headers(tcp::endpoint const& source, tcp::endpoint const& destination)
        : line{proxy_protocol_header(version::v1, source, destination)}
    {
        auto const whole = proxy_protocol_header(version::v2, source, destination);
        CHECK(whole.substr(0, 12) == signature);
        octets = whole.substr(12);
    }

    std::string line;
    std::string octets;
};

} // namespace

TEST_CASE("proxy protocol: the source comes first, addresses before ports")
{
    headers const h{at("192.0.2.1", 56324), at("198.51.100.9", 443)};
    CHECK(h.line == "PROXY TCP4 192.0.2.1 198.51.100.9 56324 443\r\n");
    CHECK(h.octets == "\x21\x11\x00\x0c"
                      "\xc0\x00\x02\x01\xc6\x33\x64\x09\xdc\x04\x01\xbb"sv);
}

TEST_CASE("proxy protocol: IPv6 has a family and a length of its own")
{
    headers const h{at("2001:db8::1", 1), at("2001:db8:0:1::ff", 65535)};
    CHECK(h.line == "PROXY TCP6 2001:db8::1 2001:db8:0:1::ff 1 65535\r\n");
    CHECK(h.octets == "\x21\x21\x00\x24"
                      "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
                      "\x20\x01\x0d\xb8\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xff"
                      "\x00\x01\xff\xff"sv);
}

TEST_CASE("proxy protocol: an IPv4 address from a socket for both families is IPv4")
{
    headers const h{at("::ffff:192.0.2.1", 9), at("::ffff:192.0.2.2", 8)};
    CHECK(h.line == "PROXY TCP4 192.0.2.1 192.0.2.2 9 8\r\n");
    CHECK(h.octets == "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\x00\x09\x00\x08"sv);
}

TEST_CASE("proxy protocol: beside an IPv6 address an IPv4 address is mapped, in digits without dots")
{
    for (auto const* v4 : {"192.0.2.1", "::ffff:192.0.2.1"}) {
        headers const to_v6{at(v4, 9), at("2001:db8::1", 8)};
        CHECK(to_v6.line == "PROXY TCP6 ::ffff:c000:0201 2001:db8::1 9 8\r\n");
        CHECK(to_v6.octets == "\x21\x21\x00\x24"
                              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xc0\x00\x02\x01"
                              "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
                              "\x00\x09\x00\x08"sv);
        headers const to_v4{at("2001:db8::1", 8), at(v4, 9)};
        CHECK(to_v4.line == "PROXY TCP6 2001:db8::1 ::ffff:c000:0201 8 9\r\n");
    }
}

TEST_CASE("proxy protocol: a zone means nothing to another host, and is not told")
{
    headers const h{at("fe80::1%1", 9), at("fe80::2%1", 8)};
    CHECK(h.line == "PROXY TCP6 fe80::1 fe80::2 9 8\r\n");
}

TEST_CASE("proxy protocol: the longest line is within the 107 octets that a receiver makes room for")
{
    auto const longest = at("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535);
    CHECK(proxy_protocol_header(version::v1, longest, longest).size() ==
          104); // UNKNOWN, with addresses, is longer by 3
}

TEST_CASE("proxy protocol: a connection of the proxy's own has no addresses")
{
    CHECK(proxy_protocol_local(version::v1) == "PROXY UNKNOWN\r\n");
    CHECK(proxy_protocol_local(version::v2) == std::string{signature} + "\x20\x00\x00\x00"s);
}
