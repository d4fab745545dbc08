#include <viaduct/auth/bearer.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>

using namespace std::literals;
using viaduct::auth_verdict;
using viaduct::bearer_authenticator;
using viaduct::errc;
using viaduct::error_code;

namespace {

struct outcome
{
    error_code error{};
    std::string value{};
    int calls = 0;
};

viaduct::auth_completion into(outcome& last)
{
    return [&last](error_code ec, std::string value) { last = {ec, std::move(value), last.calls + 1}; };
}

/// What a provider's answer becomes.
outcome answer(error_code ec, std::string const& token)
{
    bearer_authenticator scheme{[&](auto done) { done(ec, token); }};
    outcome last;
    scheme.begin()->respond({"CONNECT", "h:1"}, nullptr, into(last));
    CHECK(last.calls == 1);
    CHECK(last.value.empty() == bool{last.error});
    return last;
}

} // namespace

TEST_CASE("bearer: a token of RFC 6750's characters is sent as it is")
{
    for (auto const token : {"a", "mF_9.B5f-4.1JqM", "a=", "aA0-._~+/=="}) {
        error_code ec = errc::proxy_closed; // whatever was there before must not show
        CHECK(viaduct::bearer_authorization(token, ec) == "Bearer "s + token);
        CHECK(ec == error_code{});
    }
}

TEST_CASE("bearer: any other token is refused, so none can end the field or begin another challenge")
{
    for (auto const& token : {""s, "="s, "a=b"s, "a b"s, "a "s, " a"s, "a,"s, ",a"s, "a, Basic"s,
                              "a\r\nX: y"s, "a\0"s, "a\t"s, "\"a\""s, "a=\"b\""s, "\xc3\xa4"s, "a*"s}) {
        INFO(token);
        error_code ec;
        CHECK(viaduct::bearer_authorization(token, ec) == "");
        CHECK(ec == errc::credentials_invalid);
    }
}

TEST_CASE("bearer: the provider's token is the answer, its error the end")
{
    CHECK(answer({}, "abc").value == "Bearer abc");
    CHECK(answer({}, "").error == errc::credentials_unavailable);
    CHECK(answer({}, "a b").error == errc::credentials_invalid);
    CHECK(answer(errc::authentication_timeout, "abc").error == errc::authentication_timeout);
}

TEST_CASE("bearer: the provider is asked anew for each attempt")
{
    int asked = 0;
    bearer_authenticator scheme{[&asked](auto done) { done({}, std::to_string(++asked)); }};
    auto const exchange = scheme.begin();
    outcome last;
    exchange->respond({}, nullptr, into(last));
    CHECK(last.value == "Bearer 1");
    viaduct::challenge const offer{"Bearer", {}, {}};
    exchange->respond({}, &offer, into(last));
    CHECK(last.value == "Bearer 2");
    scheme.begin()->respond({}, nullptr, into(last));
    CHECK(last.value == "Bearer 3");
}

TEST_CASE("bearer: the provider may answer later, on another thread, with exchange and authenticator gone")
{
    std::function<void(error_code, std::string)> pending;
    outcome last;
    {
        bearer_authenticator scheme{[&pending](auto done) { pending = std::move(done); }};
        scheme.begin()->respond({}, nullptr, into(last));
    }
    CHECK(last.calls == 0);
    std::thread{[&pending] { pending({}, "late"); }}.join();
    CHECK(last.calls == 1);
    CHECK(last.value == "Bearer late");
}

TEST_CASE("bearer: the exchange may be ended by its own answer")
{
    auto const kept = std::make_shared<std::string>("token");
    std::string value;
    auto scheme = std::make_unique<bearer_authenticator>([kept](auto done) {
        done({}, *kept);
        CHECK(kept.use_count() > 1); // the provider is still there to return
    });
    auto exchange = scheme->begin();
    scheme.reset();
    auto* const running = exchange.get();
    running->respond({}, nullptr, [&](error_code, std::string answer) {
        exchange.reset();
        value = std::move(answer);
    });
    CHECK(value == "Bearer token");
    CHECK(kept.use_count() == 1);
}

TEST_CASE("bearer: a 407 after a token is a rejection")
{
    bearer_authenticator scheme{[](auto done) { done({}, "t"); }};
    CHECK(scheme.scheme() == "Bearer");
    CHECK(scheme.can_begin());
    CHECK_FALSE(scheme.binds_connection());
    CHECK(scheme.begin()->judge({"Bearer", {}, {}}) == auth_verdict::rejected);
}
