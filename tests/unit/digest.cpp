#include <viaduct/auth/digest.hpp> // the header is self-contained

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::auth_request;
using viaduct::credentials;
using viaduct::digest_algorithm;
using viaduct::digest_challenge;
using viaduct::digest_input;
using viaduct::digest_qop;
using viaduct::errc;
using viaduct::error_code;

namespace {

std::optional<digest_challenge> parse(std::string_view params)
{
    auto const offers = viaduct::parse_challenges("Digest " + std::string{params});
    REQUIRE(offers.size() == 1);
    error_code ec = errc::proxy_closed; // whatever was there before must not show
    auto const checked = parse_digest_challenge(offers.front(), ec);
    CHECK(checked.has_value() == !ec);
    if (ec) CHECK(ec == errc::challenge_invalid);
    return checked;
}

std::string authorization(digest_challenge const& offer, credentials const& who, auth_request const& request,
                          std::string_view cnonce, std::uint32_t nc)
{
    error_code ec = errc::proxy_closed;
    auto value = digest_authorization(offer, make_digest_input(offer, request, cnonce, nc), who, ec);
    CHECK(value.empty() == bool{ec});
    if (ec) CHECK(ec == errc::credentials_invalid);
    return value;
}

std::string authorization(std::string_view params, credentials const& who, auth_request const& request,
                          std::string_view cnonce, std::uint32_t nc)
{
    auto const offer = parse(params);
    REQUIRE(offer);
    return authorization(*offer, who, request, cnonce, nc);
}

bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

viaduct::digest_info info(std::string_view lines)
{
    return viaduct::parse_digest_info(viaduct::field_list{lines});
}

auto const jason = "J\xc3\xa4s\xc3\xb8n Doe"s;

} // namespace

TEST_CASE("digest: the examples of RFC 7616 section 3.9.1")
{
    auto const params = R"(realm="http-auth@example.org", qop="auth, auth-int", )"
                        R"(nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", )"
                        R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", algorithm=)"s;
    auto const answer = [&params](std::string_view algorithm) {
        return authorization(params + std::string{algorithm}, {"Mufasa", "Circle of Life"},
                             {"GET", "/dir/index.html"}, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1);
    };
    CHECK(answer("MD5") == "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
                           "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", "
                           "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", nc=00000001, qop=auth, "
                           "response=\"8ca523f5e9506fed4657c9700eebdbec\", "
                           "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", algorithm=MD5");
    CHECK(holds(answer("SHA-256"),
                "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""));
}

TEST_CASE("digest: the example of RFC 7616 section 3.9.2, with the values of its erratum 4897")
{
    auto const value = authorization(
        R"(realm="api@example.org", qop="auth", algorithm=SHA-512-256, charset=UTF-8, userhash=true, )"
        R"(nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", )"
        R"(opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS")",
        {jason, "Secret, or not?"}, {"GET", "/doe.json"}, "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", 1);
    CHECK(holds(value, "username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\""));
    CHECK(holds(value, "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\""));
    CHECK(value.ends_with(", algorithm=SHA-512-256, userhash=true"));
}

TEST_CASE("digest: the examples of RFC 2617 and, without qop, of RFC 2069 with its erratum 749")
{
    digest_input input{.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                       .cnonce = "0a4f113b",
                       .method = "GET",
                       .uri = "/dir/index.html"};
    auto const respond = [&input](std::string const& password) {
        auto const secret = digest_secret(input.algorithm, {"Mufasa", password}, "testrealm@host.com");
        return digest_response(secret, input);
    };
    CHECK(respond("CircleOfLife") == "1949323746fe6a43ef61f9606e7febea");
    CHECK(respond("Circle Of Life") == "670fd8c2df070c60b045671b8b24ff02");
    input.qop = digest_qop::auth;
    CHECK(respond("Circle Of Life") == "6629fae49393a05397450978507c4ef1");
}

