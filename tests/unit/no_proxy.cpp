#include <viaduct/client/no_proxy.hpp> // the header is self-contained

#include <doctest/doctest.h>

using viaduct::no_proxy_dialect;
using viaduct::no_proxy_rules;

namespace {

[[nodiscard]] bool curl(std::string_view rules, std::string_view host, std::uint16_t port = 443)
{
    return no_proxy_rules{rules}.matches(host, port);
}

[[nodiscard]] bool go(std::string_view rules, std::string_view host, std::uint16_t port = 443)
{
    return no_proxy_rules{rules, no_proxy_dialect::go}.matches(host, port);
}

struct vector
{
    std::string_view rules;
    std::string_view host;
    bool matches;
    std::uint16_t port = 443;
};

void check_all(std::initializer_list<vector> vectors, no_proxy_dialect dialect)
{
    for (auto const& v : vectors) {
        CAPTURE(v.rules);
        CAPTURE(v.host);
        CAPTURE(v.port);
        CHECK(no_proxy_rules(v.rules, dialect).matches(v.host, v.port) == v.matches);
    }
}

} // namespace

TEST_CASE("no_proxy: nothing matches nothing")
{
    CHECK_FALSE(no_proxy_rules{}.matches("example.com", 443));
    CHECK_FALSE(curl("", "example.com"));
    CHECK_FALSE(curl(" , ,, ", "example.com"));
    CHECK_FALSE(curl("example.com", ""));
    CHECK_FALSE(curl(".", "example.com"));
    CHECK_FALSE(curl("*.", "example.com"));
    CHECK_FALSE(go("", "example.com"));
}

TEST_CASE("no_proxy: a name and what is below it")
{
    check_all(
        {
            {"example.com", "example.com", true},
            {"example.com", "www.example.com", true},
            {"example.com", "a.b.example.com", true},
            {"example.com", "notexample.com", false},
            {"example.com", "example.com.evil.test", false},
            {"example.com", "com", false},
            {"www.example.com", "example.com", false},
            {"com", "example.com", true},
            {"localhost", "localhost", true},
            {"localhost", "mylocalhost", false},
        },
        no_proxy_dialect::curl);
}

TEST_CASE("no_proxy: case does not matter")
{
    CHECK(curl("EXAMPLE.com", "www.Example.COM"));
    CHECK(curl("FD00::A", "fd00::a"));
    CHECK(go("EXAMPLE.com", "www.Example.COM"));
}

TEST_CASE("no_proxy: dots at the ends")
{
    check_all(
        {
            {".example.com", "example.com", true},
            {".example.com", "www.example.com", true},
            {".example.com", "wwwexample.com", false},
            {"example.com.", "example.com", true},
            {"example.com", "example.com.", true},
            {"example.com.", "www.example.com.", true},
            {".example.com.", "example.com", true},
            {"..example.com", "example.com", false},
            {"example.com", "example.com..", false},
        },
        no_proxy_dialect::curl);
}

TEST_CASE("no_proxy: the star")
{
    check_all(
        {
            {"*", "example.com", true},
            {"*", "10.0.0.1", true},
            {"*", "[::1]", true},
            {"a.test, *", "example.com", true}, // more than curl
            {"*.example.com", "www.example.com", true},
            {"*.example.com", "example.com", false},
            {"*.example.com", "wwwexample.com", false},
            {"*.example.com:80", "www.example.com", false},
            {"e*.com", "example.com", false},
        },
        no_proxy_dialect::curl);
}

TEST_CASE("no_proxy: separators")
{
    check_all(
        {
            {"a.test,b.test", "b.test", true},
            {"a.test, b.test", "b.test", true},
            {"a.test ,b.test", "b.test", true},
            {"\ta.test\t,\tb.test\t", "b.test", true},
            {",,a.test,,,b.test,,", "b.test", true},
            {"a.test b.test", "b.test", true}, // curl stops at the blank
            {"a.test;b.test", "b.test", false},
        },
        no_proxy_dialect::curl);
}

TEST_CASE("no_proxy: ports, which curl does not know")
{
    check_all(
        {
            {"example.com:8443", "example.com", true, 8443},
            {"example.com:8443", "www.example.com", true, 8443},
            {"example.com:8443", "example.com", false, 443},
            {"example.com:0", "example.com", false, 443},
            {"example.com:65536", "example.com", false, 443},
            {"example.com:x", "example.com", false, 443},
            {"example.com:", "example.com", false, 443},
            {":443", "example.com", false, 443},
            {"10.0.0.1:80", "10.0.0.1", true, 80},
            {"10.0.0.1:80", "10.0.0.1", false, 443},
            {"[fd00::1]:80", "[fd00::1]", true, 80},
            {"[fd00::1]:80", "fd00::1", false, 81},
        },
        no_proxy_dialect::curl);
}

