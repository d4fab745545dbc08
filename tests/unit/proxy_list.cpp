#include <viaduct/client/proxy_list.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using viaduct::credentials;
using viaduct::errc;
using viaduct::error_code;
using viaduct::parse_pac_result;
using viaduct::parse_proxy_list;
using viaduct::proxy_list;

namespace {

/// Why a list was refused, and what its text says.
struct verdict
{
    error_code error;
    std::string offender;
    std::string text;
};

template <class Parse>
verdict judge(Parse parse, std::string_view text)
{
    verdict result{errc::proxy_closed, {}, {}}; // whatever was there before must not show
    std::string_view offender = "before";
    auto const list = parse(text, result.error, offender);
    result.offender = offender;
    result.text = to_text(list);
    CHECK(list.empty() == static_cast<bool>(result.error));
    return result;
}

verdict urls(std::string_view text)
{
    return judge([](auto&&... of) { return parse_proxy_list(of...); }, text);
}

verdict pac(std::string_view text)
{
    return judge([](auto&&... of) { return parse_pac_result(of...); }, text);
}

} // namespace

TEST_CASE("proxy list: commas, blanks and line ends separate ways, and an arrow joins proxies to one")
{
    struct
    {
        std::string_view text;
        std::string_view shown;
    } const cases[] = {
        {"http://a", "http://a:80"},
        {"a:3128", "http://a:3128"},
        {"http://a,https://b", "http://a:80, https://b:443"},
        {" ,\t http://a , \r\n socks5://b\n,", "http://a:80, socks5://b:1080"},
        {"a:1 b:2", "http://a:1, http://b:2"},
        {"a:1->b:2", "http://a:1 -> http://b:2"},
        {"http://a  ->\t https://b->socks5h://c, d:1", "http://a:80 -> https://b:443 -> socks5h://c:1080, "
                                                       "http://d:1"},
        {"http://a, direct", "http://a:80, direct"},
        {"DIRECT:// http://a", "direct, http://a:80"},
        {"direct", "direct"},
        {"[::1]:1->http://[::2]", "http://[::1]:1 -> http://[::2]:80"},
        {"http://a->b:1", "http://a:80 -> http://b:1"}, // the hyphen is the arrow's
    };
    for (auto const& c : cases) {
        INFO(c.text);
        auto const result = urls(c.text);
        CHECK_FALSE(result.error);
        CHECK(result.offender == "");
        CHECK(result.text == c.shown);
        CHECK(urls(c.shown).text == c.shown);
    }
}

TEST_CASE("proxy list: the direct way is a way without proxies")
{
    CHECK(parse_proxy_list("direct") == proxy_list{viaduct::proxy_route{}});
    CHECK(to_text(viaduct::proxy_route{}) == "direct");
    CHECK(to_text(proxy_list{}) == "");
}

TEST_CASE("proxy list: each URL has its own credentials, which no text of it shows")
{
    auto const list = parse_proxy_list("http://u:p%2C%20-%3E@a->socks5://v:q@b");
    REQUIRE(list.size() == 1);
    CHECK(list[0][0].who == credentials{"u", "p, ->"});
    CHECK(to_text(list) == "http://a:80 -> socks5://b:1080");
}

TEST_CASE("proxy list: the part at fault is told, without user information")
{
    struct
    {
        std::string_view text;
        errc error;
        std::string_view offender;
    } const cases[] = {
        {"", errc::proxy_list_invalid, ""},
        {" , \n", errc::proxy_list_invalid, ""},
        {"->", errc::proxy_list_invalid, "->"},
        {"a:1, ->b:1", errc::proxy_list_invalid, "->"},
        {"a:1->", errc::proxy_list_invalid, "->"},
        {"a:1 -> , b:1", errc::proxy_list_invalid, "->"},
        {"a:1->->b:1", errc::proxy_list_invalid, "->"},
        {"a:1 -> direct", errc::proxy_list_invalid, "direct"},
        {"Direct: -> a:1", errc::proxy_list_invalid, "Direct:"},
        {"direct->direct", errc::proxy_list_invalid, "direct"},
        {"http://a, b", errc::port_missing, "b"},
        {"http://a, socks://b", errc::proxy_scheme_unsupported, "socks://b"},
        {"http://a:1>b:2", errc::host_ipv6_unbracketed, "http://a:1>b:2"},
        {"PROXY a:1", errc::port_missing, "PROXY"},
        {"http://u:p@a:99999,http://v:q@b", errc::port_out_of_range, "a:99999"},
        {"http://a:99999,http://v:q@b", errc::port_out_of_range, "http://a:99999"},
        {"http://a->ftp://u:p@b", errc::proxy_scheme_unsupported, "b"},
        {"ftp://a x@https://u:p@b", errc::proxy_scheme_unsupported, "https"},
    };
    for (auto const& c : cases) {
        INFO(c.text);
        auto const result = urls(c.text);
        CHECK(result.error == c.error);
        CHECK(result.offender == c.offender);
        error_code ec;
        CHECK(parse_proxy_list(c.text, ec).empty());
        CHECK(ec == c.error);
        CHECK_THROWS_AS(static_cast<void>(parse_proxy_list(c.text)), viaduct::system_error);
    }
}

