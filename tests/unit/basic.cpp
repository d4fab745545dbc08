#include <viaduct/auth/basic.hpp> // the header is self-contained
#include <viaduct/impl/auth/base64.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::credentials;
using viaduct::errc;
using viaduct::parse_basic_authorization;

namespace {

std::string authorization(credentials const& who)
{
    viaduct::error_code ec = errc::proxy_closed; // whatever was there before must not show
    auto value = basic_authorization(who, ec);
    CHECK(value.empty() == bool{ec});
    if (ec) CHECK(ec == errc::credentials_invalid);
    return value;
}

} // namespace

TEST_CASE("base64: the vectors of RFC 4648 section 10, both ways")
{
    struct
    {
        std::string_view octets;
        std::string_view text;
    } const cases[] = {{"", ""},
                       {"f", "Zg=="},
                       {"fo", "Zm8="},
                       {"foo", "Zm9v"},
                       {"foob", "Zm9vYg=="},
                       {"fooba", "Zm9vYmE="},
                       {"foobar", "Zm9vYmFy"},
                       {"\xff\xfb\xf0\0"sv, "//vwAA=="}};
    for (auto const& c : cases) {
        CHECK(viaduct::detail::base64_encode(c.octets) == c.text);
        CHECK(viaduct::detail::base64_decode(c.text) == c.octets);
    }
    for (auto const wrong : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Z=g=", "Zm9v\n", "Zm-_",
                             "Zm 9", "Zm9\xff"}) {
        INFO(wrong);
        CHECK_FALSE(viaduct::detail::base64_decode(wrong));
    }
}

TEST_CASE("basic: the examples of RFC 7617")
{
    CHECK(authorization({"Aladdin", "open sesame"}) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(authorization({"test", "123\xc2\xa3"}) == "Basic dGVzdDoxMjPCow==");
}

TEST_CASE("basic: what is written is what is read, empty parts and a colon in the password included")
{
    for (auto const& who :
         {credentials{"user", "a:b::c"}, {"user", ""}, {"", "secret"}, {"", ""}, {"us er", " \xff "}})
        CHECK(parse_basic_authorization(authorization(who)) == who);
}

TEST_CASE("basic: a colon in the user name would move into the password, a control character into a log: "
          "both are refused")
{
    for (auto const& who :
         {credentials{"a:b", "c"}, {"a\r\n", "c"}, {"a", "c\n"}, {"a\0b"s, "c"}, {"a", "\t"}, {"\x7f", ""}})
        CHECK(authorization(who).empty());
}

TEST_CASE("basic: the scheme has any case, and blanks may follow it")
{
    CHECK(parse_basic_authorization("bASIC  \tYTpi ") == credentials{"a", "b"});
}

TEST_CASE("basic: whatever is not such a value is nothing")
{
    for (auto const value :
         {"", "Basic", "Basic ", "BasicYTpi", "Bearer YTpi", " Basic YTpi", "Basic YTpi YTpi", "Basic YTp",
          "Basic YWI=" /* ab, without a colon */, "Basic YTpiCg==" /* ends with a line feed */}) {
        INFO(value);
        CHECK_FALSE(parse_basic_authorization(value));
    }
}
