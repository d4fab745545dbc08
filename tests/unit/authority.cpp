#include <viaduct/http/authority.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::authority;
using viaduct::errc;
using viaduct::host_kind;

namespace {

viaduct::error_code error_of(std::string_view text)
{
    viaduct::error_code ec = errc::proxy_closed; // whatever was there before must not show
    auto const result = viaduct::parse_authority(text, ec);
    if (ec) CHECK(result.host().empty());
    return ec;
}

// A name of `size` octets in labels of at most 63.
std::string name_of(std::size_t size)
{
    std::string name(size, 'a');
    for (std::size_t at = 63; at < size; at += 64)
        name[at] = '.';
    return name;
}

} // namespace

TEST_CASE("authority: whatever form is accepted comes out in the one canonical form")
{
    struct
    {
        std::string_view text;
        std::string_view canonical;
        host_kind kind;
    } const cases[] = {
        {"broker.example:8883", "broker.example:8883", host_kind::name},
        {"Broker.EXAMPLE:8883", "broker.example:8883", host_kind::name},
        {"broker.example.:8883", "broker.example:8883", host_kind::name},
        {"localhost:1", "localhost:1", host_kind::name},
        {"_mqtt._tcp.a-b.example:65535", "_mqtt._tcp.a-b.example:65535", host_kind::name},
        {"xn--bcher-kva.example:443", "xn--bcher-kva.example:443", host_kind::name},
        {"127.0.0.1.example:443", "127.0.0.1.example:443", host_kind::name},
        {"0x7f.1a:443", "0x7f.1a:443", host_kind::name},
        {"127.0.0.1:443", "127.0.0.1:443", host_kind::ipv4},
        {"0.0.0.0:443", "0.0.0.0:443", host_kind::ipv4},
        {"[::1]:443", "[::1]:443", host_kind::ipv6},
        {"[::]:443", "[::]:443", host_kind::ipv6},
        {"[2001:DB8:0:0:0:0:0:1]:443", "[2001:db8::1]:443", host_kind::ipv6},
        {"[2001:db8:0:1:1:1:1:1]:443", "[2001:db8:0:1:1:1:1:1]:443", host_kind::ipv6},
        {"[::ffff:7f00:1]:443", "[::ffff:127.0.0.1]:443", host_kind::ipv6},
        {"[64:ff9b::127.0.0.1]:443", "[64:ff9b::7f00:1]:443", host_kind::ipv6},
        {"[2002:7f00:0001::]:443", "[2002:7f00:1::]:443", host_kind::ipv6},
    };
    for (auto const& c : cases) {
        INFO(c.text);
        viaduct::error_code ec = errc::proxy_closed;
        auto const target = viaduct::parse_authority(c.text, ec);
        CHECK_FALSE(ec);
        CHECK(target.text() == c.canonical);
        CHECK(target.kind() == c.kind);
        CHECK(target.is_address() == (c.kind != host_kind::name));
        CHECK(viaduct::parse_authority(target.text()) == target);
        CHECK(authority{target.host(), target.port()} == target);
    }
}

