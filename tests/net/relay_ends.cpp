#define RELAY_OVER_ANY_STREAM
#include "relay_kinds.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>

using namespace fixture;
using viaduct::relay_end;
using viaduct::relay_side;

RELAY_TEST("relay: both sides end at once, and both hear of it")
{
    fix_type f;
    collector at_origin{f.origin};
    collector at_client{f.client};
    f.end_sending(f.client);
    f.end_sending(f.origin);
    f.start();
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_origin.end && at_client.end; }));
    CHECK(!f.error);
    CHECK(at_origin.end == net::error::eof);
    CHECK(at_client.end == net::error::eof);
    CHECK(f.result.end == relay_end::closed);
    CHECK(f.result.first_to_end != relay_side::none);
    CHECK(f.result.a_to_b + f.result.b_to_a == 0);
}

RELAY_TEST("relay: a side that has ended its sending is talked to for as long as the other side likes")
{
    fix_type f;
    collector at_client{f.client};
    collector at_origin{f.origin};
    f.start();
    f.end_sending(f.client);
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    std::string sent;
    for (int i = 0; i < 200; ++i) {
        auto const line = "line " + std::to_string(i) + '\n';
        sent += line;
        f.send(f.origin, line);
        REQUIRE(f.run_until([&] { return at_client.text.size() == sent.size(); }));
    }
    std::string const bulk(1 << 20, 'x');
    f.send_and_end(f.origin, bulk);
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK((at_client.text == sent + bulk));
    CHECK(at_client.end == net::error::eof);
    CHECK(f.result.a_to_b == 0);
    CHECK(f.result.b_to_a == sent.size() + bulk.size());
    CHECK(f.result.first_to_end == relay_side::a);
    CHECK(f.result.end == relay_end::closed);
}

RELAY_TEST("relay: the origin may be the first to end, and the client goes on")
{
    fix_type f;
    collector at_client{f.client};
    collector at_origin{f.origin};
    f.start();
    f.send_and_end(f.origin, "goodbye");
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.text == "goodbye");
    CHECK(at_client.end == net::error::eof);
    CHECK(!f.ended);
    f.send_and_end(f.client, "and thanks");
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    CHECK(at_origin.text == "and thanks");
    CHECK(f.result.first_to_end == relay_side::b);
    CHECK(!f.error);
}

RELAY_TEST("relay: a client that resets makes the origin's connection one that was reset")
{
    if (!fix_type::resets) return;
    fix_type f;
    collector at_origin{f.origin};
    f.start();
    f.send(f.client, "something before");
    REQUIRE(f.run_until([&] { return !at_origin.text.empty(); }));
    f.reset(f.client);
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    CHECK(at_origin.end == net::error::connection_reset);
    CHECK(f.error == net::error::connection_reset);
    CHECK(f.result.end == relay_end::reset);
    CHECK(f.result.first_to_end == relay_side::a);
    CHECK(f.result.a_to_b == 16);
}

RELAY_TEST("relay: a reset after the other side has ended its sending still reaches that side")
{
    // Otherwise it would see an orderly end, and take the part for the whole.
    if (!fix_type::resets) return;
    fix_type f;
    collector at_client{f.client};
    collector at_origin{f.origin};
    f.start();
    f.send_and_end(f.client, "a request, and no more");
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    f.send(f.origin, "half an answer");
    REQUIRE(f.run_until([&] { return !at_client.text.empty(); }));
    f.reset(f.origin);
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.end == net::error::connection_reset);
    CHECK(f.result.end == relay_end::reset);
    CHECK(f.result.first_to_end == relay_side::a); // it was the first to end, if not the one that broke
}

RELAY_TEST("relay: a side that goes away after its end breaks the tunnel once it is talked to")
{
    fix_type f;
    collector at_origin{f.origin};
    f.start();
    f.end_sending(f.client);
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    f.reset(f.client);
    f.send(f.origin, std::string(8 << 20, 'x'));
    REQUIRE(f.run_to_end());
    CHECK(f.result.end == relay_end::reset);
    CHECK(f.result.first_to_end == relay_side::a);
}