TEST_CASE("no_proxy: IPv4 addresses and networks")
{
    check_all(
        {
            {"192.168.1.1", "192.168.1.1", true},
            {"192.168.1.1", "192.168.1.11", false},
            {"192.168.1.1/32", "192.168.1.1", true},
            {"192.168.0.0/16", "192.168.255.1", true},
            {"192.168.0.0/16", "192.169.0.1", false},
            {"192.168.160.0/20", "192.168.175.255", true},
            {"192.168.160.0/20", "192.168.176.0", false},
            {"192.168.77.77/16", "192.168.1.1", true}, // bits beyond the prefix do not count
            {"128.0.0.0/1", "255.0.0.1", true},
            {"128.0.0.0/1", "127.0.0.1", false},
            {"0.0.0.0/0", "8.8.8.8", true}, // curl takes /0 for one address
            {"10.0.0.1/33", "10.0.0.1", false},
            {"10.0.0.1/99999999999", "10.0.0.1", false},
            {"10.0.0.1/", "10.0.0.1", true}, // as curl: no number, no network
            {"10.0.0.1/x", "10.0.0.1", true},
            {"10.0.0.0/8x", "10.9.9.9", true},
            {"0.1", "10.0.0.1", false}, // an address is no name
            {".0.0.1", "10.0.0.1", false},
            {"10.0.0", "10.0.0.1", false},
            {"/8", "10.0.0.1", false},
        },
        no_proxy_dialect::curl);
}

TEST_CASE("no_proxy: an address with a final dot is a name, as for curl")
{
    CHECK(curl("10.0.0.1", "10.0.0.1."));
    CHECK(curl("0.0.1", "10.0.0.1."));
    CHECK(curl("10.0.0.0/8", "10.0.0.1."));
}

TEST_CASE("no_proxy: IPv6 addresses and networks")
{
    check_all(
        {
            {"::1", "::1", true},
            {"::1", "[::1]", true},
            {"[::1]", "[::1]", true},
            {"0:0::1", "::1", true},
            {"::1", "::2", false},
            {"fd00::/8", "[fd12:3456::1]", true},
            {"fd00::/8", "[fe80::1]", false},
            {"2001:db8::/33", "2001:db8:7fff::", true},
            {"2001:db8::/33", "2001:db8:8000::", false},
            {"2001:db8::1/128", "2001:db8::1", true},
            {"2001:db8::1/129", "2001:db8::1", false},
            {"::/0", "2001:db8::1", true},
            {"::/0", "10.0.0.1", false}, // families do not mix
            {"0.0.0.0/0", "::1", false},
        },
        no_proxy_dialect::curl);
}

TEST_CASE("no_proxy: names are not resolved")
{
    CHECK_FALSE(curl("127.0.0.0/8,::1", "localhost"));
    CHECK_FALSE(curl("localhost", "127.0.0.1"));
}

TEST_CASE("no_proxy: curl's dialect has no implicit entries")
{
    CHECK_FALSE(curl("a.test", "localhost"));
    CHECK_FALSE(curl("a.test", "127.0.0.1"));
}

TEST_CASE("no_proxy: go's dialect")
{
    check_all(
        {
            {"example.com", "example.com", true},
            {"example.com", "www.example.com", true},
            {"example.com", "notexample.com", false},
            {".example.com", "www.example.com", true},
            {".example.com", "example.com", false},
            {"*.example.com", "www.example.com", true},
            {"*.example.com", "example.com", false},
            {"a.test, *", "example.com", true},
            {"a.test b.test", "b.test", false}, // a blank separates nothing
            {" a.test , b.test ", "b.test", true},
            {"example.com.", "example.com", false},
            {"example.com", "example.com.", false},
            {"example.com:8443", "example.com", true, 8443},
            {"example.com:8443", "example.com", false},
            {"example.com:", "example.com", true},
            {".example.com:80", "www.example.com", true, 80},
            {".example.com:80", "example.com", false, 80},
            {":443", "example.com", false, 443},
            {":443", "", false, 443},
        },
        no_proxy_dialect::go);
}

