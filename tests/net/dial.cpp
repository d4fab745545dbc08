#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/client/dial.hpp> // the header is self-contained
#include <viaduct/testing/scripted_peer.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <thread>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::async_dial;
using viaduct::authority;
using viaduct::dial_options;
using viaduct::dial_phase;
using viaduct::dial_result;
using viaduct::errc;
using viaduct::error_code;
using viaduct::proxy_url;
using tcp = viaduct::net::ip::tcp;
using peer = viaduct::testing::scripted_peer<tcp::socket>;

namespace {

authority const target{"broker.example", 8883};
std::string const established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// A listener that hands its first connection to a script.
struct dial_fixture : event_loop
{
    template <class Script>
    void accept(Script script)
    {
        listener.async_accept([this, script](error_code ec, tcp::socket accepted) {
            if (ec) return;
            proxy = std::make_unique<peer>(std::move(accepted));
            script(*proxy);
            proxy->start();
        });
    }

    [[nodiscard]] proxy_url url(std::string host = "127.0.0.1") const
    {
        return {authority{host, listener.local_endpoint().port()}};
    }

    void start(proxy_url const& where, dial_options const& options = {})
    {
        async_dial(socket, where, target, options, end.handler());
        CHECK(end.calls == 0);
    }
    error_code run(proxy_url const& where, dial_options const& options = {})
    {
        start(where, options);
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        CHECK(socket.is_open() == !end.error);
        return end.error;
    }
    [[nodiscard]] dial_result const& result() { return end.value(); }

    tcp::acceptor listener{context, {net::ip::address_v4::loopback(), 0}};
    tcp::socket socket{context};
    std::unique_ptr<peer> proxy;
    completion<dial_result> end;
};

} // namespace

TEST_CASE("dial: a tunnel through a proxy is a socket like any other")
{
    dial_fixture f;
    f.accept([](peer& p) { p.expect_until("\r\n\r\n").reply(established + "SSH").expect("hello"); });
    CHECK_FALSE(f.run(f.url("localhost")));
    CHECK(f.proxy->received().starts_with("CONNECT broker.example:8883 HTTP/1.1\r\n"));
    CHECK(f.result().phase == dial_phase::established);
    CHECK(f.result().proxy.port() == f.listener.local_endpoint().port());
    CHECK(f.result().reply.status == 200);
    CHECK(f.result().resolved.count() > 0);
    CHECK(f.result().connected >= f.result().resolved);
    CHECK(f.result().established >= f.result().connected);

    collector rest{f.socket};
    send(f.socket, "hello");
    REQUIRE(f.run_until([&] { return rest.text == "SSH" && f.proxy->finished(); }));
    CHECK(f.proxy->problem() == "");
}

TEST_CASE("dial: the credentials of the URL go before those of the options")
{
    dial_fixture f;
    f.accept([](peer& p) { p.expect_until("\r\n\r\n").reply(established); });
    auto url = f.url();
    url.who = viaduct::credentials{"user", "pass"};
    CHECK_FALSE(f.run(url, {.connect = {.who = viaduct::credentials{"other", "x"}}}));
    CHECK(f.proxy->received().find("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n") != std::string::npos);
}

TEST_CASE("dial: a refusal is told with everything that the proxy said, and the socket is closed")
{
    dial_fixture f;
    f.accept([](peer& p) {
        p.expect_until("\r\n\r\n").reply("HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\nbanned");
    });
    CHECK(f.run(f.url()) == errc::proxy_refused);
    CHECK(f.result().phase == dial_phase::handshake);
    CHECK(f.result().reply.body == "banned");
    CHECK(f.result().established.count() == 0);
}

TEST_CASE("dial: nobody listens there")
{
    dial_fixture f;
    auto const url = f.url();
    f.listener.close();
    CHECK(f.run(url) == net::error::connection_refused);
    CHECK(f.result().phase == dial_phase::connect);
    CHECK(f.result().proxy.port() == url.endpoint.port());
    CHECK(f.result().reply.status == 0);
}

TEST_CASE("dial: a proxy whose name leads nowhere")
{
    dial_fixture f;
    auto const ec = f.run(f.url("no-such-proxy.invalid"), {.resolve_timeout = 500ms});
    CHECK(ec); // the name service says so, or says nothing in time
    CHECK(f.result().phase == dial_phase::resolve);
    CHECK(f.result().resolved.count() == 0);
}

TEST_CASE(
    "dial: a proxy that accepts and says nothing is given up, by the clock of the phase or by that of all")
{
    for (bool const whole : {false, true}) {
        dial_fixture f;
        dial_options options;
        (whole ? options.timeout : options.connect.timeout) = 50ms;
        CHECK(f.run(f.url(), options) == errc::handshake_timeout); // the system accepts by itself
        CHECK(f.result().phase == dial_phase::handshake);
    }
}

TEST_CASE("dial: it can be cancelled at every step, and closes its socket")
{
    for (auto const type : every_cancellation) {
        bool got_through = false;
        for (std::size_t steps = 0; !got_through; ++steps) {
            REQUIRE(steps < 1000);
            dial_fixture f;
            f.accept([](peer& p) { p.expect_until("\r\n\r\n").reply(established); });
            f.start(f.url());
            f.run_steps(steps, [&] { return f.end.done(); });
            got_through = f.end.done();
            if (!got_through) f.end.cancel.emit(type);
            REQUIRE(f.run_until([&] { return f.end.done(); }));
            CHECK(f.end.calls == 1);
            CHECK(f.socket.is_open() == got_through);
            CHECK(f.end.error == (got_through ? error_code{} : error_code{net::error::operation_aborted}));
        }
    }
}

TEST_CASE("dial: a context may be destroyed at every step")
{
    bool got_through = false;
    for (std::size_t steps = 0; !got_through; ++steps) {
        REQUIRE(steps < 1000);
        dial_fixture f;
        f.accept([](peer& p) { p.expect_until("\r\n\r\n").reply(established); });
        f.start(f.url("localhost"));
        f.run_steps(steps, [&] { return f.end.done(); });
        got_through = f.end.done();
    }
}

TEST_CASE("dial: the blocking form fills any socket, whatever that was before")
{
    dial_fixture f;
    std::jthread const proxy{[&] {
        for (auto const& answer : {established, std::string{"HTTP/1.1 403 No\r\n\r\n"}}) {
            auto client = f.listener.accept();
            std::string head(4096, '\0');
            client.read_some(net::buffer(head));
            net::write(client, net::buffer(answer));
        }
    }};
    error_code ec;
    f.socket.open(tcp::v6());
    auto const open = dial(f.socket, f.url(), target, {}, ec);
    CHECK_FALSE(ec);
    CHECK(open.phase == dial_phase::established);
    REQUIRE(f.socket.is_open());
    CHECK(f.socket.remote_endpoint() == f.listener.local_endpoint());

    auto const refused = dial(f.socket, f.url(), target, {}, ec);
    CHECK(ec == errc::proxy_refused);
    CHECK(refused.reply.status == 403);
    CHECK_FALSE(f.socket.is_open());
}
