#include "event_loop.hpp"
#include "listening_proxy.hpp"
#include "streams.hpp"
#include <viaduct/client/forwarder.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::authority;
using viaduct::errc;
using viaduct::error_code;
using viaduct::forwarder;
using viaduct::forwarder_options;
using peer = listening_proxy::peer;
using tcp = viaduct::net::ip::tcp;

namespace {

authority const target{"broker.example", 8883};
std::string const established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// A program that knows nothing of proxies.
struct visitor
{
    visitor(net::io_context& context, tcp::endpoint const& where) : socket{context}
    {
        socket.connect(where);
        heard.emplace(socket);
    }

    tcp::socket socket;
    std::optional<collector<tcp::socket>> heard;
};

struct forwarder_fixture : event_loop
{
    void start(forwarder_options const& options = {})
    {
        viaduct::dialer const through{executor(), {.proxies = {{{proxy.url()}}}}};
        port.emplace(through, target, options);
    }

    [[nodiscard]] std::unique_ptr<visitor> visit()
    {
        return std::make_unique<visitor>(context, port->endpoint());
    }

    /// Runs all that there is to run at once, and what that leads to.
    void run_until_quiet()
    {
        context.restart();
        while (context.run_one_for(5ms) != 0) {
        }
    }

    listening_proxy proxy{context};
    std::optional<forwarder> port;
};

void greets(peer& p)
{
    p.expect_until("\r\n\r\n").reply(established + "220 ready");
}

} // namespace

TEST_CASE("forwarder: each connection gets a tunnel of its own, and whoever speaks first is heard")
{
    forwarder_fixture f;
    f.start();
    std::vector<std::unique_ptr<visitor>> visitors;
    for (int i = 0; i < 5; ++i) {
        f.proxy.expect([i](peer& p) {
            p.expect_until("\r\n\r\n")
                .reply(established + "220 ready")
                .expect("hello")
                .reply(" you are " + std::to_string(i));
        });
        visitors.push_back(f.visit());
        REQUIRE(f.run_until([&] { return visitors.back()->heard->text == "220 ready"; }));
    }
    CHECK(f.port->connections() == 5);
    CHECK(f.proxy.connections() == 5);
    CHECK(f.proxy.connection(4).received().starts_with("CONNECT broker.example:8883 HTTP/1.1\r\n"));
    for (auto const& each : visitors)
        send(each->socket, "hello");
    for (std::size_t i = 0; i < 5; ++i) {
        auto const& heard = visitors[i]->heard->text;
        REQUIRE(f.run_until([&] { return heard == "220 ready you are " + std::to_string(i); }));
    }
    for (auto const& each : visitors)
        far_end<tcp::socket>::reset(each->socket);
    REQUIRE(f.run_until([&] { return f.port->connections() == 0; }));
}

TEST_CASE("forwarder: what a client says before its tunnel is open is not lost, and does not go to the proxy")
{
    forwarder_fixture f;
    f.start();
    auto const client = f.visit();
    net::write(client->socket, net::buffer(std::string{"hello"}));
    f.proxy.expect(
        [](peer& p) { p.expect_until("\r\n\r\n").reply(established).expect("hello").reply("hi"); });
    REQUIRE(f.run_until([&] { return client->heard->text == "hi"; }));
}

TEST_CASE("forwarder: the end of one direction is passed on, and the other one goes on")
{
    for (bool const client_first : {true, false}) {
        forwarder_fixture f;
        f.start();
        f.proxy.expect([&](peer& p) {
            p.expect_until("\r\n\r\n").reply(established);
            if (client_first)
                p.expect("ping").expect_end().reply("pong").shutdown();
            else
                p.reply("pong").shutdown().expect("ping").expect_end();
        });
        auto const client = f.visit();
        if (!client_first) REQUIRE(f.run_until([&] { return client->heard->end.has_value(); }));
        net::write(client->socket, net::buffer(std::string{"ping"}));
        client->socket.shutdown(tcp::socket::shutdown_send);
        REQUIRE(f.run_until([&] { return client->heard->end && f.port->connections() == 0; }));
        CHECK(client->heard->text == "pong");
        CHECK(client->heard->end == net::error::eof);
        REQUIRE(f.run_until([&] { return f.proxy.connection(0).finished(); }));
    }
}

