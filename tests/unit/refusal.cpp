#include <viaduct/detail/asio.hpp>
#include <viaduct/server/refusal.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

namespace net = viaduct::net;
using viaduct::errc;
using viaduct::error_code;
using viaduct::proxy_error_of;
using viaduct::refusal;
using viaduct::refusal_for;
using viaduct::status_of;

namespace {

bool is_known(errc e)
{
    return error_code{e}.message() != "unknown viaduct error";
}

} // namespace

TEST_CASE("refusal: every error has its status and its error type")
{
    struct
    {
        error_code error;
        unsigned status;
        std::string_view type;
    } const cases[] = {
        {errc::version_unsupported, 505, "http_request_error"},
        {errc::method_not_connect, 405, "http_request_denied"},
        {errc::start_line_too_long, 414, "http_request_error"},
        {errc::field_line_too_long, 431, "http_request_error"},
        {errc::head_too_large, 431, "http_request_error"},
        {errc::too_many_fields, 431, "http_request_error"},
        {errc::head_timeout, 408, "http_request_error"},
        {errc::destination_prohibited, 403, "destination_ip_prohibited"},
        {errc::port_prohibited, 403, "http_request_denied"},
        {errc::destination_unresolvable, 502, "dns_error"},
        {errc::request_denied, 403, "http_request_denied"},
        {errc::authentication_required, 407, "http_request_denied"},
        {errc::authentication_failed, 407, "http_request_denied"},
        {errc::authentication_broken, 500, "proxy_internal_error"},
        {errc::too_many_tunnels, 503, "proxy_internal_error"},
        {errc::too_many_tunnels_of_client, 429, "http_request_denied"},
        {errc::too_many_tunnels_of_user, 429, "http_request_denied"},
        {errc::too_many_tunnels_to_destination, 429, "connection_limit_reached"},
        {errc::too_many_requests, 429, "http_request_denied"},
        {errc::quota_exceeded, 429, "http_request_denied"},
        {errc::request_loop, 508, "proxy_loop_detected"},
        {errc::parent_unavailable, 502, "destination_unavailable"},
        {errc::resolver_overloaded, 503, "proxy_internal_error"},
        {errc::resolve_timeout, 504, "dns_timeout"},
        {errc::connect_timeout, 504, "connection_timeout"},
        {net::error::timed_out, 504, "connection_timeout"},
        {net::error::connection_refused, 502, "connection_refused"},
        {net::error::connection_reset, 502, "connection_terminated"},
        {net::error::host_unreachable, 502, "destination_ip_unroutable"},
        {net::error::network_unreachable, 502, "destination_ip_unroutable"},
        {net::error::network_down, 502, "destination_ip_unroutable"},
        {net::error::address_family_not_supported, 502, "destination_ip_unroutable"},
        {net::error::no_descriptors, 502, "destination_unavailable"},
    };
    for (auto const& c : cases) {
        INFO(c.error.message());
        CHECK(status_of(c.error) == c.status);
        CHECK(proxy_error_of(c.error) == c.type);
    }
}

TEST_CASE("refusal: everything else about a target or a head is a bad request, the rest an internal error")
{
    int known = 0;
    for (int value = 1; value < 200; ++value) {
        auto const e = static_cast<errc>(value);
        if (!is_known(e)) continue;
        ++known;
        INFO(error_code{e}.message());
        auto const status = status_of(e);
        bool const of_request = e < errc::head_timeout;
        bool const special = status == 505 || status == 405 || status == 414 || status == 431;
        if (of_request && !special) CHECK(status == 400);
        if (of_request && status != 405) CHECK(proxy_error_of(e) == "http_request_error");
        if (e >= errc::proxy_url_invalid && status != 504 && status != 503) {
            CHECK(status == 500);
            CHECK(proxy_error_of(e) == "proxy_internal_error");
        }
    }
    CHECK(known > 90); // the loop has seen them
}

TEST_CASE("refusal: its text is this, octet by octet")
{
    CHECK(refusal_for(errc::port_prohibited).text() == "HTTP/1.1 403 Forbidden\r\n"
                                                       "Proxy-Status: viaduct; error=http_request_denied\r\n"
                                                       "Content-Type: text/plain\r\n"
                                                       "Content-Length: 35\r\n"
                                                       "Connection: close\r\n"
                                                       "\r\n"
                                                       "the target's port is not permitted\n");
}

TEST_CASE("refusal: 405 says which method would have been right")
{
    CHECK(refusal_for(errc::method_not_connect).text("proxy 1") ==
          "HTTP/1.1 405 Method Not Allowed\r\n"
          "Proxy-Status: \"proxy 1\"; error=http_request_denied\r\n"
          "Allow: CONNECT\r\n"
          "Content-Type: text/plain\r\n"
          "Content-Length: 26\r\n"
          "Connection: close\r\n"
          "\r\n"
          "the method is not CONNECT\n");
}

