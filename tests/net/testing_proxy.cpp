#include "event_loop.hpp"
#include <viaduct/client/dialer.hpp>
#include <viaduct/detail/asio_programs.hpp>
#include <viaduct/testing/proxy_server.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

using viaduct::errc;
using viaduct::error_code;
using viaduct::testing::proxy_behaviour;
using viaduct::testing::proxy_point;
using viaduct::testing::proxy_server;
using viaduct::testing::proxy_tunnel_end;

namespace net = viaduct::net;
using net::ip::tcp;

namespace {

/// A program that goes through a proxy, and a target on this machine.
struct play : fixture::event_loop
{
    play() { proxy.otherwise(proxy_behaviour::accept_to(origin.local_endpoint())); }

    /// Dials through our own client.
    error_code dial(std::string const& target = "api.example:443",
                    std::optional<viaduct::credentials> who = std::nullopt)
    {
        auto url = proxy.url();
        url.who = std::move(who);
        fixture::completion<viaduct::tunnel> end;
        viaduct::dialer through{executor(), {.proxies = {{{url}}}}};
        through.async_dial(viaduct::parse_authority(target), end.handler());
        REQUIRE(run_until([&] { return end.done(); }));
        tunnel = std::move(end.value());
        return end.error;
    }

    /// Dials, and meets whoever has been reached.
    void open(proxy_behaviour behaviour = {})
    {
        proxy.next(std::move(behaviour));
        REQUIRE(!dial());
        there = origin.accept();
    }

    /// Reads until it has so much, or the stream ends.
    template <class Stream>
    std::string hear(Stream& from, std::size_t size = 1000)
    {
        std::string text(size, '\0');
        text.resize(net::read(from, net::buffer(text), ended));
        return text;
    }

    /// Dials, and lets the target say something that does not fit into what the proxy makes of it.
    std::string hear_through(proxy_behaviour behaviour, std::string const& said)
    {
        open(std::move(behaviour));
        net::write(there, net::buffer(said));
        there.shutdown(tcp::socket::shutdown_send);
        return hear(tunnel);
    }

    proxy_server proxy;
    viaduct::tunnel tunnel;
    tcp::acceptor origin{context, {net::ip::address_v4::loopback(), 0}};
    tcp::socket there{context};
    error_code ended;
};

} // namespace

TEST_CASE("proxy_server: it is a proxy, and tells what it was asked for and what went through")
{
    play p;
    p.open();
    net::write(p.tunnel, net::buffer("ping", 4));
    CHECK(p.hear(p.there, 4) == "ping");
    net::write(p.there, net::buffer("pong!", 5));
    p.there.close();
    CHECK(p.hear(p.tunnel) == "pong!");
    p.tunnel = {};
    REQUIRE(p.proxy.wait_for_ends(1));

    auto const asked = p.proxy.requests().at(0);
    CHECK(asked.target == "api.example:443");
    CHECK(asked.fields.find("Host") == "api.example:443");
    CHECK(asked.status == 200);
    auto const opened = p.proxy.tunnels().at(0);
    CHECK(opened.origin == p.origin.local_endpoint());
    CHECK(opened.to_target == 4);
    CHECK(opened.to_client == 5);
    CHECK(opened.end == proxy_tunnel_end::closed);
}

TEST_CASE("proxy_server: without being told, it asks the name service for the target, and says when it fails")
{
    play p;
    p.proxy.otherwise({});
    CHECK(!p.dial("127.0.0.1:" + std::to_string(p.origin.local_endpoint().port())));
    p.origin.close();
    CHECK(p.dial("127.0.0.1:" + std::to_string(p.proxy.tunnels().at(0).origin.port())) ==
          errc::target_unreachable);
    CHECK(p.proxy.requests().at(1).status == 502);
}

TEST_CASE("proxy_server: the next request, then the last rule that matches, then what is usual")
{
    play p;
    p.proxy.when("*.example:*", proxy_behaviour::refuse(403));
    p.proxy.when("good.*", proxy_behaviour::accept());
    p.proxy.when([](auto const& asked) { return asked.connection == 3; }, proxy_behaviour::refuse(503));
    p.proxy.next(proxy_behaviour::refuse(451, {{"Link", "<x>"}}, "no"));
    CHECK(p.dial("good.example:1") == errc::proxy_denied);
    CHECK(p.tunnel.report().reply.fields.find("Link") == "<x>");
    CHECK(p.dial("bad.example:1") == errc::proxy_denied);
    CHECK(!p.dial("good.example:1"));
    CHECK(p.dial("good.example:1") == errc::target_unreachable);
    CHECK(!p.dial("other:1"));
}

