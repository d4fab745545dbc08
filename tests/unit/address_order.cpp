#include <viaduct/net/address_order.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using viaduct::interleave_families;
using tcp = viaduct::net::ip::tcp;

namespace {

/// Digits are IPv4 addresses, letters are IPv6 ones.
std::vector<tcp::endpoint> endpoints(std::string_view names)
{
    std::vector<tcp::endpoint> list;
    for (char const c : names) {
        bool const v4 = c >= '0' && c <= '9';
        auto const address = std::string{v4 ? "192.0.2." : "2001:db8::"} + c;
        list.emplace_back(viaduct::net::ip::make_address(address), 443);
    }
    return list;
}

} // namespace

TEST_CASE("address order: the families take turns, the first one's first, each in its own order")
{
    struct
    {
        char const* found;
        char const* tried;
    } const cases[] = {
        {"", ""},           {"a", "a"},         {"1", "1"},         {"ab", "ab"},
        {"321", "321"},     {"a1", "a1"},       {"1a", "1a"},       {"ab12", "a1b2"},
        {"12ab", "1a2b"},   {"abc1", "a1bc"},   {"abc12", "a1b2c"}, {"a1234", "a1234"},
        {"1abcd", "1abcd"}, {"12a34", "1a234"}, {"a1b2", "a1b2"},   {"a12bc3", "a1b2c3"},
    };
    for (auto const& c : cases) {
        INFO(c.found);
        CHECK((interleave_families(endpoints(c.found)) == endpoints(c.tried)));
    }
}

TEST_CASE("address order: a mapped address goes with the family of its socket")
{
    auto const v4 = endpoints("1").front();
    tcp::endpoint const mapped{viaduct::net::ip::make_address("::ffff:192.0.2.2"), 443};
    auto const v6 = endpoints("a").front();
    CHECK((interleave_families({mapped, v6, v4}) == std::vector{mapped, v4, v6}));
}