TEST_CASE("refusal: one without content and without error type says so")
{
    CHECK(refusal{.status = 429}.text() == "HTTP/1.1 429 Too Many Requests\r\n"
                                           "Content-Length: 0\r\n"
                                           "Connection: close\r\n"
                                           "\r\n");
    CHECK(
        refusal{.status = 407}.text("viaduct", viaduct::after_answer::keep_alive) ==
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST_CASE("refusal: the fields of a caller stand between")
{
    refusal answer{.status = 407};
    answer.fields.add("Proxy-Authenticate", "Basic realm=\"x\"");
    CHECK(answer.text() == "HTTP/1.1 407 Proxy Authentication Required\r\n"
                           "Proxy-Authenticate: Basic realm=\"x\"\r\n"
                           "Content-Length: 0\r\n"
                           "Connection: close\r\n"
                           "\r\n");
}

TEST_CASE("refusal: a failure of the system is told by its type, not by the system's words")
{
    CHECK(refusal_for(net::error::connection_refused).content ==
          "the target could not be reached: connection_refused");
}

TEST_CASE("refusal: a profile has the statuses of another proxy, and Proxy-Status stays as it is")
{
    using viaduct::status_profile;
    struct
    {
        error_code error;
        unsigned squid, g3, apify;
        std::string_view squid_error;
    } const cases[] = {
        {errc::destination_unresolvable, 503, 530, 593, "ERR_DNS_FAIL 0"},
        {errc::resolve_timeout, 503, 530, 593, "ERR_DNS_FAIL 0"},
        {net::error::connection_refused, 503, 521, 594, "ERR_CONNECT_FAIL 111"},
        {net::error::host_unreachable, 503, 502, 502, "ERR_CONNECT_FAIL 113"},
        {net::error::timed_out, 503, 522, 504, "ERR_CONNECT_FAIL 110"},
        {errc::connect_timeout, 503, 522, 504, "ERR_CONNECT_FAIL 110"},
        {errc::parent_unavailable, 500, 502, 502, "ERR_CANNOT_FORWARD 0"},
        {errc::request_denied, 403, 403, 403, "ERR_ACCESS_DENIED 0"},
        {errc::destination_prohibited, 403, 403, 403, "ERR_ACCESS_DENIED 0"},
        {errc::too_many_tunnels_of_client, 403, 429, 429, "ERR_ACCESS_DENIED 0"},
        {errc::authentication_required, 407, 407, 407, "ERR_CACHE_ACCESS_DENIED 0"},
        {errc::port_missing, 400, 400, 400, "ERR_INVALID_URL 0"},
        {errc::request_line_malformed, 400, 400, 400, "ERR_PROTOCOL_UNKNOWN 0"},
        {errc::field_without_colon, 400, 400, 400, "ERR_INVALID_REQ 0"},
        {errc::head_too_large, 431, 431, 431, "ERR_TOO_BIG 0"},
        {errc::start_line_too_long, 414, 414, 414, "ERR_TOO_BIG 0"},
        {errc::version_unsupported, 505, 505, 505, "ERR_UNSUP_HTTPVERSION 0"},
        {errc::method_not_connect, 501, 405, 405, "ERR_UNSUP_REQ 0"},
    };
    for (auto const& c : cases) {
        INFO(c.error.message());
        CHECK(status_of(c.error, status_profile::squid) == c.squid);
        CHECK(status_of(c.error, status_profile::g3) == c.g3);
        CHECK(status_of(c.error, status_profile::apify) == c.apify);
        auto const answer = refusal_for(c.error, status_profile::squid);
        CHECK(answer.squid_error == c.squid_error);
        CHECK(answer.status == c.squid);
        for (auto const profile : {status_profile::squid, status_profile::g3, status_profile::apify})
            CHECK(refusal_for(c.error, profile).proxy_error == refusal_for(c.error).proxy_error);
        CHECK(refusal_for(c.error, status_profile::g3).squid_error.empty());
    }
}

TEST_CASE("refusal: X-Squid-Error stands behind Proxy-Status")
{
    CHECK(refusal_for(errc::destination_unresolvable, viaduct::status_profile::squid)
              .text()
              .starts_with("HTTP/1.1 503 Service Unavailable\r\n"
                           "Proxy-Status: viaduct; error=dns_error\r\n"
                           "X-Squid-Error: ERR_DNS_FAIL 0\r\n"));
}