TEST_CASE("proxy_server: who has to prove who it is, does, or hears 407")
{
    viaduct::credentials const alice{"alice", "opensesame"};
    play p;
    p.proxy.next(proxy_behaviour::require_basic("alice", "opensesame")); // stays until somebody passes
    CHECK(p.dial("a:1") == errc::proxy_auth_required);
    CHECK(p.dial("a:1", viaduct::credentials{"alice", "wrong"}) == errc::proxy_auth_rejected);
    CHECK(!p.dial("a:1", alice));
    CHECK(p.proxy.requests().back().user == "alice");
    CHECK(!p.dial("a:1"));

    p.proxy.next(proxy_behaviour::require_basic("alice", "opensesame").kept_alive());
    CHECK(!p.dial("a:1", alice)); // our client is asked first, and stays for the answer
    auto const asked = p.proxy.requests();
    CHECK(asked.at(asked.size() - 2).status == 407);
    CHECK(asked.at(asked.size() - 2).connection == asked.back().connection);

    p.proxy.next(proxy_behaviour::require_exactly("Custom realm=\"x\""));
    CHECK(p.dial("a:1", alice) != error_code{});
    CHECK(p.tunnel.report().reply.fields.find("Proxy-Authenticate") == "Custom realm=\"x\"");
}

TEST_CASE("proxy_server: what goes wrong with an answer")
{
    using behave = proxy_behaviour;
    struct
    {
        std::string what;
        proxy_behaviour how;
        error_code error;
    } const cases[] = {
        {"closed before a head", behave::accept().close_at(proxy_point::connection), errc::proxy_closed},
        {"reset before a head", behave::accept().reset_at(proxy_point::connection),
         net::error::connection_reset},
        {"closed behind the head", behave::accept().close_at(proxy_point::head), errc::proxy_closed},
        {"closed within the answer", behave::accept().close_at(proxy_point::answer, behave::half),
         errc::proxy_closed},
        {"reset within the answer", behave::accept().reset_at(proxy_point::answer, 5),
         net::error::connection_reset},
        {"garbage", behave::answer_garbage("220 ready\r\n\r\n"), errc::status_line_malformed},
        {"another octet", behave::accept().corrupt_at(proxy_point::answer, 0), errc::status_line_malformed},
        {"in pieces", behave::refuse(403).split_every(1), errc::proxy_denied},
        {"behind 1xx", behave::accept().after_interim().after_interim(102), {}},
        {"slow, but there in the end", behave::accept().slowed_to(1000), {}},
    };
    play p;
    for (auto const& each : cases) {
        CAPTURE(each.what);
        p.proxy.next(each.how);
        CHECK(p.dial() == each.error);
    }
    CHECK(p.tunnel.report().reply.status == 200);
    CHECK(p.proxy.requests().at(0).status == 0); // that of the one closed behind its head
}

TEST_CASE("octet_plan: pieces end where they are to be small, and where something happens")
{
    viaduct::testing::detail::octet_plan plan{{.pieces_of = 4},
                                              {{viaduct::testing::proxy_fault::kind::close, {}, 6}}};
    CHECK(plan.at_most(100) == 4);
    CHECK(plan.at_most(3) == 3);
    plan.pass(4);
    CHECK(plan.at_most(100) == 2);
    CHECK(!plan.due());
    plan.pass(2);
    CHECK(plan.due() == viaduct::testing::proxy_fault::kind::close);
}

TEST_CASE("proxy_server: what stalls waits, and ends with the server")
{
    for (auto const where : {proxy_point::connection, proxy_point::head, proxy_point::answer}) {
        play p;
        fixture::completion<viaduct::tunnel> end;
        {
            proxy_server stalling;
            stalling.next(proxy_behaviour::accept_to(p.origin.local_endpoint()).stall_at(where, 5));
            viaduct::dialer through{p.executor(), {.proxies = {{{stalling.url()}}}}};
            through.async_dial({"a.example", 1}, end.handler());
            REQUIRE(
                p.run_until([&] { return stalling.wait_for_connections(1, std::chrono::milliseconds{1}); }));
            if (where != proxy_point::connection)
                REQUIRE(
                    p.run_until([&] { return stalling.wait_for_requests(1, std::chrono::milliseconds{1}); }));
            CHECK(!end.done());
        }
        REQUIRE(p.run_until([&] { return end.done(); }));
        CHECK(end.error);
    }
}

