// The attacks by which other projects are known, as far as a rule or the client decides them; one case each,
// named after the advisory. Those on the proxy as a whole are in tests/interop/known_attacks.py.

#include <viaduct/auth/basic.hpp>
#include <viaduct/client/no_proxy.hpp>
#include <viaduct/client/refusal_body.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/http/challenge.hpp>
#include <viaduct/impl/auth/base64.hpp>
#include <viaduct/testing/rule_script.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::no_proxy_dialect;
using viaduct::no_proxy_rules;
using viaduct::testing::rule_script;

TEST_CASE("CVE-2026-44492 (axios): an address mapped to IPv6 is kept from the proxy as its IPv4 address is")
{
    for (auto const dialect : {no_proxy_dialect::curl, no_proxy_dialect::go})
        for (auto const host : {"127.0.0.1"sv, "::ffff:127.0.0.1"sv, "[::ffff:127.0.0.1]"sv,
                                "[::ffff:7f00:1]"sv, "[0:0:0:0:0:FFFF:7f00:0001]"sv}) {
            CAPTURE(host);
            for (auto const entry : {"127.0.0.1", "127.0.0.0/8", "::ffff:127.0.0.1", "::ffff:127.0.0.0/104"})
                CHECK(no_proxy_rules{entry, dialect}.matches(host, 443));
            for (auto const entry : {"10.0.0.0/8", "::ffff:10.0.0.0/104", "::1"})
                CHECK(no_proxy_rules{entry}.matches(host, 443) == false);
        }
    CHECK(no_proxy_rules{"::/0"}.matches("[::ffff:10.0.0.1]", 443)); // as it is written it lies there, too
    CHECK_FALSE(no_proxy_rules{"::/0"}.matches("10.0.0.1", 443));
    CHECK(no_proxy_rules{"", no_proxy_dialect::go}.explain("[::ffff:127.0.0.1]", 443) == "loopback");
}

TEST_CASE("CVE-2025-62718 (axios): a final dot, brackets and other letters do not lead to the proxy")
{
    no_proxy_rules const rules{"localhost, ::1, .Corp.example"};
    for (auto const host : {"localhost.", "LOCALHOST", "[::1]", "0:0:0:0:0:0:0:1", "db.corp.EXAMPLE."})
        CHECK(rules.matches(host, 443));
}

TEST_CASE("CVE-2026-3945 (tinyproxy): a chunk size that no integer holds ends the content and nothing else")
{
    for (auto const& size : {"7fffffffffffffff"s, "8000000000000000"s, "ffffffffffffffff"s,
                             "fffffffffffffffe"s, "10000000000000000"s, std::string(40, 'f'), "-1"s}) {
        CAPTURE(size);
        viaduct::refusal_body rule{403, viaduct::field_list{"Transfer-Encoding: chunked\r\n"}, 1000};
        auto const octets = "2\r\nhe\r\n" + size + "\r\nllo\r\n0\r\n\r\n";
        auto const result = rule_script{}.feed(octets).end_of_stream().run(rule);
        CHECK(result.problem == "");
        CHECK_FALSE(rule.complete());
        CHECK(rule.content().starts_with("he"));
        CHECK(rule.content().size() <= octets.size());
    }
}

TEST_CASE("CVE-2023-38545 (curl): a name that is too long for SOCKS5 is no target, whoever would resolve it")
{
    viaduct::error_code ec;
    auto const target =
        viaduct::parse_authority(std::string(63, 'a') + '.' + std::string(256, 'b') + ":443", ec);
    CHECK(ec);
    CHECK(target.host().empty());
}

TEST_CASE("CVE-2019-12527 (Squid): Basic credentials of any length are decoded whole or not at all")
{
    for (std::size_t size = 8192; size != 8196; ++size) {
        auto const text = std::string(size, 'u') + ":p";
        auto const value = "Basic " + viaduct::detail::base64_encode(text);
        auto const who = viaduct::parse_basic_authorization(value);
        REQUIRE(who);
        CHECK(who->user.size() == size);
        CHECK(who->password == "p");
        CHECK_FALSE(viaduct::parse_basic_authorization(value + "A"));
        CHECK_FALSE(viaduct::parse_basic_authorization("Basic " + std::string(size, '=')));
    }
}

TEST_CASE(
    "CVE-2019-12525 (Squid): a quote that is never closed takes its parameter away, and nothing is read "
    "beyond the end")
{
    for (auto const value : {R"(Digest realm=")"sv, R"(Digest realm="\)"sv, R"(Digest realm="x\")"sv,
                             R"(Digest nonce=n, realm=")"sv, R"(Basic a=b, Digest realm="x)"sv})
        for (auto const& each : viaduct::parse_challenges(std::string{value})) // a copy, whose end is its end
            CHECK(each.find("realm").has_value() == false);
}
