#include <viaduct/client/refusal_error.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <string>

using viaduct::errc;
using viaduct::refusal_error;

TEST_CASE("refusal error: a status is what proxies use it for")
{
    for (unsigned status = 100; status < 1000; ++status) {
        auto expected = errc::proxy_refused;
        if (status == 403 || status == 405 || status == 451) expected = errc::proxy_denied;
        if (status == 404 || status == 502 || status == 503) expected = errc::target_unreachable;
        if (status == 504) expected = errc::target_timeout;
        INFO(status);
        CHECK(refusal_error(status, viaduct::field_list{}) == expected);
    }
}

TEST_CASE("refusal error: a proxy that explains itself is believed before its status")
{
    struct
    {
        char const* told;
        errc error;
    } const cases[] = {
        {"p; error=dns_timeout", errc::target_timeout},
        {"p; error=connection_timeout", errc::target_timeout},
        {"p; error=dns_error; rcode=NXDOMAIN", errc::target_unreachable},
        {"p; error=destination_not_found", errc::target_unreachable},
        {"p; error=destination_unavailable", errc::target_unreachable},
        {"p; error=destination_ip_unroutable", errc::target_unreachable},
        {"p; error=connection_refused", errc::target_unreachable},
        {"p; error=connection_terminated", errc::target_unreachable},
        {"p; error=destination_ip_prohibited", errc::proxy_denied},
        {"p; error=http_request_denied; details=\"by rule 7\"", errc::proxy_denied},
        {"p; error=http_request_error", errc::proxy_refused},
        {"p; error=proxy_internal_error", errc::proxy_refused},
        {"near; error=dns_timeout, far; error=connection_refused",
         errc::target_timeout}, // nearest to the target
        {"near; received-status=200, far; error=connection_refused", errc::target_unreachable},
        {"near; error=of_its_own, far; error=dns_timeout", errc::target_timeout},
    };
    for (auto const& c : cases)
        for (unsigned const status : {400U, 403U, 500U, 502U, 504U}) {
            INFO(c.told);
            auto const head = "proxy-status: " + std::string{c.told} + "\r\nVia: x\r\n";
            CHECK(refusal_error(status, viaduct::field_list{head}) == c.error);
        }
}

TEST_CASE("refusal error: what explains nothing leaves it to the status")
{
    for (auto const told :
         {"", "p", "p; error=of_its_own", "p; error=connection_limit_reached", "p; error=DNS_TIMEOUT",
          "p; details=\"dns_timeout\"", "p; error=dns_timeout; =", "p; error=\"dns_timeout"}) {
        INFO(told);
        auto const head = "Proxy-Status: " + std::string{told} + "\r\n";
        CHECK(refusal_error(403, viaduct::field_list{head}) == errc::proxy_denied);
        CHECK(refusal_error(503, viaduct::field_list{head}) == errc::target_unreachable);
        CHECK(refusal_error(418, viaduct::field_list{head}) == errc::proxy_refused);
    }
    auto const two = "Proxy-Status: broken;;\r\nProxy-Status: p; error=dns_timeout\r\n"; // are one list
    CHECK(refusal_error(403, viaduct::field_list{two}) == errc::proxy_denied);
}