TEST_CASE("authority: every way to be wrong has a value of its own, and a text that tells it")
{
    struct
    {
        std::string_view text;
        errc error;
    } const cases[] = {
        {"", errc::target_empty},
        {"user@host:443", errc::target_has_userinfo},
        {"user:secret@host:443", errc::target_has_userinfo},
        {"http://host:443", errc::target_has_scheme},
        {"http://user@host/", errc::target_has_scheme},
        {"host:443/", errc::target_has_path},
        {"/", errc::target_has_path},
        {"host:443?a", errc::target_has_path},
        {"host:443#a", errc::target_has_path},
        {"*", errc::target_has_invalid_character},
        {"*:443", errc::target_has_invalid_character},
        {" host:443", errc::target_has_invalid_character},
        {"host:443 ", errc::target_has_invalid_character},
        {"ho\tst:443", errc::target_has_invalid_character},
        {"ho\0st:443"sv, errc::target_has_invalid_character},
        {"host:443\r", errc::target_has_invalid_character},
        {"host\n:443", errc::target_has_invalid_character},
        {"[::1\0]:443"sv, errc::target_has_invalid_character},
        {"b\xc3\xbc"
         "cher.example:443",
         errc::target_has_invalid_character},
        {"\xe2\x91\xa0.0.0.1:443", errc::target_has_invalid_character}, // a circled digit one
        {"host%2eexample:443", errc::target_has_invalid_character},
        {"host", errc::port_missing},
        {"[::1]", errc::port_missing},
        {"host:", errc::port_empty},
        {"[::1]:", errc::port_empty},
        {"host:+443", errc::port_not_a_number},
        {"host:-1", errc::port_not_a_number},
        {"host:443x", errc::port_not_a_number},
        {"host:0x1bb", errc::port_not_a_number},
        {"[::1]:443:443", errc::port_not_a_number},
        {"host:00443", errc::port_not_canonical},
        {"host:00", errc::port_not_canonical},
        {"host:0", errc::port_out_of_range},
        {"host:65536", errc::port_out_of_range},
        {"host:4294967739", errc::port_out_of_range}, // 443 in 32 bits
        {"host:18446744073709552059", errc::port_out_of_range},
        {":443", errc::host_empty},
        {".:443", errc::host_empty},
        {"a..b:443", errc::host_label_empty},
        {".a:443", errc::host_label_empty},
        {"a..:443", errc::host_label_empty},
        {"-a.example:443", errc::host_label_starts_with_hyphen},
        {"a.-b.example:443", errc::host_label_starts_with_hyphen},
        {"127.1:443", errc::host_numeric_not_canonical},
        {"127.0.0.1.:443", errc::host_numeric_not_canonical},
        {"127.0.0.256:443", errc::host_numeric_not_canonical},
        {"1.2.3.4.5:443", errc::host_numeric_not_canonical},
        {"2130706433:443", errc::host_numeric_not_canonical},
        {"0x7f.1:443", errc::host_numeric_not_canonical},
        {"0X7F000001:443", errc::host_numeric_not_canonical},
        {"0x:443", errc::host_numeric_not_canonical},
        {"0177.0.0.1:443", errc::host_numeric_not_canonical},
        {"0x7f.0.0.1:443", errc::host_numeric_not_canonical},
        {"017700000001:443", errc::host_numeric_not_canonical},
        {"localhost.0x7f000001:443", errc::host_numeric_not_canonical},
        {"[127.0.0.1]:443", errc::host_ipv6_invalid},
        {"[]:443", errc::host_ipv6_invalid},
        {"[::1:443", errc::host_ipv6_invalid},
        {"[::1]x:443", errc::host_ipv6_invalid},
        {"[::1]]:443", errc::host_ipv6_invalid},
        {"[1::2::3]:443", errc::host_ipv6_invalid},
        {"[host]:443", errc::host_ipv6_invalid},
        {"::1:443", errc::host_ipv6_unbracketed},
        {"::1", errc::host_ipv6_unbracketed},
        {"[fe80::1%eth0]:443", errc::host_ipv6_has_zone},
        {"[fe80::1%25eth0]:443", errc::host_ipv6_has_zone},
        {"[v1.x]:443", errc::host_ipvfuture_unsupported},
    };
    for (auto const& c : cases) {
        INFO(c.text);
        CHECK(error_of(c.text) == c.error);
        CHECK(viaduct::make_error_code(c.error).message() != "unknown viaduct error");
    }
}

TEST_CASE("authority: a host may have any letter, digit, hyphen, underscore and dot, and no other octet")
{
    for (int octet = 0; octet < 256; ++octet) {
        INFO(octet);
        auto const c = static_cast<char>(octet);
        bool const fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.';
        CHECK(!error_of("a"s + c + "b:443") == fits);
    }
}

TEST_CASE("authority: a label has up to 63 octets, a name up to 253, whatever dot and port follow")
{
    CHECK_FALSE(error_of(std::string(63, 'a') + ":443"));
    CHECK(error_of(std::string(64, 'a') + ":443") == errc::host_label_too_long);
    CHECK(error_of("a." + std::string(64, 'a') + ":443") == errc::host_label_too_long);
    CHECK_FALSE(error_of(name_of(253) + ".:65535"));
    CHECK(error_of(name_of(254) + ":443") == errc::host_too_long);
    CHECK(error_of(name_of(254) + ":65535") == errc::host_too_long);
    CHECK(error_of(name_of(255) + ":65535") == errc::target_too_long);
    CHECK(error_of("[" + std::string(300, ':') + "]:443") == errc::target_too_long);
}

TEST_CASE("authority: made of parts, it is checked as strictly")
{
    CHECK(authority{"HOST.", 443} == viaduct::parse_authority("host:443"));
    CHECK(authority{"::1", 443} == authority{"[0::1]", 443});
    CHECK(authority{"host", 443} != authority{"host", 444});

    struct
    {
        std::string_view host;
        std::uint16_t port;
        errc error;
    } const cases[] = {
        {"host", 0, errc::port_out_of_range},
        {"", 443, errc::host_empty},
        {"host:443", 443, errc::host_ipv6_invalid},
        {"127.1", 443, errc::host_numeric_not_canonical},
        {"fe80::1%eth0", 443, errc::host_ipv6_has_zone},
        {"host\r\nX: y", 443, errc::host_ipv6_invalid},
        {"ho st", 443, errc::target_has_invalid_character},
        {"::1\0.example"sv, 443, errc::host_ipv6_invalid},
        {"127.0.0.1\0"sv, 443, errc::target_has_invalid_character},
    };
    for (auto const& c : cases) {
        INFO(c.host);
        viaduct::error_code ec;
        try {
            authority const target{c.host, c.port};
        } catch (viaduct::system_error const& e) {
            ec = e.code();
        }
        CHECK(ec == c.error);
    }
}
