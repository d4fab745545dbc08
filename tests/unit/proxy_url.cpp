#include <viaduct/client/proxy_url.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string_view>

using viaduct::credentials;
using viaduct::errc;
using viaduct::parse_proxy_url;

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
        CHECK_FALSE(url->who);
    }
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
        {"https://proxy.example:3128", errc::proxy_scheme_unsupported},
        {"socks5h://proxy.example", errc::proxy_scheme_unsupported},
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
