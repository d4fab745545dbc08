#include <viaduct/detail/asio.hpp>
#include <viaduct/relay/relay_direction.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>

namespace net = viaduct::net;
using viaduct::error_code;
using viaduct::relay_direction;
using step = viaduct::relay_direction::step;

TEST_CASE("relay direction: reads, writes all of it, and reads again")
{
    relay_direction rule;
    CHECK(rule.start() == step::read);
    for (int round = 1; round <= 3; ++round) {
        CHECK(rule.resume({}, 7) == step::write);
        CHECK(rule.pending() == 7);
        CHECK(rule.resume({}, 7) == step::read);
        CHECK(rule.transferred() == static_cast<unsigned>(7 * round));
    }
}

TEST_CASE("relay direction: a destination that takes a part is given the rest")
{
    relay_direction rule;
    CHECK(rule.start() == step::read);
    CHECK(rule.resume({}, 7) == step::write);
    CHECK(rule.resume({}, 3) == step::write);
    CHECK(rule.pending() == 4);
    CHECK(rule.transferred() == 3);
    CHECK(rule.resume({}, 4) == step::read);
    CHECK(rule.transferred() == 7);
}

TEST_CASE("relay direction: the end of the source becomes the end of the destination, and nothing else")
{
    relay_direction rule;
    CHECK(rule.start() == step::read);
    CHECK(rule.resume({}, 5) == step::write);
    CHECK(rule.resume({}, 5) == step::read);
    CHECK(rule.resume({}, 0) == step::shutdown);
    CHECK(rule.resume({}, 0) == step::done);
    CHECK_FALSE(rule.error());
    CHECK_FALSE(rule.failed_writing());
    CHECK(rule.transferred() == 5);
}

TEST_CASE("relay direction: a failure at any step ends it, and it is known which side broke")
{
    struct
    {
        step failing;
        bool failed_writing;
        unsigned transferred;
    } const cases[] = {{step::read, false, 0}, {step::write, true, 3}, {step::shutdown, true, 5}};
    for (auto const& c : cases) {
        relay_direction rule;
        auto next = rule.start();
        bool read_before = false;
        while (next != c.failing) {
            bool const end = next == step::read && read_before;
            read_before |= next == step::read;
            next = rule.resume({}, end ? 0 : 5);
        }
        // A write that fails may have got some of it through.
        CHECK(rule.resume(net::error::broken_pipe, next == step::write ? 3 : 0) == step::done);
        CHECK(rule.error() == net::error::broken_pipe);
        CHECK(rule.failed_writing() == c.failed_writing);
        CHECK(rule.transferred() == c.transferred);
    }
}

TEST_CASE("relay direction: what is there already goes first")
{
    relay_direction rule{12};
    CHECK(rule.start() == step::write);
    CHECK(rule.pending() == 12);
    CHECK(rule.resume({}, 12) == step::read);
    CHECK(rule.transferred() == 12);
}