TEST_CASE("proxy_server: what goes wrong in a tunnel")
{
    using behave = proxy_behaviour;
    play p;
    CHECK(p.hear_through(behave::accept().close_at(proxy_point::to_client, 3), "abcdef") == "abc");
    CHECK(p.ended == net::error::eof);
    REQUIRE(p.proxy.wait_for_ends(1));
    CHECK(p.proxy.tunnels().at(0).end == proxy_tunnel_end::broken);
    CHECK(p.proxy.tunnels().at(0).to_client == 3);

    CHECK(p.hear_through(behave::accept().corrupt_at(proxy_point::to_client, 2), "abcdef") == "abbdef");
    auto const begun = std::chrono::steady_clock::now();
    CHECK(p.hear_through(behave::accept().split_every(2).slowed_to(100), "abcdef") == "abcdef");
    CHECK(std::chrono::steady_clock::now() - begun > std::chrono::milliseconds{40}); // at least two pauses

    p.open(behave::accept().reset_at(proxy_point::to_target, 4));
    net::write(p.tunnel, net::buffer("abcd", 4));
    CHECK(p.hear(p.tunnel) == "");
    CHECK(p.ended == net::error::connection_reset);

    p.open(behave::accept().corrupt_at(proxy_point::to_target, 1).stall_at(proxy_point::to_target, 3));
    net::write(p.tunnel, net::buffer("abcdef", 6));
    CHECK(p.hear(p.there, 3) == "acc");
    net::write(p.there, net::buffer("still there", 11)); // the other direction goes on
    CHECK(p.hear(p.tunnel, 11) == "still there");
    CHECK(p.there.available() == 0);
}

TEST_CASE("proxy_server: the first octets of the target come with the 200")
{
    play p;
    p.proxy.next(proxy_behaviour::accept().batched());
    p.origin.async_accept([&](error_code, tcp::socket accepted) {
        p.there = std::move(accepted);
        net::write(p.there, net::buffer("220 hello\r\n", 11));
    });
    REQUIRE(!p.dial());
    CHECK(p.tunnel.lowest_layer().available() == 11); // there with it, not behind it
    CHECK(p.hear(p.tunnel, 11) == "220 hello\r\n");
}

TEST_CASE("proxy_server: what was expected and did not come is told, with what came instead")
{
    play p;
    CHECK(p.proxy.unmet() == "");
    p.proxy.expect("api.example:443").times(2);
    p.proxy.expect("*.tracker.example:*").never();
    CHECK(p.proxy.unmet() == "expected api.example:443 2 times; it never came\nnothing else came\n");
    static_cast<void>(p.dial());
    static_cast<void>(p.dial("api.example:80"));
    CHECK(p.proxy.unmet() ==
          "expected api.example:443 2 times; it came once\nwhat came instead: api.example:80\n");
    static_cast<void>(p.dial());
    CHECK(p.proxy.unmet() == "");
    static_cast<void>(p.dial("x.tracker.example:1"));
    CHECK(p.proxy.unmet() ==
          "expected *.tracker.example:* never; it came once\nwhat came instead: api.example:80\n");
}

TEST_CASE("proxy_server: it lives on the test's own thread, too, and leaves nothing open")
{
    auto const before = fixture::open_descriptors();
    {
        fixture::event_loop loop;
        tcp::acceptor origin{loop.context, {net::ip::address_v4::loopback(), 0}};
        fixture::completion<viaduct::tunnel> end;
        proxy_server proxy{loop.executor()};
        proxy.otherwise({.status = 200, .leads_to = origin.local_endpoint()});
        viaduct::dialer through{loop.executor(), {.proxies = {{{proxy.url()}}}}};
        through.async_dial({"a.example", 1}, end.handler());
        REQUIRE(loop.run_until([&] { return end.done(); }));
        CHECK(!end.error);
    }
    CHECK(fixture::open_descriptors() == before);
}
