#include <viaduct/client/connect_failure.hpp> // the header is self-contained
#include <viaduct/client/proxy_url.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

using namespace std::literals;
using viaduct::connect_failure;
using viaduct::dial_phase;
using viaduct::errc;

namespace {

std::string const proxy = "http://proxy.example:3128";

/// A refusal with these fields.
[[nodiscard]] connect_failure refused(unsigned status, errc error, std::string reason = "",
                                      std::string const& head = "")
{
    connect_failure failure{error};
    failure.report.phase = dial_phase::handshake;
    failure.report.hop = proxy;
    failure.report.reply.status = status;
    failure.report.reply.reason = std::move(reason);
    failure.report.reply.fields = viaduct::fields{viaduct::field_list{head}};
    return failure;
}

[[nodiscard]] connect_failure stopped(dial_phase phase, viaduct::error_code error, std::string hop = proxy)
{
    connect_failure failure{error};
    failure.report.phase = phase;
    failure.report.hop = std::move(hop);
    return failure;
}

[[nodiscard]] bool is_printable(std::string const& text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace

TEST_CASE("connect failure: the message says what was being done, with whom, and why it failed")
{
    auto const why = [](errc e) { return ": " + make_error_code(e).message(); };
    struct
    {
        connect_failure failure;
        std::string message;
    } const cases[] = {
        {stopped(dial_phase::resolve, errc::resolve_timeout),
         "looking up " + proxy + why(errc::resolve_timeout)},
        {stopped(dial_phase::connect, errc::dial_timeout),
         "connecting to " + proxy + why(errc::dial_timeout)},
        {stopped(dial_phase::secure, errc::tls_timeout), "TLS with " + proxy + why(errc::tls_timeout)},
        {stopped(dial_phase::handshake, errc::proxy_closed),
         "CONNECT through " + proxy + why(errc::proxy_closed)},
        {stopped(dial_phase::resolve, errc::resolve_timeout, "direct"),
         "looking up the target" + why(errc::resolve_timeout)},
        {stopped(dial_phase::connect, errc::dial_timeout, "direct"),
         "connecting to the target" + why(errc::dial_timeout)},
        {stopped(dial_phase::resolve, errc::no_proxy_left, ""),
         "looking up the proxy" + why(errc::no_proxy_left)},
        {refused(403, errc::proxy_denied, "Forbidden"),
         proxy + " answered 403 Forbidden" + why(errc::proxy_denied)},
        {refused(503, errc::target_unreachable), proxy + " answered 503" + why(errc::target_unreachable)},
    };
    for (auto const& c : cases)
        CHECK(c.failure.message() == c.message);
    CHECK(connect_failure{}.status() == 0);
    CHECK(refused(403, errc::proxy_denied).status() == 403);
}

TEST_CASE("connect failure: the address that failed is told where there was one")
{
    auto failure =
        stopped(dial_phase::connect, make_error_code(viaduct::error_types::errc::connection_refused));
    failure.report.remote = {viaduct::net::ip::make_address("192.0.2.7"), 3128};
    CHECK(failure.message().rfind("connecting to " + proxy + " at 192.0.2.7: ", 0) == 0);
    failure.report.remote = {viaduct::net::ip::make_address("2001:db8::7"), 3128};
    CHECK(failure.message().rfind("connecting to " + proxy + " at 2001:db8::7: ", 0) == 0);
}

TEST_CASE("connect failure: what explains a failure stands behind it")
{
    auto told =
        refused(502, errc::target_unreachable, "Bad",
                "Proxy-Status: edge; error=dns_error; details=\"no \\\"x\\\"\", far; error=dns_timeout\r\n");
    CHECK(told.message().ends_with(R"( (dns_error, no "x", dns_timeout))"));
    REQUIRE(told.told().size() == 2);
    CHECK(told.told()[0].proxy == "edge");

    auto asked =
        refused(407, errc::proxy_auth_unsupported, "No",
                "Proxy-Authenticate: Negotiate, NTLM\r\nproxy-authenticate: negotiate, Basic realm=x\r\n");
    CHECK(asked.offered_schemes() == std::vector{"Negotiate"s, "NTLM"s, "Basic"s});
    CHECK(asked.message().ends_with(" (offered: Negotiate NTLM Basic)"));
    asked.report.reply.auth_detail = "no ticket";
    CHECK(asked.message().ends_with(" (offered: Negotiate NTLM Basic, no ticket)"));

    auto tls = stopped(dial_phase::secure, errc::tls_verification_failed);
    tls.report.tls.detail = "self-signed certificate";
    CHECK(tls.message().ends_with(" (self-signed certificate)"));
    tls.report.phase = dial_phase::handshake;
    CHECK_FALSE(tls.message().ends_with(")"));
}

TEST_CASE("connect failure: an answer that is not the reason is not told as one")
{
    auto const head = "Proxy-Authenticate: Basic\r\nProxy-Status: edge; error=dns_error\r\n";
    auto behind = refused(200, errc::socks_denied, "OK", head); // of the proxy before the one that failed
    behind.report.hop = "socks5h://b.example:1080";
    CHECK(behind.message() ==
          "CONNECT through socks5h://b.example:1080: " + make_error_code(errc::socks_denied).message());

    auto again = refused(407, errc::dial_timeout, "Who?", head); // on the connection before this one
    again.report.phase = dial_phase::connect;
    CHECK(again.message() == "connecting to " + proxy + ": " + make_error_code(errc::dial_timeout).message());
}

TEST_CASE("connect failure: whatever a proxy says, the message is one short line that a terminal may have")
{
    auto const evil = "\x1b]0;x\a\x1b[2J\x7f\xc2\x9b\xff"s + std::string(2000, 'a');
    auto hostile = refused(407, errc::proxy_auth_rejected, evil, "Proxy-Authenticate: Basic\r\n");
    hostile.report.reply.auth_detail = "two\r\nlines\n" + evil;
    CHECK(is_printable(hostile.message()));
    CHECK(hostile.message().size() < 1000);

    std::string head;
    for (int n = 0; n < 2000; ++n)
        head += "Proxy-Authenticate: s" + std::to_string(n) + "\r\nProxy-Status: p; error=e; details=\"" +
                std::string(200, 'd') + "\"\r\n";
    auto const talkative = refused(407, errc::proxy_auth_unsupported, std::string(2000, 'r'), head);
    CHECK(is_printable(talkative.message()));
    CHECK(talkative.message().size() < 1000);

    auto secure = stopped(dial_phase::secure, errc::tls_handshake_failed);
    secure.report.tls.detail = evil;
    CHECK(is_printable(secure.message()));
}

TEST_CASE("connect failure: the message has no credentials, and no content of an answer")
{
    auto failure =
        refused(407, errc::proxy_auth_rejected, "No", "Proxy-Authenticate: Basic realm=\"hidden\"\r\n");
    failure.report.hop = to_text(viaduct::parse_proxy_url("http://hidden:hidden@proxy.example:3128"));
    failure.report.reply.body = "hidden";
    failure.report.reply.heads = "hidden";
    failure.report.reply.attempts.push_back({"Basic", 407, errc::proxy_auth_rejected});
    CHECK(failure.message().find("hidden") == std::string::npos);
    CHECK(failure.message().find(proxy) == 0);
}