TEST_CASE("digest: every algorithm with every quality of protection, and the proof of the server")
{
    // Computed with Python's hashlib: user "user", realm "the proxy", password "secret".
    struct
    {
        digest_algorithm algorithm;
        digest_qop qop;
        std::string_view response;
        std::string_view rspauth;
    } const cases[] = {{digest_algorithm::md5, digest_qop::none, "67b04d4dd42c9cdecd4a8f719a9b1bfe",
                        "ff501c1b52fc1d687a5860a0dead7820"},
                       {digest_algorithm::md5, digest_qop::auth, "4a778b458d294cfce58c3472449af56a",
                        "c40f87de8320cf53cd8689fe574ff8db"},
                       {digest_algorithm::md5, digest_qop::auth_int, "853f6a91d1a920c4b046d444293a766e",
                        "e774635c6ff84e6451f7b484097e2a4d"},
                       {digest_algorithm::md5_sess, digest_qop::auth, "ebcbd38cd78c310f80a41df9993d9939",
                        "57ed51480861839eab416528073c0868"},
                       {digest_algorithm::md5_sess, digest_qop::auth_int, "a72cfb28e5300e7323896ba91e98053e",
                        "912a714bcbf2163861f34afcb43d65f6"},
                       {digest_algorithm::sha_256, digest_qop::none,
                        "7e436dddd61fd5e6fa056dd0e77b4d6dc77c35e99a2d548396d9b0a5e77af9d5",
                        "ee5ae9f3023a40ebd3c7418fe7f9a5cd75e5587b28afa3d92a9ccc60a532346e"},
                       {digest_algorithm::sha_256, digest_qop::auth,
                        "7d910444ad2160eb6290a5a8b97eff34b4379fe610c2cc0f4444e206fa84fed9",
                        "0717e9c046f907d7f0a5c5f2bbc353848e186e9f189a370287f9fcd3fd9c31e9"},
                       {digest_algorithm::sha_256, digest_qop::auth_int,
                        "a86d3f3f55c605209688b5d0cf3c7566b41bb4d7167260c8bbe588b1e218cda5",
                        "b8cf1527496e908442ba7b12f7ad900846e12d6468fa4e2b0a88afb1b5c9aa7c"},
                       {digest_algorithm::sha_256_sess, digest_qop::auth,
                        "618f4da7f92504acf1d7d41473ae5ffc9558e23c8ae4fc4410132ba9be5bbf1c",
                        "0707f30b641763c0011593a103732615ae2ced3f8f9cbdb32da53d2b0ecd3f30"},
                       {digest_algorithm::sha_256_sess, digest_qop::auth_int,
                        "734a63e5699024dd1ea1f4273ba8537e99ac9b91b56182f50256dd77e4fcab51",
                        "139d0f3d2c8824e404c4d757bfa8584a9886410ce8e591ea996c2e5e52c96bc9"},
                       {digest_algorithm::sha_512_256, digest_qop::none,
                        "ac2dec36a935c247c3025e0961f41fa4564a2e89e7603b6560b0278803457daa",
                        "53a4571820ac2c16e02c9f76aeb652cd1607e5b27d9f7598965b1926bcf0ac62"},
                       {digest_algorithm::sha_512_256, digest_qop::auth,
                        "ba9c653bedf0b067014837ef6ee4e0f6135ec5eb4dc7f71b16abfed118fd5bf3",
                        "896ab79edba3642ca88d3b8972a077c013f51f0ca4f0f83ea8c1e99aa600a4e6"},
                       {digest_algorithm::sha_512_256, digest_qop::auth_int,
                        "ab48387090f94a44a4b7b46f55d03aadf245951031c32e14ce221d186c8a9416",
                        "b887c2df7c2a087f471cfa35ff054e98e554468698f6d42b1f905f3dd3efccf9"},
                       {digest_algorithm::sha_512_256_sess, digest_qop::auth,
                        "e963d1ba98fccac618ccf296b8762509029efd35d623d3d3a695c9997984cb56",
                        "3b178b976386d67f521bc0e4fea14d67a6b1294a35bbc808af75cc5d32f062c6"},
                       {digest_algorithm::sha_512_256_sess, digest_qop::auth_int,
                        "fe7f77ec691af1df691ed35e93c80653cc2a5ef481d6392953578fec1ac80427",
                        "b46ab10cce6cfc7a13324c36f683c83b08c2c97796f2c50a7c44febc6ed9b346"}};
    for (auto const& c : cases) {
        INFO(c.response);
        digest_input const input{
            c.algorithm,          c.qop, "abc", "0123456789abcdef0123456789abcdef", 31, "CONNECT",
            "broker.example:8883"};
        auto const secret = digest_secret(c.algorithm, {"user", "secret"}, "the proxy");
        CHECK(digest_response(secret, input) == c.response);
        CHECK(is_digest_rspauth(c.rspauth, secret, input));
        CHECK_FALSE(is_digest_rspauth(c.response, secret, input));
        CHECK_FALSE(is_digest_rspauth("", secret, input));
    }
}

TEST_CASE("digest: a challenge is read whatever the case of its words, and auth is preferred")
{
    auto const full = parse(R"(REALM="r", Nonce="n", OPAQUE="", ALGORITHM=sha-512-256-SESS, )"
                            R"(qop="token, AUTH-INT ,,Auth", stale=TRUE, userhash="True", charset="utf-8")");
    REQUIRE(full);
    CHECK(full->realm == "r");
    CHECK(full->nonce == "n");
    CHECK(full->opaque == "");
    CHECK(full->algorithm == digest_algorithm::sha_512_256_sess);
    CHECK(full->algorithm_name == "sha-512-256-SESS");
    CHECK(full->qop == digest_qop::auth);
    CHECK((full->stale && full->userhash && full->utf8));

    CHECK(parse("nonce=n, qop=\"auth-int\"")->qop == digest_qop::auth_int);
    CHECK(parse("nonce=n, qop=\"auth-int,auth-conf,\"")->qop == digest_qop::auth_int);
    CHECK(parse("nonce=n, qop=\"\"")->qop == digest_qop::none);
    CHECK_FALSE(parse("nonce=n, stale=false, charset=latin1")->utf8);
}