TEST_CASE("no_proxy: go's dialect and addresses")
{
    check_all(
        {
            {"10.0.0.0/8", "10.9.9.9", true},
            {"10.0.0.0/8", "11.0.0.1", false},
            {"10.0.0.0/8x", "10.0.0.0", false},
            {"10.0.0.0/", "10.0.0.0", false},
            {"0.0.0.0/0", "8.8.8.8", true},
            {"10.0.0.1:80", "10.0.0.1", true, 80},
            {"10.0.0.1:80", "10.0.0.1", false},
            {"fd00::/8", "fd00::1", true},
            {"fd00::1", "[fd00::1]", true},
            {"[fd00::1]:80", "fd00::1", true, 80},
            {"[fd00::1]", "fd00::1", false},
        },
        no_proxy_dialect::go);
}

TEST_CASE("no_proxy: go never sends loopback to a proxy")
{
    CHECK(go("", "localhost"));
    CHECK(go("", "127.0.0.1"));
    CHECK(go("", "127.255.0.9"));
    CHECK(go("", "[::1]"));
    CHECK_FALSE(go("", "LOCALHOST"));
    CHECK_FALSE(go("", "128.0.0.1"));
    CHECK_FALSE(go("", "www.localhost"));
}

TEST_CASE("no_proxy: the entry that matched is named as it was written")
{
    no_proxy_rules const rules{"10.0.0.0/8, .Example.com:8443 *.corp.test"};
    CHECK(rules.explain("10.1.2.3", 443) == "10.0.0.0/8");
    CHECK(rules.explain("www.example.com", 8443) == ".Example.com:8443");
    CHECK(rules.explain("a.corp.test", 443) == "*.corp.test");
    CHECK_FALSE(rules.explain("www.example.com", 443));
}

TEST_CASE("no_proxy: the first of several is named")
{
    CHECK(no_proxy_rules{"com,example.com"}.explain("example.com", 1) == "com");
    CHECK(no_proxy_rules{"example.com,*"}.explain("example.com", 1) == "example.com");
}

TEST_CASE("no_proxy: go's own rules are explained too")
{
    no_proxy_rules const rules{"127.0.0.1", no_proxy_dialect::go};
    CHECK(rules.explain("localhost", 1) == "localhost");
    CHECK(rules.explain("127.0.0.1", 1) == "loopback");
}

TEST_CASE("no_proxy: rules can be copied")
{
    auto const make = [] {
        no_proxy_rules const original{"example.com"};
        return no_proxy_rules{original};
    };
    auto const copy = make();
    CHECK(copy.explain("www.example.com", 443) == "example.com");
}

TEST_CASE("no_proxy: entries that can match no host are told, so that a program can warn of them")
{
    struct
    {
        std::string_view entry;
        bool curl;
        bool go;
    } const cases[] = {
        {"10.0.0.0/33", true, true},
        {"10.0.0.1/99999999999", true, true},
        {"fd00::/129", true, true},
        {"10.0.0.0/8x", false, true},
        {"example.com:99999", true, true},
        {"example.com:0", true, true},
        {"example.com:x", true, true},
        {"example.com:", true, false},
        {":443", true, true},
        {"[::1", true, true},
        {"::1]:80", true, true},
        {"[::1]", false, true},
        {"[::1]:80", false, false},
        {"http://example.com", true, true},
        {"example.com/8", true, true},
        {"a.test;b.test", true, true},
        {"b\xc3\xbc.example", true, true},
        {"e*.com", true, true},
        {"192.168.*", true, true},
        {"192.168", true, false}, // Go compares the end of an address with it
        {"a..b", true, true},
        {".", true, true},
        {"*.", true, true},
        {"*", false, false},
        {"localhost", false, false},
        {".example.com", false, false},
        {"*.example.com:80", false, false},
        {"_srv.example.com.", false, false},
        {"10.0.0.0/8", false, false},
        {"10.0.0.1:80", false, false},
        {"fd00::1", false, false},
    };
    for (auto const& c : cases) {
        CAPTURE(c.entry);
        CHECK(no_proxy_rules{c.entry}.invalid_entries().empty() != c.curl);
        CHECK(no_proxy_rules(c.entry, no_proxy_dialect::go).invalid_entries().empty() != c.go);
    }
}

TEST_CASE("no_proxy: invalid entries come in their order and as they were written")
{
    no_proxy_rules const rules{"a.test, 10.0.0.0/33 ,B.test:X"};
    CHECK(rules.invalid_entries() == std::vector<std::string_view>{"10.0.0.0/33", "B.test:X"});
    CHECK(no_proxy_rules{"a.test b.test"}.invalid_entries().empty());
    no_proxy_rules const go{"a.test b.test", no_proxy_dialect::go};
    CHECK(go.invalid_entries() == std::vector<std::string_view>{"a.test b.test"});
    CHECK(no_proxy_rules{}.invalid_entries().empty());
}