TEST_CASE("forwarder: a reset is passed on both ways")
{
    forwarder_fixture f;
    f.start();
    f.proxy.expect(
        [](peer& p) { p.expect_until("\r\n\r\n").reply(established + "220 ready").expect("quit").reset(); });
    auto client = f.visit();
    REQUIRE(f.run_until([&] { return client->heard->text == "220 ready"; }));
    send(client->socket, "quit");
    REQUIRE(f.run_until([&] { return client->heard->end.has_value(); }));
    CHECK(client->heard->end == net::error::connection_reset);

    f.proxy.expect([](peer& p) { p.expect_until("\r\n\r\n").reply(established + "220 ready").expect_end(); });
    client = f.visit();
    REQUIRE(f.run_until([&] { return client->heard->text == "220 ready"; }));
    far_end<tcp::socket>::reset(client->socket);
    REQUIRE(f.run_until([&] { return f.proxy.connection(1).problem() != ""; })); // no end in good order
    REQUIRE(f.run_until([&] { return f.port->connections() == 0; }));
}

TEST_CASE("forwarder: where no tunnel comes about the client is reset, and somebody hears why")
{
    for (bool const closes : {false, true}) {
        forwarder_fixture f;
        int calls = 0;
        f.start({.on_failure = [&](viaduct::connect_failure const& why) {
            ++calls;
            CHECK(why.error == errc::proxy_denied);
            CHECK(why.status() == 403);
            if (closes) f.port.reset(); // from within
        }});
        f.proxy.expect([](peer& p) {
            p.expect_until("\r\n\r\n").reply("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
        });
        auto const client = f.visit();
        REQUIRE(f.run_until([&] { return client->heard->end.has_value(); }));
        CHECK(client->heard->end == net::error::connection_reset);
        CHECK(calls == 1);
        if (closes) continue;
        CHECK(f.port->connections() == 0);
        f.proxy.expect(greets);
        auto const next = f.visit();
        REQUIRE(f.run_until([&] { return next->heard->text == "220 ready"; }));
    }
}

TEST_CASE("forwarder: with as many connections as it may have, others wait until one ends")
{
    forwarder_fixture f;
    f.start({.max_connections = 2});
    std::vector<std::unique_ptr<visitor>> visitors;
    for (int i = 0; i < 4; ++i) {
        f.proxy.expect(greets);
        visitors.push_back(f.visit());
    }
    REQUIRE(f.run_until([&] { return visitors[1]->heard->text == "220 ready"; }));
    f.run_until_quiet();
    CHECK(f.port->connections() == 2);
    CHECK(f.proxy.connections() == 2);
    far_end<tcp::socket>::reset(visitors[0]->socket);
    REQUIRE(f.run_until([&] { return visitors[2]->heard->text == "220 ready"; }));
    far_end<tcp::socket>::reset(visitors[1]->socket);
    REQUIRE(f.run_until([&] { return visitors[3]->heard->text == "220 ready"; }));
    CHECK(f.port->connections() == 2);
}

TEST_CASE("forwarder: closing ends connections in every state, and nobody takes a part for the whole")
{
    for (bool const destroyed : {false, true}) {
        bool got_through = false;
        std::size_t before = 0;
        for (std::size_t steps = 0; !got_through; ++steps) {
            REQUIRE(steps < 1000);
            {
                forwarder_fixture f;
                int failures = 0;
                f.start({.on_failure = [&](viaduct::connect_failure const&) { ++failures; }});
                auto const where = f.port->endpoint();
                f.proxy.expect(greets);
                auto const client = f.visit();
                f.run_steps(steps, [&] { return !client->heard->text.empty(); });
                got_through = !client->heard->text.empty();
                if (destroyed)
                    f.port.reset();
                else
                    f.port->close();
                REQUIRE(f.run_until([&] { return client->heard->end.has_value(); }));
                CHECK(client->heard->end == net::error::connection_reset);
                CHECK(failures == 0);
                tcp::socket late{f.context};
                error_code ec;
                late.connect(where, ec);
                CHECK(ec == net::error::connection_refused);
                if (f.port) {
                    CHECK(f.port->endpoint() == where);
                    REQUIRE(f.run_until([&] { return f.port->connections() == 0; }));
                    f.port->close(); // again
                }
            }
            if (steps == 1) before = open_descriptors();
            if (steps > 1) CHECK(open_descriptors() == before);
        }
    }
}

TEST_CASE("forwarder: its context may be destroyed at every step")
{
    bool got_through = false;
    for (std::size_t steps = 0; !got_through; ++steps) {
        REQUIRE(steps < 1000);
        forwarder_fixture f;
        f.start();
        f.proxy.expect(greets);
        auto const client = f.visit();
        f.run_steps(steps, [&] { return !client->heard->text.empty(); });
        got_through = !client->heard->text.empty();
    }
}

TEST_CASE("forwarder: a port that is taken is an error at once")
{
    forwarder_fixture f;
    tcp::acceptor const taken{f.context, {net::ip::address_v4::loopback(), 0}};
    CHECK_THROWS_AS(f.start({.listen = taken.local_endpoint()}), viaduct::system_error);
}
