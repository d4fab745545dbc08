#include <viaduct/condition.hpp> // the header is self-contained
#include <viaduct/detail/asio.hpp>

#include <doctest/doctest.h>

#include <ostream>

using viaduct::condition;
using viaduct::errc;
using viaduct::error_code;

TEST_CASE("condition: the usual questions have an answer for Viaduct's own errors")
{
    error_code const late = errc::dial_timeout;
    CHECK(late == condition::timed_out);
    CHECK(late != condition::permission_denied);
    CHECK(late == errc::dial_timeout);
    CHECK(late != errc::connect_timeout);
    CHECK(error_code{errc::proxy_denied} == condition::permission_denied);
    CHECK(error_code{errc::proxy_auth_rejected} == condition::permission_denied);
    CHECK(error_code{errc::target_unreachable} == condition::unreachable);
    CHECK(error_code{errc::socks_connection_refused} == condition::refused);
    CHECK(error_code{errc::proxy_refused} == condition::refused);
    CHECK(error_code{errc::bare_cr} != condition::timed_out);
    CHECK(error_code{} != condition::refused);
}

TEST_CASE("condition: and for those of the system and of the name service, whichever category they have")
{
    namespace error = viaduct::net::error;
    CHECK(error_code{error::connection_refused} == condition::refused);
    CHECK(error_code{error::timed_out} == condition::timed_out);
    CHECK(error_code{error::access_denied} == condition::permission_denied);
    CHECK(error_code{error::host_unreachable} == condition::unreachable);
    CHECK(error_code{error::network_unreachable} == condition::unreachable);
    CHECK(error_code{error::host_not_found} == condition::unreachable);
    CHECK(error_code{error::operation_aborted} != condition::timed_out);
    auto const of_the_library = make_error_code(viaduct::error_types::errc::connection_refused);
    CHECK(of_the_library == condition::refused);
}
