#include <viaduct/server/address_guard.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace net = viaduct::net;
using viaduct::address_block;
using viaduct::address_class;
using viaduct::address_guard;
using viaduct::classify;
using viaduct::error_code;

namespace {

net::ip::address address(std::string const& text)
{
    return net::ip::make_address(text);
}

std::string_view class_of(std::string const& text)
{
    return to_string(classify(address(text)));
}

address_block block(std::string_view text)
{
    error_code ec;
    auto const result = address_block::parse(text, ec);
    REQUIRE_MESSAGE(!ec, text);
    return result;
}

bool parses(std::string_view text)
{
    error_code ec;
    std::ignore = address_block::parse(text, ec);
    if (ec) CHECK(ec == net::error::invalid_argument);
    return !ec;
}

/// `7f00:1` for 127.0.0.1, or its complement.
std::string hex(net::ip::address_v4 const& v4, unsigned mask = 0)
{
    auto const bits = v4.to_uint() ^ mask;
    auto const group = [](unsigned value) {
        std::string text;
        for (int shift = 12; shift >= 0; shift -= 4)
            text += "0123456789abcdef"[value >> shift & 0xf];
        return text;
    };
    return group(bits >> 16) + ':' + group(bits & 0xffff);
}

/// Every IPv6 address that a gateway, a tunnel or a system would unwrap to this one.
std::vector<std::string> disguises(std::string const& dotted)
{
    auto const v4 = net::ip::make_address_v4(dotted);
    auto const plain = hex(v4);
    return {
        "::ffff:" + plain,                            // mapped
        "::" + plain,                                 // compatible
        "::ffff:0:" + plain,                          // translated
        "64:ff9b::" + plain,                          // NAT64
        "64:ff9b:1::" + plain,                        // NAT64, local use
        "2002:" + plain + "::1",                      // 6to4
        "2001:0:4136:e378:8000:63bf:" + hex(v4, ~0u), // Teredo
        "2600::5efe:" + plain,                        // ISATAP
        "2600::200:5efe:" + plain,                    // ISATAP of a global address
        "2002:0808:0808::5efe:" + plain,              // ISATAP behind a 6to4 site
        "2002:" + plain + "::5efe:0808:0808",         // the other way round
    };
}

} // namespace

