#include "relay_kinds.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <type_traits>

using namespace fixture;
using viaduct::relay_end;
using viaduct::relay_side;
using viaduct::testing::duplex_stream;

// One stream of each pair is in memory, where every single operation can be made to fail.
#if defined(VIADUCT_TESTS_OVER_TLS)
#define BREAKABLE_KINDS                                                                                      \
    relay_fixture<over_memory, false, over_tls>, relay_fixture<over_memory, true, over_tls>,                 \
        relay_fixture<over_tls, false, over_memory>
#else
#define BREAKABLE_KINDS                                                                                      \
    relay_fixture<over_memory, false>, relay_fixture<over_memory, false, over_tcp>,                          \
        relay_fixture<over_memory, true, over_tcp>, relay_fixture<over_tcp, false, over_memory>,             \
        relay_fixture<over_local, false, over_memory>
#endif

namespace {

/// A conversation of a few messages and both ends, in which the stream's operation number `n` fails.
template <class Fixture>
struct broken_conversation : Fixture
{
    static constexpr bool breaks_a = std::is_same_v<typename Fixture::left_stream, duplex_stream>;

    broken_conversation(std::size_t n, viaduct::error_code how)
    {
        broken().behaviour().fail_at = n;
        broken().behaviour().error = how;
        this->start();
        this->send_and_end(this->client, std::string(3000, 'q'));
        this->send_and_end(this->origin, std::string(3000, 'a'));
    }

    [[nodiscard]] duplex_stream& broken()
    {
        if constexpr (breaks_a)
            return this->a;
        else
            return this->b;
    }

    /// The one who must hear of it.
    [[nodiscard]] auto& other_peer()
    {
        if constexpr (breaks_a)
            return this->origin;
        else
            return this->client;
    }

    collector<typename Fixture::left_stream> at_client{this->client};
    collector<typename Fixture::right_stream> at_origin{this->origin};
};

} // namespace

TEST_CASE_TEMPLATE("relay: whichever operation is reset, the other side is reset", fix, BREAKABLE_KINDS)
{
    // Every read and write in turn, until a relay gets through without reaching the broken one.
    bool got_through = false;
    std::size_t n = 0;
    for (; !got_through; ++n) {
        CAPTURE(n);
        REQUIRE(n < 100);
        broken_conversation<fix> f{n, net::error::connection_reset};
        REQUIRE(f.run_to_end());
        got_through = !f.error;
        if (got_through) break;
        CHECK(f.error == net::error::connection_reset);
        CHECK(f.result.end == relay_end::reset);
        CHECK(f.result.first_to_end != relay_side::none);
        if constexpr (fix::resets) {
            auto const heard = [&]() -> auto const&
            {
                if constexpr (f.breaks_a)
                    return f.at_origin.end;
                else
                    return f.at_client.end;
            };
            REQUIRE(f.run_until([&] { return heard().has_value(); }));
            // Unless it has been told of the end in good order before.
            CHECK((heard() == net::error::connection_reset || heard() == net::error::eof));
        }
    }
    CHECK(n > 5);
}

TEST_CASE_TEMPLATE("relay: whichever operation fails in another way, both directions end with that error",
                   fix, BREAKABLE_KINDS)
{
    bool got_through = false;
    for (std::size_t n = 0; !got_through; ++n) {
        CAPTURE(n);
        REQUIRE(n < 100);
        broken_conversation<fix> f{n, net::error::no_memory};
        REQUIRE(f.run_to_end());
        got_through = !f.error;
        CHECK(f.result.end == (got_through ? relay_end::closed : relay_end::failed));
        if (!got_through) CHECK(f.error == net::error::no_memory);
    }
}
