#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/testing/scripted_peer.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>

using namespace fixture;
using viaduct::error_code;
using viaduct::testing::scripted_peer;

namespace {

template <class Kind>
struct peer_fixture : event_loop
{
    using stream = decltype(Kind::pair(std::declval<net::any_io_executor>()).first);

    /// Runs until the peer has come to the end of its script, or to a problem.
    std::string run()
    {
        REQUIRE(run_until([&] { return peer->finished() || !peer->problem().empty(); }));
        return peer->problem();
    }

    std::pair<stream, stream> both{Kind::pair(executor())};
    stream& near = both.first;
    std::unique_ptr<scripted_peer<stream>> peer =
        std::make_unique<scripted_peer<stream>>(std::move(both.second));
};

#define PEER_TEST(name) TEST_CASE_TEMPLATE(name, fix_type, peer_fixture<over_tcp>, peer_fixture<over_memory>)

} // namespace

PEER_TEST("scripted peer: plays its steps in their order")
{
    fix_type f;
    f.peer->expect("one")
        .reply("eins")
        .expect_until("\r\n")
        .reply_split("zwei", 1)
        .expect("3")
        .expect_end()
        .close();
    f.peer->start();
    collector got{f.near};
    send(f.near, "onetwo\r\n");
    REQUIRE(f.run_until([&] { return got.text == "einszwei"; }));
    send(f.near, "3");
    f.run_steps(20, [] { return false; });
    CHECK(f.peer->received() == "two\r\n"); // and not what was expected after it
    CHECK_FALSE(f.peer->finished());        // it still waits for the end
    error_code ignored;
    f.near.shutdown(net::socket_base::shutdown_send, ignored);
    CHECK(f.run() == "");
    REQUIRE(f.run_until([&] { return got.end.has_value(); }));
    CHECK(got.end == net::error::eof);
}

PEER_TEST("scripted peer: keeps its stream open after the last step, until it is destroyed")
{
    fix_type f;
    f.peer->reply("x").start();
    CHECK(f.run() == "");
    collector got{f.near};
    REQUIRE(f.run_until([&] { return got.text == "x"; }));
    f.peer.reset();
    REQUIRE(f.run_until([&] { return got.end.has_value(); }));
    CHECK(got.end == net::error::eof);
}

PEER_TEST("scripted peer: an expectation that is not met ends the script and closes")
{
    fix_type f;
    f.peer->expect("hello").reply("never").start();
    collector got{f.near};
    send(f.near, "help!");
    CHECK(f.run() == "expected 'hello', got 'help!'");
    CHECK_FALSE(f.peer->finished());
    REQUIRE(f.run_until([&] { return got.end.has_value(); }));
    CHECK(got.text == "");
}

PEER_TEST("scripted peer: an end where octets were expected is told with what came before")
{
    fix_type f;
    f.peer->expect_until("\r\n").start();
    send(f.near, "half");
    error_code ignored;
    f.near.shutdown(net::socket_base::shutdown_send, ignored);
    // In memory the end may overtake a write that has not been run yet.
    auto const problem = f.run();
    CHECK(problem.starts_with("expected something that ends with '\r\n', got '"));
    CHECK(problem.ends_with(error_code{net::error::eof}.message()));
}

PEER_TEST("scripted peer: octets where the end was expected are a problem")
{
    fix_type f;
    f.peer->expect_end().start();
    send(f.near, "x");
    CHECK(f.run() == "expected the end of the stream, got an octet");
}

PEER_TEST("scripted peer: ends in every way")
{
    {
        fix_type f;
        f.peer->reply("x").shutdown().expect("y").start();
        collector got{f.near};
        REQUIRE(f.run_until([&] { return got.end.has_value(); }));
        CHECK(got.end == net::error::eof);
        send(f.near, "y"); // one direction is still open
        CHECK(f.run() == "");
    }
    fix_type f;
    f.peer->reset().start();
    collector got{f.near};
    REQUIRE(f.run_until([&] { return got.end.has_value(); }));
    CHECK(got.end == net::error::connection_reset);
    CHECK(f.peer->finished());
}

PEER_TEST("scripted peer: begins when it is started, and has finished when its last step is done")
{
    fix_type f;
    f.peer->reply("x");
    f.context.poll();
    CHECK_FALSE(f.peer->finished());
    f.peer->start();
    CHECK_FALSE(f.peer->finished());
    CHECK(f.run() == "");
}

PEER_TEST("scripted peer: one that is destroyed in the middle leaves nothing behind")
{
    fix_type f;
    f.peer->expect("hello").reply("never").start();
    f.context.poll();
    f.peer.reset();
    collector got{f.near};
    REQUIRE(f.run_until([&] { return got.end.has_value(); }));
    CHECK(got.text == "");
}
