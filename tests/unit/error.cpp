#include <viaduct/error.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <system_error>

using viaduct::errc;
using viaduct::error_code;

TEST_CASE("error: every value has words of its own")
{
    error_code const unknown{9999, viaduct::viaduct_category()};
    CHECK(unknown.message() == "unknown viaduct error");
    for (auto const e : {errc::target_empty, errc::too_many_fields, errc::proxy_denied, errc::no_proxy_left,
                         errc::tls_unavailable, errc::tls_option_invalid, errc::socks_reply_malformed,
                         errc::socks_host_too_long, errc::resolve_timeout, errc::dial_timeout})
        CHECK(make_error_code(e).message() != unknown.message());
}

TEST_CASE("error: the usual questions are asked with the system's conditions")
{
    namespace conditions = viaduct::error_types;
    error_code const late = errc::dial_timeout;
    CHECK(late == conditions::errc::timed_out);
    CHECK(late != conditions::errc::permission_denied);
    CHECK(late == errc::dial_timeout);
    CHECK(late != errc::connect_timeout);
    CHECK(error_code{errc::proxy_denied} == conditions::errc::permission_denied);
    CHECK(error_code{errc::proxy_auth_rejected} == conditions::errc::permission_denied);
    CHECK(error_code{errc::target_unreachable} == conditions::errc::host_unreachable);
    CHECK(error_code{errc::socks_connection_refused} == conditions::errc::connection_refused);
    CHECK(error_code{errc::proxy_refused} == conditions::errc::connection_refused);
    CHECK(error_code{errc::bare_cr} != conditions::errc::timed_out);
}

TEST_CASE("error: the standard library's own conditions and codes do as well, whichever Asio is in use")
{
    error_code const late = errc::dial_timeout;
    CHECK(late == std::errc::timed_out);
    CHECK(late != std::errc::permission_denied);
    CHECK(std::error_code{late} == std::errc::timed_out);
    CHECK(std::error_code{late}.message() == late.message());
}