TEST_CASE("digest: a challenge of only a nonce is the oldest form: MD5, no realm, no qop, no opaque")
{
    auto const least = parse("nonce=n");
    REQUIRE(least);
    CHECK(least->realm == "");
    CHECK(least->algorithm == digest_algorithm::md5);
    CHECK(least->algorithm_name == "");
    CHECK(least->qop == digest_qop::none);
    CHECK_FALSE(least->opaque);
    CHECK_FALSE((least->stale || least->userhash || least->utf8));
}

TEST_CASE("digest: a challenge that nobody can answer is invalid")
{
    auto const long_value = std::string(viaduct::max_digest_value + 1, 'x');
    for (auto const& params :
         {"realm=\"r\""s, "nonce=\"\", qop=auth"s, "nonce=n, algorithm=MD4"s, "nonce=n, algorithm=SHA-512"s,
          "nonce=n, algorithm=\"MD5 \""s, "nonce=n, qop=auth-conf"s, "nonce=n, qop=\",authority,\""s,
          "nonce=n, algorithm=MD5-sess"s, "nonce=n, algorithm=SHA-256-sess, qop=\"\""s,
          "nonce=\"a\x01\", qop=auth"s, "nonce=n, realm=\"a\r\n\""s, "nonce=n, opaque=\"\x7f\""s,
          "nonce=n, realm=\"a\\\0b\""s, "nonce=" + long_value, "nonce=n, realm=" + long_value,
          "nonce=n, opaque=" + long_value}) {
        INFO(params);
        CHECK_FALSE(parse(params));
    }
    CHECK(parse("nonce=" + long_value.substr(1)));
}

TEST_CASE("digest: quotes and backslashes are escaped on the wire and hashed as they are")
{
    credentials const who{"us\"er\\", "pa\"ss\\"};
    auto const params = R"(realm="te\"st\\", nonce="n\"o\\", opaque="\"")"s;
    auto const start = R"(Digest username="us\"er\\", realm="te\"st\\", nonce="n\"o\\", )"
                       R"(uri="[2001:db8::1]:443", )"s;
    CHECK(authorization(params + ", algorithm=sha-256, qop=auth", who, {"CONNECT", "[2001:db8::1]:443"}, "c0",
                        2) ==
          start + R"(cnonce="c0", nc=00000002, qop=auth, )"
                  R"(response="6b8827b96f1660386c70fceb7cee80062eb48a0c44556b41bcde41774ae59e72", )"
                  R"(opaque="\"", algorithm=sha-256)");
    CHECK(authorization(params, who, {"CONNECT", "[2001:db8::1]:443"}, "c0", 2) ==
          start + R"(response="43f5a12246dde068bdc607f458564df5", opaque="\"")");
}

TEST_CASE("digest: an empty realm is sent as one, and what the challenge lacks is not sent")
{
    CHECK(authorization("nonce=n, qop=auth", {"user", "secret"}, {"CONNECT", "h:1"}, "c", 1) ==
          R"(Digest username="user", realm="", nonce="n", uri="h:1", cnonce="c", nc=00000001, qop=auth, )"
          R"(response="0f243fd12d137b063c9e80ecc3eef078")");
}

