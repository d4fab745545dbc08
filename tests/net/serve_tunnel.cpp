#include "proxy_fixture.hpp"
#include "scripted_resolver.hpp"
#include <viaduct/server/serve_tunnel.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <list>
#include <memory>
#include <ostream>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>
#include <vector>

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
    /// With a name, the request asks for the origin by it.
    explicit tunnel_fixture(std::string const& name = "")
    {
        viaduct::connect_request head;
        head.method = "CONNECT";
        auto const at = viaduct::parse_authority(at_origin.target());
        origin_port = at.port();
        head.target = name.empty() ? at : viaduct::authority{name, origin_port};
        head.target_text = head.target->text();
        next = request{std::move(both.second), std::move(head)};
        way->ports.permit_all();
        way->guard.allow_all();
    }

    /// Lets nothing through but the address of the origin.
    void guard_all_but_origin()
    {
        error_code ec;
        way->guard = {};
        way->guard.allow(viaduct::address_block::parse("127.0.0.1", ec));
        way->names = names;
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

    std::shared_ptr<viaduct::egress> way = std::make_shared<viaduct::egress>();
    std::shared_ptr<scripted_resolver> names = std::make_shared<scripted_resolver>();
    origin at_origin{executor()};
    unsigned short origin_port = 0;
    std::pair<tcp::socket, tcp::socket> both{over_tcp::pair(executor())};
    client at_client{std::move(both.first)};
    request next;
    completion<tunnel_record, request> end;
};

/// A listener on another address of this machine whose queue is full, so that nothing answers there.
class silent_listener
{
public:
    silent_listener(net::io_context& context, unsigned short port) : listener_{context, tcp::v4()}
    {
        tcp::endpoint const where{net::ip::make_address("127.0.0.2"), port};
        listener_.bind(where);
        listener_.listen(0);
        for (int i = 0; i < 3; ++i)
            fillers_.emplace_back(context).async_connect(where, [](error_code) {});
    }

private:
    tcp::acceptor listener_;
    std::list<tcp::socket> fillers_;
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
    f.way->relay.idle_timeout = 20ms;
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

TEST_CASE("serve tunnel: what is under way for a client is given up once that resets its connection")
{
    for (bool const dials : {false, true}) {
        tunnel_fixture f{"silent.example"};
        silent_listener const nowhere{f.context, f.origin_port};
        f.way->names = f.names;
        f.way->resolve_timeout = 1h;
        f.way->clocks = {.attempt = 1h, .total = 1h, .stagger = 250ms};
        if (dials) f.names->answers = {{{}, found({"127.0.0.2"})}};
        f.start();
        f.run_steps(1000, [&] { return !f.names->asked.empty(); });
        REQUIRE(f.names->asked.size() == 1);
        f.at_client.reset();
        REQUIRE(f.finish());
        CHECK(f.end.error == net::error::connection_reset);
        CHECK(f.end.value().error == net::error::connection_reset);
        CHECK(f.end.value().status == 0); // nobody was there to be told
        CHECK(f.end.value().peer == (dials ? "127.0.0.2" : ""));
        CHECK(f.end.value().times.lookup != viaduct::request_times::never);
    }
}

TEST_CASE("serve tunnel: a client that has only ended its sending still gets its tunnel")
{
    tunnel_fixture f{"slow.example"};
    f.way->names = f.names;
    f.start();
    f.at_client.end();
    net::steady_timer later{f.context, 500ms}; // by then it is watched
    later.async_wait([&](error_code) { f.names->answer({}, found({"127.0.0.1"})); });
    REQUIRE(f.run_until([&] { return f.at_client.heard() == established; }));
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
    async_serve_tunnel(request{std::move(far), std::move(head)}, f.way,
                       net::bind_cancellation_slot(f.end.cancel.slot(),
                                                   [&](error_code, tunnel_record const&, request const&) {
                                                       ended = true;
                                                       closed = reads_end(near);
                                                   }));
    f.end.cancel.emit(net::cancellation_type::terminal);
    REQUIRE(f.run_until([&] { return ended; }));
    CHECK(closed);
}

TEST_CASE("serve tunnel: of a name's addresses only those are dialled that the guard allows")
{
    tunnel_fixture f{"mixed.example"};
    f.guard_all_but_origin();
    tcp::acceptor private_one{f.executor(), {net::ip::make_address("127.0.0.2"), f.origin_port}};
    bool trespassed = false;
    private_one.async_accept([&](error_code ec, tcp::socket const&) { trespassed = !ec; });
    f.names->answers = {{{}, found({"127.0.0.2", "127.0.0.1", "::ffff:127.0.0.2"})}};
    f.start();
    REQUIRE(f.run_until([&] { return f.at_client.heard() == established; }));
    f.at_origin.visitor().reset();
    REQUIRE(f.finish());
    CHECK(f.end.value().status == 200);
    CHECK(f.end.value().peer == "127.0.0.1");
    f.context.poll();
    CHECK_FALSE(trespassed);
    CHECK(f.names->asked.size() == 1);
}

TEST_CASE("serve tunnel: a name that changes its mind gains nothing by it")
{
    for (bool const harmless_first : {true, false}) {
        tunnel_fixture f{"rebinds.example"};
        f.guard_all_but_origin();
        f.names->answers = {{{}, found({"127.0.0.1"})}, {{}, found({"127.0.0.2"})}};
        if (!harmless_first) std::swap(f.names->answers[0], f.names->answers[1]);
        f.start();
        REQUIRE(f.run_until([&] { return f.at_client.ended() || f.at_client.heard() == established; }));
        if (harmless_first) f.at_origin.visitor().reset();
        REQUIRE(f.finish());
        CHECK(f.names->asked.size() == 1); // what was judged is what is dialled: nobody asks again
        CHECK(f.end.value().status == (harmless_first ? 200 : 403));
        if (!harmless_first) CHECK(f.end.error == errc::destination_prohibited);
    }
}

TEST_CASE("serve tunnel: in Squid's profile the client hears Squid's status, and the record has it too")
{
    tunnel_fixture f{"nowhere.example"};
    f.way->names = f.names;
    f.names->answers = {{net::error::host_not_found, {}}};
    f.way->statuses = viaduct::status_profile::squid;
    f.start();
    REQUIRE(f.finish());
    CHECK(f.end.value().status == 503);
    CHECK(f.end.value().proxy_error == "dns_error");
    REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
    CHECK(f.at_client.heard() ==
          viaduct::refusal_for(errc::destination_unresolvable, viaduct::status_profile::squid).text());
}

TEST_CASE("serve tunnel: a delay pool holds back what the origin sends, and nothing of the client's")
{
    tunnel_fixture f;
    viaduct::access_list everybody;
    everybody.add({viaduct::rule_action::allow, {}, "allow", {}});
    std::vector<viaduct::delay_pool> list{{.host = {200'000, 200'000}, .access = everybody}};
    f.way->delays =
        std::make_shared<viaduct::delay_pools>(std::move(list), viaduct::delay_options{.initial_level = 0});
    auto const start = std::chrono::steady_clock::now();
    f.start();
    std::string const much(50'000, 'm');
    f.at_client.say(much + much + much + much);
    REQUIRE(f.run_until([&] { return f.at_client.heard() == established; }));
    f.at_origin.visitor().say(much);
    REQUIRE(f.run_until([&] { return f.at_origin.visitor().heard().size() == 4 * much.size(); }));
    REQUIRE(f.run_until([&] { return f.at_client.heard() == established + much; }));
    CHECK(std::chrono::steady_clock::now() - start >= 240ms); // a quarter of a second's worth
    CHECK(f.way->delays->tracked() == 1);
}
