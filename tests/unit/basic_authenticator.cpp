#include <viaduct/auth/basic_authenticator.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <utility>

using viaduct::errc;
using viaduct::error_code;

namespace {

struct outcome
{
    error_code error{};
    std::string value{};
    int calls = 0;
};

outcome respond(viaduct::auth_exchange& exchange, viaduct::challenge const* offer)
{
    outcome last;
    exchange.respond({"CONNECT", "h:1"}, offer, [&last](error_code ec, std::string value) {
        last = {ec, std::move(value), last.calls + 1};
    });
    CHECK(last.calls == 1);
    return last;
}

} // namespace

TEST_CASE(
    "basic authenticator: every answer is the same, with a challenge or without, and a 407 after it is a "
    "rejection")
{
    auto scheme = viaduct::basic_scheme().make({"Aladdin", "open sesame"});
    CHECK(scheme->scheme() == viaduct::basic_scheme().name);
    CHECK(scheme->can_begin());
    CHECK_FALSE(scheme->binds_connection());
    viaduct::challenge const offer{"Basic", {}, {{"realm", "r"}}};
    CHECK(scheme->strength(offer) == 1);
    auto const exchange = scheme->begin();
    scheme.reset(); // an exchange keeps what it needs
    CHECK(respond(*exchange, nullptr).value == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(respond(*exchange, &offer).value == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(exchange->judge(offer) == viaduct::auth_verdict::rejected);
}

TEST_CASE("basic authenticator: credentials that Basic cannot carry are an error and no answer")
{
    viaduct::basic_authenticator scheme{{"a:b", "c"}};
    auto const last = respond(*scheme.begin(), nullptr);
    CHECK(last.error == errc::credentials_invalid);
    CHECK(last.value == "");
}
