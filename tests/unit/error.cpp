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
                         errc::socks_host_too_long, errc::resolve_timeout, errc::dial_timeout,
                         errc::method_not_allowed, errc::ended_by_operator})
        CHECK(make_error_code(e).message() != unknown.message());
}