RELAY_TEST("relay: afterwards the streams can be closed, whoever is told of the end last")
{
    for (bool client_first : {true, false}) {
        fix_type f;
        collector at_client{f.client};
        collector at_origin{f.origin};
        f.start();
        client_first ? f.end_sending(f.client) : f.end_sending(f.origin);
        REQUIRE(f.run_until([&] { return at_client.end || at_origin.end; }));
        client_first ? f.end_sending(f.origin) : f.end_sending(f.client);
        REQUIRE(f.run_to_end());
        f.reset(f.a);
        f.reset(f.b);
        REQUIRE(f.run_until([&] { return at_client.end && at_origin.end; }));
        CHECK(!f.error);
    }
}

#if !defined(VIADUCT_TESTS_OVER_TLS)

namespace {

/// A stream that can be read and written, and nothing else.
class plain_stream
{
public:
    explicit plain_stream(viaduct::testing::duplex_stream& inner) : inner_{&inner} {}

    using executor_type = net::any_io_executor;
    [[nodiscard]] executor_type get_executor() const { return inner_->get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(Buffers const& buffers, Token&& token)
    {
        return inner_->async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(Buffers const& buffers, Token&& token)
    {
        return inner_->async_write_some(buffers, std::forward<Token>(token));
    }

private:
    viaduct::testing::duplex_stream* inner_;
};

} // namespace

TEST_CASE("relay: the end of a stream ends the relay where the other stream cannot be told of it alone")
{
    relay_fixture<over_memory, false> f;
    plain_stream b{f.b};
    collector at_origin{f.origin};
    completion<viaduct::relay_result> end;
    viaduct::async_relay(f.a, b, {}, end.handler());
    f.send_and_end(f.client, "all of this first");
    REQUIRE(f.run_until([&] { return end.done(); }));
    CHECK(!end.error);
    CHECK(end.value().end == relay_end::closed);
    CHECK(end.value().first_to_end == relay_side::a);
    REQUIRE(f.run_until([&] { return at_origin.text == "all of this first"; }));
    CHECK(!at_origin.end); // its owner closes it now
}

TEST_CASE("relay: an end on the side that cannot be told of ends is passed on as ever")
{
    relay_fixture<over_memory, false> f;
    plain_stream b{f.b};
    collector at_client{f.client};
    completion<viaduct::relay_result> end;
    viaduct::async_relay(f.a, b, {}, end.handler());
    f.send_and_end(f.origin, "a word");
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.text == "a word");
    CHECK(end.calls == 0);
}

TEST_CASE("relay: bulk between sockets, with a handler that has an executor of its own")
{
    relay_fixture<over_tcp, false> f;
    net::io_context home;
    auto const work = net::make_work_guard(home);
    collector at_origin{f.origin};
    bool ended = false;
    viaduct::async_relay(
        f.a, f.b, {},
        net::bind_executor(home.get_executor(),
                           [&](viaduct::error_code, viaduct::relay_result) { ended = true; }));
    std::string const bulk(8 << 20, 'x'); // it lets others run on the way
    f.send_and_end(f.client, bulk);
    f.end_sending(f.origin);
    REQUIRE(f.run_until([&] {
        home.poll();
        return ended && at_origin.end;
    }));
    CHECK((at_origin.text == bulk));
}

TEST_CASE("relay: of two sockets the one that is told of the end last is closed already")
{
    relay_fixture<over_tcp, false> f;
    collector at_origin{f.origin};
    f.start();
    f.end_sending(f.client);
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    f.end_sending(f.origin);
    REQUIRE(f.run_to_end());
    CHECK_FALSE(f.a.is_open());
    CHECK(f.b.is_open());
}

#endif