TEST_CASE("proxy list: a password that a raw separator cuts in two is an error that shows nothing of it")
{
    for (auto const* const text :
         {"http://user:sec,ret@a:1", "http://user:sec ret@a:1", "http://user:sec->ret@a:1",
          "http://user:s@c,ret@a:1", "http://user:12,ret@a:1", "http://user:sec,r,et@a:1, http://v:q@b"}) {
        INFO(text);
        auto const result = urls(text);
        CHECK(result.error);
        CHECK(result.offender == "a:1");
    }
}

TEST_CASE("proxy list: the exception names the part at fault")
{
    try {
        static_cast<void>(parse_proxy_list("http://u:secret@a:99999"));
        FAIL("no exception");
    } catch (viaduct::system_error const& e) {
        std::string const what = e.what();
        CHECK(what.find("'a:99999'") != what.npos);
        CHECK(what.find("secret") == what.npos);
    }
}

TEST_CASE("pac result: the words, their ports and their order")
{
    struct
    {
        std::string_view text;
        std::string_view shown;
    } const cases[] = {
        {"PROXY a:1; HTTPS b:2; HTTP c:3; SOCKS5 d:4; DIRECT",
         "http://a:1, https://b:2, http://c:3, socks5h://d:4, direct"},
        {"PROXY a;HTTP b;HTTPS c;SOCKS5 d", "http://a:80, http://b:80, https://c:443, socks5h://d:1080"},
        {"direct", "direct"},
        {" ;; Proxy \t a:1 ; ;dIrEcT ;", "http://a:1, direct"},
        {"PROXY [::1]; PROXY 10.0.0.1:8080", "http://[::1]:80, http://10.0.0.1:8080"},
        {"SOCKS s:1; socks4 t; DIRECT", "socks4://s:1, socks4://t:1080, direct"},
    };
    for (auto const& c : cases) {
        INFO(c.text);
        auto const result = pac(c.text);
        CHECK_FALSE(result.error);
        CHECK(result.offender == "");
        CHECK(result.text == c.shown);
    }
}

TEST_CASE("pac result: what is wrong is told with its member, and what is unknown never becomes direct")
{
    struct
    {
        std::string_view text;
        errc error;
        std::string_view offender;
    } const cases[] = {
        {"", errc::proxy_list_invalid, ""},
        {" ; ;", errc::proxy_list_invalid, ""},
        {"QUIC b:2; DIRECT", errc::proxy_list_invalid, "QUIC b:2"},
        {"PROXY a:1; QUIC b:2", errc::proxy_list_invalid, "QUIC b:2"},
        {"PROXY a:1, PROXY b:2", errc::target_has_invalid_character, "PROXY a:1, PROXY b:2"},
        {"a:3128", errc::proxy_list_invalid, "a:3128"},
        {"PROXY", errc::proxy_list_invalid, "PROXY"},
        {"SOCKS", errc::proxy_list_invalid, "SOCKS"},
        {"DIRECT a:1", errc::proxy_list_invalid, "DIRECT a:1"},
        {"PROXY a:99999 ; DIRECT", errc::port_out_of_range, "PROXY a:99999"},
        {"PROXY http://a:1", errc::target_has_scheme, "PROXY http://a:1"},
        {"PROXY u:secret@a:1", errc::target_has_userinfo, "a:1"},
    };
    for (auto const& c : cases) {
        INFO(c.text);
        auto const result = pac(c.text);
        CHECK(result.error == c.error);
        CHECK(result.offender == c.offender);
        error_code ec;
        CHECK(parse_pac_result(c.text, ec).empty());
        CHECK(ec == c.error);
        CHECK_THROWS_AS(static_cast<void>(parse_pac_result(c.text)), viaduct::system_error);
    }
}
