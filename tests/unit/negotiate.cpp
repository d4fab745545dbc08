#include <viaduct/auth/negotiate.hpp> // the header is self-contained
#include <viaduct/auth/ntlm.hpp>
#include <viaduct/impl/auth/base64.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

// gss-ntlmssp 1.2 loses what OpenSSL makes for it, once for each password.
extern "C" char const* __lsan_default_suppressions();
extern "C" char const* __lsan_default_suppressions()
{
    return "leak:libcrypto";
}

using viaduct::auth_exchange;
using viaduct::auth_verdict;
using viaduct::challenge;
using viaduct::credentials;
using viaduct::errc;
using viaduct::error_code;
using viaduct::negotiate_authenticator;
using viaduct::ntlm_authenticator;

namespace {

// Nobody has logged in, and no configuration of the machine counts.
bool const nobody = [] {
    setenv("KRB5_CONFIG", "/dev/null", 1);
    setenv("KRB5CCNAME", "FILE:/nonexistent/tickets", 1);
    setenv("NTLM_USER_FILE", "/nonexistent/users", 1);
    return true;
}();

using answer = std::pair<error_code, std::string>;

/// Waits for what comes on another thread.
answer respond(auth_exchange& exchange, challenge const* offer, std::string const& host = "proxy.example")
{
    auto const outcome = std::make_shared<std::promise<answer>>();
    exchange.respond({"CONNECT", "target.example:443", host}, offer,
                     [outcome](error_code ec, std::string value) {
                         outcome->set_value({ec, std::move(value)});
                     });
    return outcome->get_future().get();
}

challenge offer_of(std::string scheme, std::string token = {})
{
    return {std::move(scheme), std::move(token), {}};
}

/// An NTLM proxy's challenge ([MS-NLMP] section 2.2.1.2) from the domain `D`.
std::string ntlm_challenge()
{
    using namespace std::literals;
    auto const head = "NTLMSSP\0\2\0\0\0\2\0\2\0\x30\0\0\0\x05\x82\x89\x20"
                      "12345678\0\0\0\0\0\0\0\0"sv;
    auto const rest = "\x0a\0\x0a\0\x32\0\0\0D\0\2\0\2\0D\0\0\0\0\0"sv;
    return viaduct::detail::base64_encode(std::string{head}.append(rest));
}

} // namespace

TEST_CASE("negotiate: without a ticket there are no credentials, and a human can read why")
{
    negotiate_authenticator negotiate;
    CHECK(negotiate.last_failure().empty());
    auto const offer = offer_of("Negotiate");
    for (auto const asked : {&offer, static_cast<challenge const*>(nullptr)}) {
        auto const [ec, value] = respond(*negotiate.begin(), asked);
        CHECK(ec == errc::credentials_unavailable);
        CHECK(value.empty());
        CHECK_FALSE(negotiate.last_failure().empty());
    }
}

TEST_CASE("negotiate: a proxy without a name has no ticket, unless the options name one")
{
    negotiate_authenticator negotiate;
    CHECK(respond(*negotiate.begin(), nullptr, "").first == errc::credentials_unavailable);
    auto const without_name = negotiate.last_failure();
    CHECK_FALSE(without_name.empty());

    negotiate_authenticator named{{.host = "proxy.example"}};
    CHECK(respond(*named.begin(), nullptr, "").first == errc::credentials_unavailable);
    CHECK(named.last_failure() != without_name);
}

TEST_CASE("negotiate: a token that answers nothing of this conversation is no reason to fail")
{
    negotiate_authenticator negotiate;
    for (auto const token : {"oQcwBaADCgEB", "not-base64"}) {
        auto const offer = offer_of("Negotiate", token);
        CHECK(respond(*negotiate.begin(), &offer).first == errc::credentials_unavailable);
    }
}

