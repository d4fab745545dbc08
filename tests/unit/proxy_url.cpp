#include <viaduct/client/proxy_url.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string_view>

using viaduct::credentials;
using viaduct::errc;
using viaduct::parse_proxy_url;
using viaduct::proxy_scheme;

TEST_CASE("proxy url: scheme and port have defaults, the host has none")
{
    struct
    {
        std::string_view text;
        std::uint16_t default_port;
        std::string_view endpoint;
    } const cases[] = {
        {"http://proxy.example:3128", 0, "proxy.example:3128"},
        {"http://proxy.example:3128/", 1080, "proxy.example:3128"},
        {"http://proxy.example", 0, "proxy.example:80"},
        {"http://proxy.example/", 1080, "proxy.example:1080"},
        {"HTTP://Proxy.Example.", 0, "proxy.example:80"},
        {"proxy.example:3128", 0, "proxy.example:3128"},
        {"proxy.example", 1080, "proxy.example:1080"},
        {"127.0.0.1:8080", 0, "127.0.0.1:8080"},
        {"http://[::1]", 0, "[::1]:80"},
        {"http://[2001:DB8::1]:3128/", 0, "[2001:db8::1]:3128"},
        {"[::1]:3128", 0, "[::1]:3128"},
        {"[::1]", 1080, "[::1]:1080"},
    };
    for (auto const& c : cases) {
        INFO(c.text);
        viaduct::error_code ec = errc::proxy_closed; // whatever was there before must not show
        auto const url = parse_proxy_url(c.text, c.default_port, ec);
        CHECK_FALSE(ec);
        REQUIRE(url);
        CHECK(url->endpoint.text() == c.endpoint);
        CHECK(url->scheme == proxy_scheme::http);
        CHECK_FALSE(url->who);
    }
}

TEST_CASE("proxy url: each scheme has its own port, and its text reads back without the credentials")
{
    struct
    {
        std::string_view text;
        std::uint16_t default_port;
        proxy_scheme scheme;
        std::string_view shown;
    } const cases[] = {
        {"http://u:p@a", 0, proxy_scheme::http, "http://a:80"},
        {"https://u:p@a", 0, proxy_scheme::https, "https://a:443"},
        {"SOCKS5://u:p@a/", 0, proxy_scheme::socks5, "socks5://a:1080"},
        {"socks5h://u:p@[::1]", 0, proxy_scheme::socks5h, "socks5h://[::1]:1080"},
        {"socks4://u:p@a", 0, proxy_scheme::socks4, "socks4://a:1080"},
        {"Socks4A://u:p@a:9050", 0, proxy_scheme::socks4a, "socks4a://a:9050"},
        {"https://u:p@a:8443", 0, proxy_scheme::https, "https://a:8443"},
        {"https://u:p@a", 1080, proxy_scheme::https, "https://a:1080"},
    };
    for (auto const& c : cases) {
        INFO(c.text);
        viaduct::error_code ec;
        auto url = parse_proxy_url(c.text, c.default_port, ec);
        REQUIRE(url);
        CHECK(url->scheme == c.scheme);
        CHECK(url->who == credentials{"u", "p"});
        CHECK(to_text(*url) == c.shown);
        url->who.reset();
        CHECK(parse_proxy_url(c.shown) == *url);
        CHECK(c.shown.starts_with(name_of(c.scheme)));
    }
}

TEST_CASE("proxy url: direct is written in three ways, and never with a host")
{
    for (auto const* const text : {"direct", "DIRECT:", "Direct://"}) {
        viaduct::error_code ec = errc::proxy_closed;
        auto const url = parse_proxy_url(text, 1080, ec);
        REQUIRE(url);
        CHECK_FALSE(ec);
        CHECK(url->is_direct());
        CHECK(url->endpoint.host() == "");
        CHECK(to_text(*url) == "direct");
    }
    CHECK_FALSE(parse_proxy_url("direct:8080").is_direct()); // a host of this name
    CHECK_FALSE(parse_proxy_url("http://direct").is_direct());
}

