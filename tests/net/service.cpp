#include "service_fixture.hpp"
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/service.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::address_block;
using viaduct::errc;
using viaduct::error_code;
using viaduct::refusal_for;
using viaduct::request_outcome;
using viaduct::service;
using viaduct::service_options;
using viaduct::tunnel_record;

namespace {

/// A log that does something with its first record, in the very call that brings it.
class reacting_sink final : public viaduct::log_sink
{
public:
    void write(tunnel_record const&) noexcept override
    {
        if (auto const react = std::exchange(reaction, nullptr)) react();
    }

    std::function<void()> reaction;
};

} // namespace

TEST_CASE("service: a tunnel from end to end, and its record")
{
    service_fixture f;
    f.start();
    auto& c = f.connect(f.at_origin.target());
    c.say("early, ");
    REQUIRE(f.run_until([&] { return c.heard() == established; }));
    CHECK(f.proxy->active() == 1);
    c.say("question");
    REQUIRE(f.run_until([&] { return f.at_origin.visitor().heard() == "early, question"; }));
    f.at_origin.visitor().say("answer");
    REQUIRE(f.run_until([&] { return c.heard() == established + "answer"; }));
    c.end();
    REQUIRE(f.run_until([&] { return f.at_origin.visitor().ended(); }));
    CHECK(f.at_origin.visitor().ended_well());
    f.at_origin.visitor().say(" and more"); // the other direction goes on
    REQUIRE(f.run_until([&] { return c.heard() == established + "answer and more"; }));
    CHECK(f.log.records().empty());
    f.at_origin.visitor().end();

    auto const record = f.record();
    CHECK(record.client == "127.0.0.1");
    CHECK(record.client_port == c.address().port());
    CHECK(record.method == "CONNECT");
    CHECK(record.target == f.at_origin.target());
    CHECK(record.outcome == request_outcome::tunnel);
    CHECK(record.status == 200);
    CHECK(record.peer == "127.0.0.1");
    CHECK(record.proxy_error == "");
    CHECK_FALSE(record.error);
    CHECK(record.content_type == "");
    CHECK(record.bytes_from_client == 15);
    CHECK(record.bytes_to_client == established.size() + 15);
    CHECK(record.elapsed.count() > 0);
    CHECK(record.ended.time_since_epoch().count() > 0);
    REQUIRE(f.run_until([&] { return f.proxy->active() == 0 && c.ended(); }));
    CHECK(c.ended_well());
}

TEST_CASE("service: a client of IPv4 is told as one, whatever else the port is for")
{
    service_fixture f;
    auto options = f.open_to_all();
    options.listen = {{net::ip::address_v6::any(), 0}};
    f.start(std::move(options));
    auto const port = f.proxy->endpoints().at(0).port();
    client c{f.executor(), {net::ip::address_v4::loopback(), port}};
    c.say("CONNECT 127.0.0.1:bad HTTP/1.1\r\n\r\n");
    auto const record = f.record();
    CHECK(record.client == "127.0.0.1");
    CHECK(record.connection == "127.0.0.1");
    CHECK(record.client_port == c.address().port());
}

TEST_CASE("service: only port 443 is permitted, unless told otherwise")
{
    service_fixture f;
    f.start({});
    CHECK(f.refused("127.0.0.1:22") == refusal_for(errc::port_prohibited).text());
    auto const record = f.record();
    CHECK(record.outcome == request_outcome::denied);
    CHECK(record.status == 403);
    CHECK(record.target == "127.0.0.1:22");
    CHECK(record.peer == "");
    CHECK(record.error == errc::port_prohibited);
    CHECK(record.proxy_error == "http_request_denied");
    CHECK(record.content_type == "text/plain");
    CHECK(record.bytes_to_client == refusal_for(errc::port_prohibited).text().size());
}

TEST_CASE("service: nobody gets to the proxy's own machine by default, under whatever name")
{
    service_fixture f;
    service_options options;
    options.way.ports.permit_all();
    f.start(std::move(options));
    auto const port = f.at_origin.target().substr(f.at_origin.target().find(':'));
    std::size_t count = 0;
    for (std::string const host : {"127.0.0.1", "localhost", "LOCALHOST.", "[::1]", "[::ffff:127.0.0.1]",
                                   "[::127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0", "[::]"}) {
        CHECK(f.refused(host + port) == refusal_for(errc::destination_prohibited).text());
        auto const record = f.record(++count);
        CHECK(record.outcome == request_outcome::denied);
        CHECK(record.error == errc::destination_prohibited);
        CHECK(record.peer == "");
    }
    CHECK(f.at_origin.connections() == 0);
}

