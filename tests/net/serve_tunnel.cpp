#include "proxy_fixture.hpp"
#include <viaduct/server/serve_tunnel.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::request;
using viaduct::tunnel_record;

namespace {

/// A request to the origin, as a listener of one's own would have read it.
struct tunnel_fixture : event_loop
{
    tunnel_fixture()
    {
        viaduct::connect_request head;
        head.method = "CONNECT";
        head.target_text = at_origin.target();
        head.target = viaduct::parse_authority(head.target_text);
        next = request{std::move(both.second), std::move(head)};
        way.ports.permit_all();
        way.guard.allow_all();
    }

    void start()
    {
        async_serve_tunnel(std::move(next), way, end.handler());
        CHECK(end.calls == 0);
    }
    bool finish()
    {
        return run_until([&] { return end.done(); });
    }

    viaduct::egress way;
    origin at_origin{executor()};
    std::pair<tcp::socket, tcp::socket> both{over_tcp::pair(executor())};
    client at_client{std::move(both.first)};
    request next;
    completion<tunnel_record> end;
};

/// Whether the end of the stream is there, or comes within a time that the system takes at most to bring it.
bool reads_end(tcp::socket& s)
{
    timeval const patience{2, 0};
    ::setsockopt(s.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char octet = 0;
    return ::recv(s.native_handle(), &octet, 1, 0) == 0;
}

} // namespace

TEST_CASE("serve tunnel: from a request to the end of its tunnel")
{
    tunnel_fixture f;
    f.start();
    f.at_client.say("question");
    REQUIRE(f.run_until([&] { return f.at_client.heard() == established; }));
    REQUIRE(f.run_until([&] { return f.at_origin.visitor().heard() == "question"; }));
    f.at_origin.visitor().reset();
    REQUIRE(f.finish());
    CHECK(f.end.error == net::error::connection_reset);
    CHECK(f.end.value().error == net::error::connection_reset);
    CHECK(f.end.value().status == 200);
    CHECK(f.end.value().bytes_from_client == 8);
    REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
    CHECK_FALSE(f.at_client.ended_well()); // a reset comes out as a reset
}

TEST_CASE("serve tunnel: the relay's clocks are reasons in the record")
{
    tunnel_fixture f;
    f.way.relay.idle_timeout = 20ms;
    f.start();
    REQUIRE(f.finish());
    CHECK(f.end.error == errc::idle_timeout);
    CHECK(f.end.value().error == errc::idle_timeout);
}

TEST_CASE("serve tunnel: an origin that talks first is heard behind the 200")
{
    tunnel_fixture f;
    f.start();
    REQUIRE(f.run_until([&] { return f.at_origin.connections() == 1; }));
    f.at_origin.visitor().say("SSH-2.0-x");
    REQUIRE(f.run_until([&] { return f.at_client.heard() == established + "SSH-2.0-x"; }));
}

TEST_CASE("serve tunnel: a client that has gone while the way was sought ends it")
{
    tunnel_fixture f;
    f.at_client.reset();
    f.start();
    REQUIRE(f.finish());
    CHECK(f.end.error);
    REQUIRE(f.run_until([&] { return f.at_origin.connections() == 0 || f.at_origin.visitor().ended(); }));
}

TEST_CASE("serve tunnel: it can be cancelled at every step, and then both ends are closed")
{
    for (auto const type : every_cancellation) {
        bool tunnel_was_open = false;
        for (std::size_t steps = 0; !tunnel_was_open; ++steps) {
            REQUIRE(steps < 1000);
            tunnel_fixture f;
            f.start();
            f.run_steps(steps, [&] { return f.at_client.heard() == established; });
            tunnel_was_open = f.at_client.heard() == established;
            f.end.cancel.emit(type);
            REQUIRE(f.finish());
            CHECK(f.end.calls == 1);
            CHECK(f.end.error == net::error::operation_aborted);
            CHECK(f.end.value().error == net::error::operation_aborted);
            REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
        }
    }
}

TEST_CASE("serve tunnel: when the handler hears of the end, the client's connection is closed")
{
    tunnel_fixture f;
    auto ends = over_tcp::pair(f.executor());
    auto& near = ends.first; // clang 14 cannot capture a structured binding
    auto& far = ends.second;
    viaduct::connect_request head;
    head.target = viaduct::authority{"localhost", 443};
    bool ended = false;
    bool closed = false;
    // Cancelled while the name is looked up: nothing has been answered, and the request still has its socket.
    async_serve_tunnel(
        request{std::move(far), std::move(head)}, f.way,
        net::bind_cancellation_slot(f.end.cancel.slot(), [&](error_code, tunnel_record const&) {
            ended = true;
            closed = reads_end(near);
        }));
    f.end.cancel.emit(net::cancellation_type::terminal);
    REQUIRE(f.run_until([&] { return ended; }));
    CHECK(closed);
}
