#include <viaduct/http/authority.hpp> // the header is self-contained

#include <doctest/doctest.h>

using viaduct::errc;

TEST_CASE("authority: a name")
{
    auto const target = viaduct::parse_authority("Broker.Example:8883");
    CHECK(target.host() == "broker.example");
    CHECK(target.port() == 8883);
    CHECK(target.text() == "broker.example:8883");
}