TEST_CASE("service: what its operator allows is let through")
{
    service_fixture f;
    service_options options;
    options.way.ports.permit_all();
    error_code ec;
    options.way.guard.allow(address_block::parse("127.0.0.0/8", ec));
    f.start(std::move(options));
    CHECK(f.open_tunnel().heard() == established);
}

TEST_CASE("service: a destination that refuses is a bad gateway, and 200 was never said")
{
    service_fixture f;
    f.start();
    f.at_origin.stop_listening();
    tcp::acceptor gone{f.context, somewhere};
    auto const target = "127.0.0.1:" + std::to_string(gone.local_endpoint().port());
    gone.close();
    CHECK(f.refused(target) == refusal_for(net::error::connection_refused).text());
    auto const record = f.record();
    CHECK(record.outcome == request_outcome::tunnel); // it was tried
    CHECK(record.status == 502);
    CHECK(record.peer == "127.0.0.1");
    CHECK(record.error == net::error::connection_refused);
    CHECK(record.proxy_error == "connection_refused");
}

TEST_CASE("service: a name without address is a bad gateway or a gateway's timeout, and has no peer")
{
    service_fixture f;
    auto options = f.open_to_all();
    options.way.resolve_timeout = 500ms;
    f.start(std::move(options));
    auto const answer = f.refused("no-such-host.invalid:443");
    CHECK((answer == refusal_for(errc::destination_unresolvable).text() ||
           answer == refusal_for(errc::resolve_timeout).text()));
    CHECK(f.record().outcome == request_outcome::tunnel);
    CHECK(f.record().peer == "");
}

TEST_CASE("service: requests without a tunnel are recorded in the same log")
{
    service_fixture f;
    f.start();
    client c{f.executor(), f.proxy->endpoints().at(0)};
    c.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(f.record().status == 405);
    CHECK(f.proxy->active() == 0);
}

TEST_CASE("service: listens in several places, and tells where it cannot")
{
    service_fixture f;
    auto options = f.open_to_all();
    options.listen = {somewhere, somewhere};
    f.start(std::move(options));
    REQUIRE(f.proxy->endpoints().size() == 2);
    for (auto const& where : f.proxy->endpoints()) {
        client c{f.executor(), where};
        c.say(connect_to(f.at_origin.target()));
        REQUIRE(f.run_until([&] { return c.heard() == established; }));
    }
    auto taken = f.open_to_all();
    taken.listen = {f.proxy->endpoints()[1]};
    try {
        service const second{f.executor(), std::move(taken)};
        FAIL("two services on one port");
    } catch (viaduct::system_error const& e) {
        auto const port = std::to_string(f.proxy->endpoints()[1].port());
        CHECK(std::string{e.what()}.starts_with("cannot listen on 127.0.0.1:" + port));
    }
}

TEST_CASE("service: draining without tunnels ends at once, and nobody is accepted any more")
{
    service_fixture f;
    f.start();
    auto const where = f.proxy->endpoints().at(0);
    completion<> end;
    f.drain(end, 1h);
    REQUIRE(f.run(end));
    CHECK_FALSE(end.error);
    CHECK_THROWS_AS((client{f.executor(), where}), viaduct::system_error);
}

TEST_CASE("service: draining waits for the tunnels that are open")
{
    service_fixture f;
    f.start();
    auto& one = f.open_tunnel();
    auto& other = f.open_tunnel();
    completion<> end;
    f.drain(end, 1h);
    other.reset();
    CHECK(f.record().status == 200);
    CHECK_FALSE(end.done());
    one.close();
    REQUIRE(f.run(end));
    CHECK_FALSE(end.error);
    CHECK(f.proxy->active() == 0);
    CHECK(f.log.records().size() == 2);
}