TEST_CASE("negotiate: a challenge after the conversation has ended is a rejection, and cannot be answered")
{
    negotiate_authenticator negotiate;
    auto const exchange = negotiate.begin();
    CHECK(respond(*exchange, nullptr).first == errc::credentials_unavailable);
    for (auto const& offer : {offer_of("Negotiate"), offer_of("Negotiate", "oQcwBaADCgEB")}) {
        CHECK(exchange->judge(offer) == auth_verdict::rejected);
        CHECK(respond(*exchange, &offer).first == errc::challenge_invalid);
    }
    exchange->accepted(viaduct::field_list{"Proxy-Authenticate: Negotiate oQcwBaADCgEB\r\n"});
}

TEST_CASE("negotiate: an exchange may go before its answer has come, and outlive its authenticator")
{
    auto negotiate = std::make_unique<negotiate_authenticator>();
    auto const last = negotiate->begin();
    for (int i = 0; i < 50; ++i)
        negotiate->begin()->respond({"CONNECT", "target.example:443", "proxy.example"}, nullptr,
                                    [](error_code ec, std::string const&) {
                                        if (ec != errc::credentials_unavailable) std::abort();
                                    });
    negotiate.reset();
    CHECK(respond(*last, nullptr).first == errc::credentials_unavailable);
}

TEST_CASE("negotiate: the schemes have the names of their authenticators, and hold for one connection only")
{
    for (auto const& scheme : {viaduct::negotiate_scheme(), viaduct::ntlm_scheme()}) {
        auto const made = scheme.make(credentials{"user", "password"});
        CHECK(made->scheme() == scheme.name);
        CHECK(made->binds_connection());
    }
    CHECK(viaduct::negotiate_scheme().make({})->strength(offer_of("Negotiate")) > 0);
}

TEST_CASE("ntlm: a conversation of three messages, where the mechanism is installed")
{
    ntlm_authenticator ntlm{credentials{"DOMAIN\\user", "secret"}};
    if (ntlm.strength(offer_of("NTLM")) == 0) {
        CHECK_FALSE(ntlm.can_begin());
        CHECK(respond(*ntlm.begin(), nullptr).first == errc::credentials_unavailable);
        return;
    }
    auto const exchange = ntlm.begin();
    auto const [first_error, first] = respond(*exchange, nullptr);
    CHECK_FALSE(first_error);
    CHECK(first.starts_with("NTLM TlRMTVNTUAAB"));

    auto const offer = offer_of("NTLM", ntlm_challenge());
    CHECK(exchange->judge(offer_of("NTLM")) == auth_verdict::rejected);
    CHECK(exchange->judge(offer) == auth_verdict::proceed);
    auto const [second_error, second] = respond(*exchange, &offer);
    CHECK_FALSE(second_error);
    CHECK(second.starts_with("NTLM TlRMTVNTUAAD"));

    CHECK(exchange->judge(offer) == auth_verdict::rejected); // everything has been said
    CHECK(respond(*exchange, &offer).first == errc::challenge_invalid);
    CHECK(ntlm.last_failure().find("secret") == std::string::npos);
}

TEST_CASE("ntlm: a challenge that is no base64, or no challenge, cannot be answered")
{
    ntlm_authenticator ntlm{credentials{"DOMAIN\\user", "secret"}};
    if (!ntlm.can_begin()) return;
    for (auto const token : {"Zm9", "not-base64", "====", "Zm9v", "TlRMTVNTUAACAAAA"}) {
        INFO(token);
        auto const exchange = ntlm.begin();
        CHECK_FALSE(respond(*exchange, nullptr).first);
        auto const offer = offer_of("NTLM", token);
        CHECK(exchange->judge(offer) == auth_verdict::proceed);
        CHECK(respond(*exchange, &offer).first == errc::challenge_invalid);
        CHECK_FALSE(ntlm.last_failure().empty());
    }
}

TEST_CASE("ntlm: without a user the mechanism's own is asked for")
{
    for (auto const& who : {credentials{}, credentials{"", "ignored"}})
        CHECK(respond(*viaduct::ntlm_scheme().make(who)->begin(), nullptr).first ==
              errc::credentials_unavailable);
}