TEST_CASE("digest: a name beyond ASCII goes as UTF-8, as an extended value, or as a hash, as the proxy likes")
{
    auto const answer = [](std::string_view params) {
        return authorization("realm=r, nonce=n, " + std::string{params}, {jason, "p"}, {"CONNECT", "h:1"},
                             "c", 1);
    };
    auto const response = R"(response="5761e8d126bcb4a07904406efddcdde3")";
    auto const utf8 = answer("qop=auth, charset=UTF-8");
    CHECK(utf8.starts_with("Digest username=\"" + jason + "\", realm"));
    CHECK(holds(utf8, response));
    auto const extended = answer("qop=auth");
    CHECK(extended.starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm"));
    CHECK(holds(extended, response));
    CHECK(
        answer("qop=auth-int, algorithm=SHA-256, userhash=true") ==
        "Digest username=\"91e702702279fa375d7b8ba1a48d59cb25af8f489363b01bcb9f50fe050aebef\", realm=\"r\", "
        "nonce=\"n\", uri=\"h:1\", cnonce=\"c\", nc=00000001, qop=auth-int, "
        "response=\"23b6778b0f7f5044883d6f7a6698d06ece3fc255d49345f24505d3362a624d84\", "
        "algorithm=SHA-256, userhash=true");
}

TEST_CASE("digest: in an extended value only what RFC 8187 lists stands for itself")
{
    auto const value =
        authorization("nonce=n", {"aZ09!#$&+-.^_`|~ %'*\"\\:\xff", ""}, {"CONNECT", "h:1"}, "", 1);
    CHECK(value.starts_with("Digest username*=UTF-8''aZ09!#$&+-.^_`|~%20%25%27%2A%22%5C%3A%FF, "));
}

TEST_CASE("digest: the count of requests is eight digits, in lower case")
{
    struct
    {
        std::uint32_t nc;
        std::string_view text;
    } const cases[] = {{1, "nc=00000001,"}, {0xabc, "nc=00000abc,"}, {0xffffffff, "nc=ffffffff,"}};
    for (auto const& c : cases)
        CHECK(holds(authorization("nonce=n, qop=auth", {"u", "p"}, {"CONNECT", "h:1"}, "c", c.nc), c.text));
}

TEST_CASE("digest: credentials with a control character are refused; a colon in the name is none")
{
    for (auto const& who :
         {credentials{"a\r\n", "c"}, {"a", "c\n"}, {"a\0b"s, "c"}, {"a", "\t"}, {"\x7f", ""}})
        CHECK(authorization("nonce=n", who, {"CONNECT", "h:1"}, "", 1).empty());
    CHECK_FALSE(authorization("nonce=n", {"a:b", ""}, {"CONNECT", "h:1"}, "", 1).empty());
}

TEST_CASE("digest: a longer hash is the stronger one")
{
    CHECK(viaduct::digest_strength(digest_algorithm::sha_512_256) == 3);
    CHECK(viaduct::digest_strength(digest_algorithm::sha_512_256_sess) == 3);
    CHECK(viaduct::digest_strength(digest_algorithm::sha_256) == 2);
    CHECK(viaduct::digest_strength(digest_algorithm::sha_256_sess) == 2);
    // 1, or 0 where FIPS takes MD5 away
    CHECK(viaduct::digest_strength(digest_algorithm::md5) <= 1);
    CHECK(viaduct::digest_strength(digest_algorithm::md5_sess) <= 1);
}

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
TEST_CASE(
    "digest: an algorithm that OpenSSL refuses has no strength and no answer, and leaves no error behind")
{
    auto const challenge = parse("nonce=n, algorithm=SHA-256");
    REQUIRE(EVP_set_default_properties(nullptr, "provider=nobody") == 1);
    CHECK(viaduct::digest_strength(digest_algorithm::sha_256) == 0);
    error_code ec;
    CHECK(digest_authorization(*challenge, {}, {"user", "secret"}, ec) == "");
    CHECK(ec == errc::challenge_invalid);
    CHECK_FALSE(viaduct::is_digest_rspauth("", "", {}));
    CHECK(ERR_peek_error() == 0);
    REQUIRE(EVP_set_default_properties(nullptr, "") == 1);
    CHECK(viaduct::digest_strength(digest_algorithm::sha_256) == 2);
}
#endif

TEST_CASE("digest: a client nonce is 128 bits, and never the same")
{
    auto const first = viaduct::make_digest_cnonce();
    CHECK(first.size() == 32);
    CHECK(first.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(first != viaduct::make_digest_cnonce());
}

TEST_CASE("digest: what comes with the tunnel is read from all its lines")
{
    auto const one =
        info("Date: x\r\nproxy-authentication-info: qop=auth, RSPAUTH=\"0aF\", nextnonce=\"n\\\"2\"\r\n");
    CHECK(one.rspauth == "0aF");
    CHECK(one.nextnonce == "n\"2");
    auto const two = info("Proxy-Authentication-Info: nextnonce=a\r\n"
                          "Proxy-Authentication-Info: rspauth=b, nextnonce=c\r\n");
    CHECK(two.nextnonce == "a");
    CHECK(two.rspauth == "b");
}

TEST_CASE("digest: what comes with the tunnel and fits no rule is not there")
{
    for (auto const& line :
         {"Authentication-Info: nextnonce=a"s, "Proxy-Authentication-Info: "s,
          "Proxy-Authentication-Info: nextnonce=\"a"s, "Proxy-Authentication-Info: nextnonce=\"\""s,
          "Proxy-Authentication-Info: nextnonce=\"a\x01\""s, "Proxy-Authentication-Info: =a"s,
          "Proxy-Authentication-Info: nextnonce=" + std::string(viaduct::max_digest_value + 1, 'x')}) {
        INFO(line);
        CHECK(info(line + "\r\n").nextnonce == "");
        CHECK(info(line + "\r\n").rspauth == "");
    }
}