TEST_CASE("service: draining ends the tunnels when its time is over, and their records say why")
{
    service_fixture f;
    f.start();
    auto& one = f.open_tunnel();
    auto& other = f.open_tunnel();
    completion<> end;
    f.drain(end, 30ms);
    REQUIRE(f.run(end));
    CHECK(end.error == errc::shutdown_timeout);
    CHECK(f.proxy->active() == 0);
    REQUIRE(f.log.records().size() == 2);
    for (auto const& record : f.log.records())
        CHECK(record.error == errc::shutdown_timeout);
    REQUIRE(f.run_until([&] { return one.ended() && other.ended(); }));
}

TEST_CASE("service: a drain that is cancelled ends the tunnels at once")
{
    for (auto const type : every_cancellation) {
        service_fixture f;
        f.start();
        f.open_tunnel();
        completion<> end;
        f.drain(end, 1h);
        net::post(f.context, [&] { end.cancel.emit(type); });
        REQUIRE(f.run(end));
        CHECK(f.proxy->active() == 0);
        CHECK(f.log.records().size() == 1);
    }
}

TEST_CASE("service: stopping ends everything, also in the middle of a drain")
{
    for (bool const draining : {false, true}) {
        service_fixture f;
        f.start();
        auto& c = f.open_tunnel();
        completion<> end;
        if (draining) f.drain(end, 1h);
        f.context.poll();
        f.proxy->stop();
        REQUIRE(f.run_until([&] { return c.ended() && f.proxy->active() == 0; }));
        CHECK(f.record().error == net::error::operation_aborted);
        if (draining) REQUIRE(f.run(end));
        if (draining) CHECK_FALSE(end.error);
    }
}

TEST_CASE("service: it may be stopped at every step of a request, and nothing is left open")
{
    bool tunnel_was_open = false;
    for (std::size_t steps = 0; !tunnel_was_open; ++steps) {
        REQUIRE(steps < 1000);
        service_fixture f;
        f.start();
        auto& c = f.connect(f.at_origin.target());
        f.run_steps(steps, [&] { return c.heard() == established; });
        tunnel_was_open = c.heard() == established;
        f.proxy->stop();
        completion<> end;
        f.drain(end, 1h);
        REQUIRE(f.run(end));
        CHECK(f.proxy->active() == 0);
        REQUIRE(f.run_until([&] { return c.ended(); }));
        CHECK(f.log.records().size() <= 1);
    }
}

TEST_CASE("service: a log may stop the service whose record it gets")
{
    service_fixture f;
    reacting_sink stopping;
    auto options = f.open_to_all();
    options.accept.log = &stopping;
    f.start(std::move(options));
    stopping.reaction = [&] { f.proxy->stop(); };
    auto& one = f.open_tunnel();
    auto& other = f.open_tunnel();
    one.reset();
    REQUIRE(f.run_until([&] { return other.ended() && f.proxy->active() == 0; }));
}

TEST_CASE("service: one that is destroyed ends what it has begun")
{
    service_fixture f;
    f.start();
    auto& c = f.open_tunnel();
    f.proxy.reset();
    REQUIRE(f.run_until([&] { return c.ended(); }));
    CHECK(f.record().error == net::error::operation_aborted);
}

TEST_CASE("service: a context may be destroyed at every step")
{
    bool tunnel_was_open = false;
    for (std::size_t steps = 0; !tunnel_was_open; ++steps) {
        REQUIRE(steps < 1000);
        auto f = std::make_unique<service_fixture>();
        f->start();
        auto& c = f->connect(f->at_origin.target());
        f->run_steps(steps, [&] { return c.heard() == established; });
        tunnel_was_open = c.heard() == established;
        completion<> end;
        if (steps % 2 == 0) f->proxy->async_drain(1h, end.handler());
        f.reset();
    }
}

namespace {

/// Options for a change: the ports that are there, under another name.
[[nodiscard]] service_options renamed(service_fixture const& f, std::string name)
{
    auto options = service_fixture::open_to_all();
    options.accept.log = const_cast<viaduct::testing::recording_sink*>(&f.log);
    options.accept.name = std::move(name);
    for (auto const& where : f.proxy->endpoints())
        options.listen.emplace_back(where);
    return options;
}

} // namespace