TEST_CASE("address guard: every special block has its class, from its first address to its last")
{
    struct
    {
        std::string_view expected;
        std::vector<std::string> inside;
    } const cases[] = {
        {"unspecified", {"0.0.0.0", "0.255.255.255", "::"}},
        {"loopback", {"127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"}},
        {"private", {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0"}},
        {"private", {"192.168.255.255", "fc00::", "fd00:ec2::254", "fdff:ffff::1", "fec0::1", "feff::1"}},
        {"shared", {"100.64.0.0", "100.127.255.255"}},
        {"link-local", {"169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "febf::1"}},
        {"multicast", {"224.0.0.0", "239.255.255.255", "ff02::1"}},
        {"broadcast", {"255.255.255.255"}},
        {"documentation", {"192.0.2.1", "198.51.100.255", "203.0.113.0", "2001:db8::1", "3fff:fff::1"}},
        {"benchmarking", {"198.18.0.0", "198.19.255.255", "2001:2::1"}},
        {"reserved", {"192.0.0.1", "192.88.99.1", "240.0.0.0", "255.255.255.254", "100::1", "5f00::1"}},
        {"reserved", {"4000::1", "64:ff9b:2::808:808", "2001:5::1", "2001:1ff::1", "200::1", "fe00::1"}},
    };
    for (auto const& c : cases)
        for (auto const& text : c.inside) {
            INFO(text);
            CHECK(class_of(text) == c.expected);
            CHECK_FALSE(address_guard{}.allows(address(text)));
        }
}

TEST_CASE("address guard: the neighbours of every special block are public")
{
    for (auto const text :
         {"1.0.0.0",          "9.255.255.255",   "11.0.0.0",        "100.63.255.255", "100.128.0.0",
          "126.255.255.255",  "128.0.0.0",       "169.253.255.255", "169.255.0.0",    "172.15.255.255",
          "172.32.0.0",       "192.0.1.0",       "192.0.3.0",       "192.88.98.255",  "192.88.100.0",
          "192.167.255.255",  "192.169.0.0",     "198.17.255.255",  "198.20.0.0",     "203.0.112.255",
          "203.0.114.0",      "223.255.255.255", "8.8.8.8",         "2000::",         "2001:200::",
          "2001:db7:ffff::1", "2001:db9::",      "2606:4700::1111", "3ffe::1",        "2001:4:112::1"}) {
        INFO(text);
        CHECK(class_of(text) == "global");
        CHECK(address_guard{}.allows(address(text)));
    }
}

TEST_CASE("address guard: an IPv6 address has the class of the IPv4 address that hides in it")
{
    address_guard with_gateway;
    with_gateway.nat64(block("2600:64::/96"));
    for (std::string const v4 :
         {"0.0.0.0", "127.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255",
          "192.0.2.1", "198.18.0.1", "192.88.99.1", "240.0.0.1"}) {
        CHECK(address_guard{}.allows(address("2600:64::" + v4)));
        CHECK_FALSE(with_gateway.allows(address("2600:64::" + v4)));
        for (auto const& text : disguises(v4)) {
            INFO(v4 << " as " << text);
            if (v4 == "0.0.0.0" && text.starts_with("::0000")) continue; // that is ::, and says so itself
            CHECK(class_of(text) == class_of(v4));
            CHECK_FALSE(address_guard{}.allows(address(text)));
        }
    }
    CHECK(with_gateway.allows(address("2600:64::9.9.9.9")));
    for (auto const& text : disguises("9.9.9.9")) {
        INFO(text);
        CHECK(class_of(text) == "global");
    }
}

TEST_CASE("address guard: an address that can be unwrapped in two ways must be harmless in both")
{
    // As Teredo it is 127.0.0.1, as ISATAP 128.255.255.254; and as 6to4 it is one, as ISATAP another.
    CHECK(class_of("2001:0:4136:e378:0:5efe:80ff:fffe") == "loopback");
    CHECK(class_of("2002:7f00:1::5efe:808:808") == "loopback");
    CHECK(class_of("2002:808:808::5efe:7f00:1") == "loopback");
    CHECK(class_of("2002:808:808::5efe:909:909") == "global");
}

TEST_CASE("address guard: a disguise does not lift what the address is itself")
{
    CHECK(class_of("fe80::5efe:808:808") == "link-local");
    CHECK(class_of("fd00::5efe:808:808") == "private");
    CHECK(class_of("2001:db8::5efe:808:808") == "documentation");
    CHECK(class_of("4000::5efe:808:808") == "reserved");
}

TEST_CASE("address guard: a NAT64 prefix that only its operator knows is reserved")
{
    // 127.0.0.1 behind prefixes of 48, 56 and 64 bits, with a public address where one of 96 bits has it.
    for (auto const text : {"64:ff9b:1:7f00:0:100:808:808", "64:ff9b:1:7f:0:1:808:808",
                            "64:ff9b:1:0:7f:0:100:0", "64:ff9b:1:fffe::808:808"}) {
        INFO(text);
        CHECK(class_of(text) == "reserved");
    }
}

TEST_CASE("address guard: a NAT64 prefix that it was told of is as good as the IPv4 address behind it")
{
    // 192.0.2.33 as RFC 6052 section 2.4 writes it, and 127.0.0.1, 8.8.8.8 and 10.1.2.3 in the same places.
    struct
    {
        char const* prefix;
        std::vector<std::string> refused;
        std::string global;
        std::string allowed;
    } const cases[] = {
        {"2001:db8::/32",
         {"2001:db8:c000:221::", "2001:db8:7f00:1::"},
         "2001:db8:808:808::",
         "2001:db8:a01:203::"},
        {"2001:db8:100::/40",
         {"2001:db8:1c0:2:21::", "2001:db8:17f:0:1::"},
         "2001:db8:108:808:8::",
         "2001:db8:10a:102:3::"},
        {"2001:db8:122::/48",
         {"2001:db8:122:c000:2:2100::", "2001:db8:122:7f00:0:100::"},
         "2001:db8:122:808:8:800::",
         "2001:db8:122:a01:2:300::"},
        {"2001:db8:122:300::/56",
         {"2001:db8:122:3c0:0:221::", "2001:db8:122:37f:0:1::"},
         "2001:db8:122:308:8:808::",
         "2001:db8:122:30a:1:203::"},
        {"2001:db8:122:344::/64",
         {"2001:db8:122:344:c0:2:2100::", "2001:db8:122:344:7f:0:100::"},
         "2001:db8:122:344:8:808:800::",
         "2001:db8:122:344:a:102:300::"},
        {"2001:db8:122:344::/96",
         {"2001:db8:122:344::192.0.2.33", "2001:db8:122:344::127.0.0.1"},
         "2001:db8:122:344::8.8.8.8",
         "2001:db8:122:344::10.1.2.3"},
        {"fd00:64::/96", {"fd00:64::169.254.169.254"}, "fd00:64::8.8.8.8", "fd00:64::10.1.2.3"},
        {"2600:64::/96", {"2600:64::100.64.0.1", "2600:64::"}, "2600:64::8.8.8.8", "2600:64::10.1.2.3"},
        {"64:ff9b:1::/48",
         {"64:ff9b:1:7f00:0:100::", "64:ff9b:1:7f00:0:100:808:808"},
         "64:ff9b:1:808:8:800::",
         "64:ff9b:1:a01:2:300::"},
    };
    for (auto const& c : cases) {
        address_guard guard;
        guard.nat64(block(c.prefix));
        guard.allow(block("10.1.0.0/16"));
        guard.allow(block("2001:db8::/32")); // what is behind a gateway is not in there
        guard.allow(block("fd00::/8"));
        for (auto const& text : c.refused) {
            INFO(c.prefix << ' ' << text);
            CHECK_FALSE(guard.allows(address(text)));
        }
        INFO(c.prefix);
        CHECK(guard.allows(address(c.global)));
        CHECK(guard.allows(address(c.allowed)));
        CHECK(guard.allows(address("fd00:65::1")));
        CHECK(guard.allows(address("2606:4700::1111")));
    }
}

TEST_CASE("address guard: only prefixes that RFC 6052 knows are taken for NAT64")
{
    for (auto const text : {"2600::/33", "2600::/24", "2600::/128", "2600::/72", "10.0.0.0/32"}) {
        INFO(text);
        address_guard guard;
        error_code ec;
        guard.nat64(block(text), ec);
        CHECK(ec == net::error::invalid_argument);
        CHECK_THROWS_AS(guard.nat64(block(text)), viaduct::system_error);
        CHECK(guard.allows(address("2600::7f00:1"))); // still an address like any other
    }
}

TEST_CASE("address guard: names that mean this machine or its network need no look-up to be refused")
{
    auto const with = [](std::vector<std::string_view> const& blocks) {
        address_guard guard;
        for (auto const text : blocks)
            guard.allow(block(text));
        return guard;
    };
    auto const nothing = with({});
    auto const loopback = with({"127.0.0.1/32"});
    auto const loopback_of_ipv6 = with({"::1"});
    auto const a_private_one = with({"10.0.0.0/8"});
    auto const a_shared_one = with({"100.64.7.0/24"});
    auto const a_link = with({"169.254.0.0/16"});
    auto const everything_of_ipv4 = with({"0.0.0.0/0"});
    auto const a_public_one = with({"8.8.8.0/24", "2600::/16"});
    address_guard all;
    all.allow_all();
    using guards = std::vector<address_guard const*>;
    guards const every{&nothing,      &loopback, &loopback_of_ipv6,   &a_private_one,
                       &a_shared_one, &a_link,   &everything_of_ipv4, &a_public_one,
                       &all};
    struct
    {
        std::vector<std::string_view> names;
        guards allowing;
    } const cases[] = {
        {{"localhost", "LOCALHOST.", "a.b.localhost", "localhost.localdomain", "localhost6", "ip6-loopback",
          "ip6-localhost", "localhost4.localdomain4"},
         {&loopback, &loopback_of_ipv6, &everything_of_ipv4, &all}},
        {{"db.internal", "internal", "printer.local", "Printer.LOCAL.", "nas.home.arpa"},
         {&a_private_one, &a_shared_one, &a_link, &everything_of_ipv4, &all}},
        {{"metadata.google.internal", "instance-data.ec2.internal"}, {&a_link, &everything_of_ipv4, &all}},
        {{"127.0.0.1"}, {&loopback, &everything_of_ipv4, &all}},
        {{"::ffff:10.0.0.1", "10.0.0.1"}, {&a_private_one, &everything_of_ipv4, &all}},
        {{"example.com", "localhost.example.com", "notlocalhost", "mylocal", "local.example",
          "internal.example", "arpa", "8.8.8.8", "localdomain", ""},
         every},
    };
    for (auto const& c : cases)
        for (auto const name : c.names)
            for (std::size_t i = 0; i < every.size(); ++i) {
                INFO(name << ", guard " << i);
                bool const expected =
                    std::find(c.allowing.begin(), c.allowing.end(), every[i]) != c.allowing.end();
                CHECK(every[i]->allows_name(name) == expected);
            }
}

TEST_CASE("address guard: an allowed IPv4 block comes with its disguises, and with nothing else")
{
    address_guard guard;
    guard.allow(block("10.1.0.0/16"));
    CHECK(guard.allows(address("10.1.2.3")));
    for (auto const& text : disguises("10.1.2.3")) {
        INFO(text);
        CHECK(guard.allows(address(text)));
    }
    CHECK_FALSE(guard.allows(address("10.2.0.0")));
    for (auto const& text : disguises("10.2.0.0")) {
        INFO(text);
        CHECK_FALSE(guard.allows(address(text)));
    }
    // What the addresses around it are themselves still counts, and so does a second address inside.
    CHECK_FALSE(guard.allows(address("fe80::5efe:a01:203")));
    CHECK_FALSE(guard.allows(address("2002:7f00:1::5efe:a01:203")));
    CHECK_FALSE(guard.allows(address("4000::5efe:a01:203")));
}

TEST_CASE("address guard: an allowed loopback block of one family does not allow the other")
{
    address_guard four;
    four.allow(block("127.0.0.0/8"));
    CHECK(four.allows(address("127.0.0.1")));
    CHECK(four.allows(address("::ffff:127.0.0.1")));
    CHECK_FALSE(four.allows(address("::1")));

    address_guard six;
    six.allow(block("::1"));
    CHECK(six.allows(address("::1")));
    CHECK_FALSE(six.allows(address("::")));
    CHECK_FALSE(six.allows(address("127.0.0.1")));
    CHECK_FALSE(six.allows(address("::ffff:127.0.0.1")));
}

TEST_CASE("address guard: an allowed IPv6 block lets through exactly what it holds")
{
    address_guard guard;
    guard.allow(block("fd00:1::/33"));
    CHECK(guard.allows(address("fd00:1:0::1")));
    CHECK(guard.allows(address("fd00:1:7fff::1")));
    CHECK_FALSE(guard.allows(address("fd00:1:8000::1")));
    CHECK_FALSE(guard.allows(address("fd00:2::1")));
}

TEST_CASE("address guard: blocks add up, and all of it is an explicit choice")
{
    address_guard guard;
    guard.allow(block("10.0.0.0/8"));
    guard.allow(block("192.168.1.1"));
    CHECK(guard.allows(address("10.255.0.1")));
    CHECK(guard.allows(address("192.168.1.1")));
    CHECK_FALSE(guard.allows(address("192.168.1.2")));
    guard.allow_all();
    CHECK(guard.allows(address("127.0.0.1")));
    CHECK(guard.allows(address("ff02::1")));
}

TEST_CASE("address guard: the proxy's own listeners are never let through, whatever is allowed")
{
    auto const at = [](std::string const& text, unsigned short port) {
        return net::ip::tcp::endpoint{address(text), port};
    };
    address_guard guard;
    guard.allow_all();
    guard.protect(at("192.0.2.1", 3128));
    guard.protect(at("0.0.0.0", 8080));
    CHECK_FALSE(guard.allows(at("192.0.2.1", 3128)));
    CHECK_FALSE(guard.allows(at("::ffff:192.0.2.1", 3128)));
    CHECK(guard.allows(at("192.0.2.1", 3129)));
    CHECK(guard.allows(at("192.0.2.2", 3128)));
    for (auto const& text : disguises("192.0.2.1")) {
        INFO(text);
        CHECK_FALSE(guard.allows(at(text, 3128))); // a gateway would bring it back
        CHECK(guard.allows(at(text, 3129)));
    }
    guard.nat64(block("fd00:64::/96"));
    CHECK_FALSE(guard.allows(at("fd00:64::c000:201", 3128)));
    CHECK(guard.allows(at("fd00:64::c000:202", 3128)));
    for (auto const text : {"0.0.0.0", "127.0.0.1", "127.9.9.9", "::1", "::", "::ffff:127.0.0.1"}) {
        INFO(text);
        CHECK_FALSE(guard.allows(at(text, 8080)));
        CHECK(guard.allows(at(text, 443)));
    }
}

TEST_CASE("address block: an address alone is a block of one, and /0 is everything of its family")
{
    CHECK(block("192.0.2.7").contains(address("192.0.2.7")));
    CHECK_FALSE(block("192.0.2.7").contains(address("192.0.2.6")));
    CHECK(block("0.0.0.0/0").contains(address("255.255.255.255")));
    CHECK_FALSE(block("0.0.0.0/0").contains(address("::")));
    CHECK(block("::/0").contains(address("ff02::1")));
    CHECK(block("10.0.0.0/9").contains(address("10.127.255.255")));
    CHECK_FALSE(block("10.0.0.0/9").contains(address("10.128.0.0")));
}

TEST_CASE("address block: what is no block, or has bits beyond its length, is refused")
{
    for (auto const text : {"10.0.0.0/32", "10.1.2.0/24", "::/128", "fe80::/10", "255.255.255.255/32"}) {
        INFO(text);
        CHECK(parses(text));
    }
    for (auto const text : {"",
                            "/",
                            "/8",
                            "10/8",
                            "10.0.0.0/",
                            "10.0.0.0/33",
                            "::/129",
                            "10.1.2.3/8",
                            "2001:db8::1/32",
                            "10.0.0.0/-1",
                            "10.0.0.0/+8",
                            "10.0.0.0/ 8",
                            "10.0.0.0/8 ",
                            " 10.0.0.0/8",
                            "10.0.0.0/8/8",
                            "10.0.0.0/0x8",
                            "10.0.0.0/99999999999",
                            "host/8",
                            "[::1]",
                            "10.0.0.0/255.0.0.0",
                            "127.1"}) {
        INFO(text);
        CHECK_FALSE(parses(text));
    }
}