TEST_CASE("proxy url: user information without a character means no credentials")
{
    CHECK_FALSE(parse_proxy_url("http://@proxy.example").who);
    CHECK_FALSE(parse_proxy_url("@proxy.example:3128").who);
    CHECK(parse_proxy_url("http://:@proxy.example").who == credentials{});
}

TEST_CASE(
    "proxy url: the last @ ends the user information, its first colon the user name, and both are decoded")
{
    struct
    {
        std::string_view userinfo;
        credentials who;
    } const cases[] = {
        {"user:secret", {"user", "secret"}},
        {"user", {"user", ""}},
        {":secret", {"", "secret"}},
        {"user:a:b", {"user", "a:b"}},
        {"user:p@ss/w#?rd", {"user", "p@ss/w#?rd"}},
        {"dom%5Cus%65r:%40%3a%2F%c3%A9", {"dom\\user", "@:/\xc3\xa9"}},
        {"user:100%", {"user", "100%"}},
        {"user:%4", {"user", "%4"}},
        {"user:%zz%", {"user", "%zz%"}},
        {"user:%2541", {"user", "%41"}},
        {"user:a+b", {"user", "a+b"}},
    };
    for (auto const& c : cases) {
        INFO(c.userinfo);
        auto const url = viaduct::parse_proxy_url("http://" + std::string{c.userinfo} + "@[::1]:3128");
        CHECK(url.endpoint.text() == "[::1]:3128");
        CHECK(url.who == c.who);
    }
    viaduct::error_code ec;
    CHECK(parse_proxy_url("user:secret@proxy.example:3128", 0, ec)->who == credentials{"user", "secret"});
}

TEST_CASE("proxy url: what is no proxy's URL is told apart")
{
    struct
    {
        std::string_view text;
        errc error;
    } const cases[] = {
        {"", errc::proxy_url_invalid},
        {"/", errc::proxy_url_invalid},
        {"http://", errc::proxy_url_invalid},
        {"http:///", errc::proxy_url_invalid},
        {"http://user:secret@", errc::proxy_url_invalid},
        {"http://@", errc::proxy_url_invalid},
        {"direct://proxy.example", errc::proxy_url_invalid},
        {"direct:///", errc::proxy_url_invalid},
        {"socks4b://proxy.example", errc::proxy_scheme_unsupported},
        {"socks4://us%3Aer@proxy.example", errc::credentials_invalid},
        {"socks://proxy.example", errc::proxy_scheme_unsupported},
        {"ftp://proxy.example", errc::proxy_scheme_unsupported},
        {"socks5://us%3Aer:secret@proxy.example", errc::credentials_invalid},
        {"://proxy.example", errc::proxy_scheme_unsupported},
        {"http://us%3Aer:secret@proxy.example", errc::credentials_invalid},
        {"http://user:%0D%0A@proxy.example", errc::credentials_invalid},
        {"http://%00@proxy.example", errc::credentials_invalid},
        {"proxy.example", errc::port_missing},
        {"[::1]", errc::port_missing},
        {"http://proxy.example:", errc::port_empty},
        {"http://proxy.example:65536", errc::port_out_of_range},
        {"http://proxy.example:3128/path", errc::target_has_path},
        {"http://proxy.example//", errc::target_has_path},
        {"http://proxy.example?x", errc::target_has_path},
        {"http://:3128", errc::host_empty},
        {"http://::1", errc::host_ipv6_unbracketed},
        {"http://[::1", errc::host_ipv6_invalid},
        {"http://127.1:3128", errc::host_numeric_not_canonical},
        {"http:proxy.example:3128", errc::host_ipv6_unbracketed},
        {"http://proxy example:3128", errc::target_has_invalid_character},
    };
    for (auto const& c : cases) {
        INFO(c.text);
        viaduct::error_code ec;
        CHECK_FALSE(parse_proxy_url(c.text, 0, ec));
        CHECK(ec == c.error);
        CHECK_THROWS_AS(static_cast<void>(parse_proxy_url(c.text)), viaduct::system_error);
    }
}