TEST_CASE("service: a port that is in the new configuration, too, is not closed, and its queue is served")
{
    service_fixture f;
    auto first = f.open_to_all();
    first.accept.max_heads = 1; // who comes second stays in the system's queue
    first.accept.name = "before";
    f.start(first);
    auto const where = f.proxy->endpoints();
    auto const& open = f.open_tunnel();
    auto& slow = f.connect_and_say("CONNECT " + f.at_origin.target());
    REQUIRE(f.run_until([&] { return f.proxy->active() == 1; }));
    auto& waits = f.connect(f.at_origin.target());
    f.context.poll();
    CHECK(waits.heard() == "");
    auto next = renamed(f, "after");
    next.listen = {somewhere}; // the port of before is one for it
    f.proxy->reload(std::move(next));
    CHECK(f.proxy->endpoints() == where);
    REQUIRE(f.run_until([&] { return waits.heard() == established; }));
    slow.say(" HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(f.run_until([&] { return slow.heard() == established; }));
    CHECK(f.open_tunnel().heard() == established);
    CHECK(open.heard() == established);
    slow.reset();
    CHECK(f.record(1).listener == "before");
    waits.reset();
    CHECK(f.record(2).listener == "after");
}

TEST_CASE("service: new ports are opened, others closed once those who wait there have been taken in")
{
    service_fixture f;
    auto first = f.open_to_all();
    first.listen = {somewhere, somewhere};
    f.start(first);
    auto const before = f.proxy->endpoints();
    client waits{f.executor(), before[0]};
    waits.say(connect_to(f.at_origin.target()));
    auto next = renamed(f, "");
    next.listen.erase(next.listen.begin());
    next.listen.emplace_back(net::ip::make_address("127.0.0.2"), std::uint16_t{0});
    f.proxy->reload(std::move(next));
    auto const after = f.proxy->endpoints();
    REQUIRE(after.size() == 2);
    CHECK(after[0] == before[1]);
    CHECK(after[1].address().to_string() == "127.0.0.2");
    CHECK_THROWS_AS((client{f.executor(), before[0]}), viaduct::system_error);
    for (auto const& where : after) {
        client c{f.executor(), where};
        c.say(connect_to(f.at_origin.target()));
        REQUIRE(f.run_until([&] { return c.heard() == established; }));
    }
    REQUIRE(f.run_until([&] { return waits.heard() == established; }));
    f.clients.push_back(std::make_unique<client>(f.executor(), after[0]));
    f.clients.back()->say(connect_to("127.0.0.2:" + std::to_string(after[1].port()))); // the way back to it
    CHECK(f.last_words(*f.clients.back()) == refusal_for(errc::destination_prohibited).text());
}

TEST_CASE("service: a port that cannot be opened leaves everything as it was")
{
    service_fixture f;
    auto first = f.open_to_all();
    first.accept.name = "before";
    f.start(first);
    auto const where = f.proxy->endpoints();
    tcp::acceptor const taken{f.context, somewhere};
    auto const descriptors = open_descriptors();
    auto next = renamed(f, "after");
    next.listen.emplace_back(somewhere);
    next.listen.emplace_back(taken.local_endpoint());
    next.way = {};
    auto const text = "cannot listen on 127.0.0.1:" + std::to_string(taken.local_endpoint().port());
    CHECK_THROWS_WITH_AS(f.proxy->reload(next), doctest::Contains(text.c_str()), viaduct::system_error);
    CHECK(f.proxy->endpoints() == where);
    CHECK(open_descriptors() == descriptors);
    f.open_tunnel().reset();
    CHECK(f.record().listener == "before");
}

TEST_CASE("service: heads from before a change are dropped by a drain as all are, and nothing piles up")
{
    service_fixture f;
    f.start();
    f.open_tunnel().reset();
    std::ignore = f.record();
    auto const descriptors = open_descriptors();
    for (int i = 0; i < 50; ++i) {
        f.proxy->reload(renamed(f, "again"));
        f.open_tunnel().reset();
        std::ignore = f.record(static_cast<std::size_t>(i) + 2);
    }
    f.clients.clear();
    f.context.poll();
    CHECK(open_descriptors() <= descriptors);
    auto& slow = f.connect_and_say("CONNECT ");
    f.open_tunnel().reset(); // the other one has been accepted by now
    std::ignore = f.record(52);
    f.proxy->reload(renamed(f, "last"));
    completion<> end;
    f.drain(end, 1h);
    f.proxy->reload(renamed(f, "too late"));
    REQUIRE(f.run_until([&] { return end.done() && slow.ended(); }));
    CHECK(f.record(53).error == net::error::operation_aborted);
}
