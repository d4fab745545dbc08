#include <viaduct/http/challenge.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// What was read, in a form that can stand in a table: `Scheme:token68`, `Scheme{name=value,name=value}`.
std::string text_of(std::vector<viaduct::challenge> const& challenges)
{
    std::string text;
    for (auto const& c : challenges) {
        text += (text.empty() ? "" : " ") + c.scheme;
        if (!c.token68.empty()) text += ':' + c.token68;
        if (c.params.empty()) continue;
        for (char before = '{'; auto const& param : c.params) {
            text += before + param.name + '=' + param.value;
            before = ',';
        }
        text += '}';
    }
    return text;
}

std::string read(std::string_view value)
{
    return text_of(viaduct::parse_challenges(value));
}

} // namespace

TEST_CASE("challenge: schemes alone, with a token68, and with parameters")
{
    CHECK(read("Negotiate") == "Negotiate");
    CHECK(read("NTLM TlRMTVNTUAACAAAA+/._~-==") == "NTLM:TlRMTVNTUAACAAAA+/._~-==");
    CHECK(read("Basic realm=\"the proxy\"") == "Basic{realm=the proxy}");
    CHECK(read("Digest realm=\"r\", qop=\"auth,auth-int\", stale=TRUE") ==
          "Digest{realm=r,qop=auth,auth-int,stale=TRUE}");
    CHECK(read("Basic realm=\"\"") == "Basic{realm=}");
    CHECK(read("Basic realm \t= \t\"r\"") == "Basic{realm=r}");
}

TEST_CASE("challenge: several in one field are told apart, though commas also part their parameters")
{
    CHECK(read("Negotiate, NTLM, Basic realm=\"r\"") == "Negotiate NTLM Basic{realm=r}");
    CHECK(read("Digest a=1, b=2, Basic realm=r, Bearer") == "Digest{a=1,b=2} Basic{realm=r} Bearer");
    CHECK(read("NTLM abc==, Digest nonce=n") == "NTLM:abc== Digest{nonce=n}");
    CHECK(read("Basic realm=a,Basic realm=b") == "Basic{realm=a} Basic{realm=b}");
}

TEST_CASE("challenge: inside quotes commas and scheme names are text, and a backslash takes the next octet "
          "as it is")
{
    CHECK(read("Digest realm=\"x, Basic realm=y\", nonce=n") == "Digest{realm=x, Basic realm=y,nonce=n}");
    CHECK(read(R"(Basic realm="te\"st\\", Bearer)") == R"(Basic{realm=te"st\} Bearer)");
    CHECK(read(R"(Basic realm="\a")") == "Basic{realm=a}");
}

TEST_CASE("challenge: empty list members mean nothing")
{
    CHECK(read("").empty());
    CHECK(read(" ,\t, ").empty());
    CHECK(read(",, Negotiate ,, , Basic realm=r , ,nonce=n,") == "Negotiate Basic{realm=r,nonce=n}");
}

TEST_CASE("challenge: a slip takes its own challenge and what follows away, not what was well formed before")
{
    for (auto const slip :
         {"Digest realm=\"open", "Digest realm=\"open\\", "Digest realm=", "Digest realm=,a=b",
          "Digest a=\"b\"c", "=", "\"Digest\"", "Digest (x)", "Digest a b", "Digest a=b=c"}) {
        INFO(slip);
        auto const value = "Negotiate, Basic realm=r, " + std::string{slip};
        CHECK(read(value).starts_with("Negotiate Basic{realm=r}"));
        CHECK(read(value).find("open") == std::string::npos);
        CHECK(read(value + ", NTLM").starts_with("Negotiate Basic{realm=r}"));
    }
    CHECK(read("Digest realm=\"open").empty());
    CHECK(read("Digest a=\"b\"c, Basic realm=r").empty());
}

TEST_CASE("challenge: however a value is cut off, what came before the cut is read as in the whole")
{
    std::string_view const value =
        R"(Digest realm="a, \"b", qop="auth", NTLM QUJD==, Basic realm="x",, Negotiate)";
    auto const whole = viaduct::parse_challenges(value);
    REQUIRE(whole.size() == 4);
    for (std::size_t size = 0; size < value.size(); ++size) {
        INFO(value.substr(0, size));
        auto part = viaduct::parse_challenges(value.substr(0, size));
        REQUIRE(part.size() <= whole.size());
        if (!part.empty()) part.pop_back(); // half a word may be anything
        for (std::size_t i = 0; i < part.size(); ++i) {
            CHECK(part[i].scheme == whole[i].scheme);
            CHECK(part[i].token68 == whole[i].token68);
            REQUIRE(part[i].params.size() <= whole[i].params.size());
            CHECK(std::equal(part[i].params.begin(), part[i].params.end(), whole[i].params.begin()));
        }
    }
}

TEST_CASE("challenge: schemes and parameters are found without regard to case, the first of a name wins")
{
    auto const offer = viaduct::parse_challenges("bAsIc Realm=one, REALM=two").at(0);
    CHECK(offer.is("Basic"));
    CHECK_FALSE(offer.is("Basi"));
    CHECK(offer.find("realm") == "one");
    CHECK_FALSE(offer.find("nonce"));
}

TEST_CASE("challenge: all lines of a name are read, each on its own")
{
    viaduct::field_list const head{"Proxy-Authenticate: Digest realm=\"open\r\nWWW-Authenticate: Bearer\r\n"
                                   "proxy-authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=r\r\n"};
    CHECK(text_of(viaduct::parse_challenges(head, "Proxy-Authenticate")) == "Negotiate Basic{realm=r}");
}
