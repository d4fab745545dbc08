#include "dial_fixture.hpp"
#include "scripted_resolver.hpp"
#include "streams.hpp"
#include <viaduct/client/dialer.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::authority;
using viaduct::connect_failure;
using viaduct::dial_phase;
using viaduct::dialer;
using viaduct::dialer_options;
using viaduct::errc;
using viaduct::error_code;
using viaduct::proxy_scheme;
using viaduct::proxy_url;
using viaduct::tunnel;
using tcp = viaduct::net::ip::tcp;
using peer = listening_proxy::peer;

TEST_CASE("dialer: a tunnel through a proxy is a stream whose first octet is the target's")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) { p.expect_until("\r\n\r\n").reply(established + "SSH").expect("hello"); });
    CHECK_FALSE(f.run(through(f.proxy.url(proxy_scheme::http, "localhost"))));
    CHECK(f.proxy.connection(0).received().starts_with("CONNECT broker.example:8883 HTTP/1.1\r\n"));
    CHECK(f.report().phase == dial_phase::established);
    CHECK(f.report().remote == f.proxy.acceptor().local_endpoint());
    CHECK(f.report().local == f.result().lowest_layer().local_endpoint());
    CHECK(f.report().reply.status == 200);
    CHECK(f.report().resolved.count() > 0);
    CHECK(f.report().connected >= f.report().resolved);
    CHECK(f.report().established >= f.report().connected);

    collector rest{f.result()};
    send(f.result(), "hello");
    REQUIRE(f.run_until([&] { return rest.text == "SSH" && f.proxy.connection(0).finished(); }));
    CHECK(f.proxy.connection(0).problem() == "");
}

TEST_CASE("dialer: without TLS in it, a tunnel gives its bare socket away")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) { p.expect_until("\r\n\r\n").reply(established + "SSH"); });
    CHECK_FALSE(f.run(through(f.proxy.url())));
    auto socket = f.result().release();
    CHECK_FALSE(f.result().is_open());
    std::string octets(3, '\0');
    CHECK(socket.receive(net::buffer(octets)) == 3);
    CHECK(octets == "SSH");
}

TEST_CASE("dialer: it fills the caller's own socket, whatever that was before")
{
    dial_fixture f;
    f.proxy.expect(opens);
    tcp::socket socket{f.context};
    socket.open(tcp::v6());
    completion<viaduct::dial_report> end;
    dialer{f.executor(), through(f.proxy.url())}.async_dial(socket, target, end.handler());
    REQUIRE(f.run_until([&] { return end.done(); }));
    CHECK_FALSE(end.error);
    CHECK(socket.remote_endpoint() == f.proxy.acceptor().local_endpoint());
    CHECK(end.value().reply.status == 200);
}

TEST_CASE("dialer: no proxy is the direct way")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) { p.reply("hello"); });
    completion<tunnel> end;
    dialer{f.executor()}.async_dial(f.proxy.url().endpoint, end.handler());
    REQUIRE(f.run_until([&] { return end.done(); }));
    CHECK_FALSE(end.error);
    CHECK(end.value().report().hop == "direct");
    collector greeting{end.value()};
    REQUIRE(f.run_until([&] { return greeting.text == "hello"; }));
}

TEST_CASE("dialer: a challenge is answered on the same connection, and the next tunnel does not wait for one")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) {
        p.expect_until("\r\n\r\n").reply(basic_wanted).expect_until("\r\n\r\n").reply(established);
    });
    dialer const keep{f.executor(), through(with_user(f.proxy.url()))};
    auto again = keep;
    again.async_dial(target, f.end.handler());
    CHECK_FALSE(f.finish());
    CHECK(f.proxy.connection(0).received().find(basic_sent) != std::string::npos);
    CHECK(f.report().reply.attempts.size() == 2);
    CHECK(f.report().reply.attempts[0].status == 407);
    CHECK(f.report().reply.attempts[1].scheme == "Basic");

    f.proxy.expect(opens);
    completion<tunnel> second;
    again.async_dial(target, second.handler());
    REQUIRE(f.run_until([&] { return second.done(); }));
    CHECK_FALSE(second.error);
    CHECK(f.proxy.connection(1).received().find(basic_sent) != std::string::npos);
}

TEST_CASE(
    "dialer: credentials are shown to nobody who has not asked, and those for all to nobody who has others")
{
    dial_fixture f;
    f.proxy.expect(opens);
    auto options = through(with_user(f.proxy.url()));
    options.connect.who = viaduct::credentials{"anybody", "else"};
    CHECK_FALSE(f.run(options));
    CHECK(f.proxy.connection(0).received().find("Authorization") == std::string::npos);
}

TEST_CASE("dialer: a proxy that closes behind its challenge gets a new connection")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) {
        p.expect_until("\r\n\r\n")
            .reply("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nConnection: close\r\n\r\n")
            .close();
    });
    f.proxy.expect(opens);
    CHECK_FALSE(f.run(through(with_user(f.proxy.url()))));
    CHECK(f.proxy.connections() == 2);
    CHECK(f.proxy.connection(1).received().find(basic_sent) != std::string::npos);
}

TEST_CASE("dialer: a refusal is final, although there are other proxies, and tells everything")
{
    dial_fixture f;
    listening_proxy other{f.context};
    f.proxy.expect([](peer& p) {
        p.expect_until("\r\n\r\n")
            .reply("HTTP/1.1 403 N\xf6\r\nProxy-Status: p; error=http_request_denied; "
                   "details=\"banned\"\r\n"
                   "Content-Length: 6\r\n\r\nbanned");
    });
    CHECK(f.run({.proxies = {{{f.proxy.url()}, {other.url()}}}}) == errc::proxy_denied);
    CHECK(f.end.error == viaduct::condition::permission_denied);
    CHECK(other.connections() == 0);
    connect_failure const failure{f.end.error, f.report()};
    CHECK(failure.status() == 403);
    CHECK(failure.report.phase == dial_phase::handshake);
    CHECK(failure.report.reply.body == "banned");
    CHECK(failure.report.established.count() == 0);
    CHECK(failure.message() == to_text(f.proxy.url()) +
                                   " answered 403 N?: the proxy does not permit the tunnel"
                                   " (http_request_denied, banned)");
}

TEST_CASE("dialer: a proxy that cannot be reached gives way to the next one, and stands behind it afterwards")
{
    dial_fixture f;
    listening_proxy gone{f.context};
    auto const first = gone.url();
    gone.close();
    f.proxy.expect(opens);
    dialer through{f.executor(), {.proxies = {{{first}, {f.proxy.url()}}}}};
    through.async_dial(target, f.end.handler());
    CHECK_FALSE(f.finish());
    CHECK(f.report().way == 1);
    CHECK(f.report().attempts.front().error == net::error::connection_refused);
    CHECK(f.report().attempts.front().hop == to_text(first));

    f.proxy.expect(opens);
    completion<tunnel> second;
    through.async_dial(target, second.handler());
    REQUIRE(f.run_until([&] { return second.done(); }));
    CHECK(second.value().report().attempts.front().hop == to_text(f.proxy.url()));
}

TEST_CASE("dialer: the direct way is taken only where it is listed")
{
    dial_fixture f;
    auto const gone = f.proxy.url();
    f.proxy.close();
    CHECK(f.run(through(gone)) == net::error::connection_refused);
    CHECK(f.report().phase == dial_phase::connect);

    dial_fixture g;
    g.proxy.expect([](peer& p) { p.reply("hello"); });
    completion<tunnel> end;
    dialer{g.executor(), {.proxies = {{{gone}, {}}}}}.async_dial(g.proxy.url().endpoint, end.handler());
    REQUIRE(g.run_until([&] { return end.done(); }));
    CHECK_FALSE(end.error);
    CHECK(end.value().report().hop == "direct");
}

TEST_CASE("dialer: each proxy of a chain is asked for the next one, in its own language")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) {
        p.expect(std::string{"\x05\x01\x00", 3})
            .reply(std::string{"\x05\x00", 2})
            .expect(std::string{"\x05\x01\x00\x03\x04next\x0c\x38", 11})
            .reply(std::string{"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01", 10})
            .expect_until("\r\n\r\n")
            .reply(established + "SSH");
    });
    CHECK_FALSE(f.run({.proxies = {{{f.proxy.url(proxy_scheme::socks5h), {authority{"next", 3128}}}}}}));
    CHECK(f.proxy.connection(0).received().starts_with("CONNECT broker.example:8883 HTTP/1.1\r\n"));
    CHECK(f.report().hop == "http://next:3128");
    CHECK(f.report().hop_index == 1);
    collector rest{f.result()};
    REQUIRE(f.run_until([&] { return rest.text == "SSH"; }));
}

TEST_CASE("dialer: a new connection for a later proxy goes to the first one, who is asked for it again")
{
    dial_fixture f;
    auto const lets_through = [](peer& p) -> peer& {
        return p.expect(std::string{"\x05\x01\x00", 3})
            .reply(std::string{"\x05\x00", 2})
            .expect_until(std::string{"\x0c\x38", 2})
            .reply(std::string{"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01", 10})
            .expect_until("\r\n\r\n");
    };
    f.proxy.expect(
        [=](peer& p) { lets_through(p).reply("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n"); });
    f.proxy.expect([=](peer& p) { lets_through(p).reply(established); });
    auto const next = with_user({authority{"localhost", 3128}});
    CHECK_FALSE(f.run({.proxies = {{{f.proxy.url(proxy_scheme::socks5), next}}}}));
    CHECK(f.proxy.connections() == 2);
}

TEST_CASE("dialer: a SOCKS proxy that wants addresses gets one, and says why it refuses")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) {
        p.expect(std::string{"\x05\x01\x00", 3})
            .reply(std::string{"\x05\x00", 2})
            .expect_until(std::string{"\x01\xbb", 2})
            .reply(std::string{"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00", 10});
    });
    completion<tunnel> end;
    dialer{f.executor(), through(f.proxy.url(proxy_scheme::socks5))}.async_dial({"localhost", 443},
                                                                                end.handler());
    REQUIRE(f.run_until([&] { return end.done(); }));
    CHECK(end.error == errc::socks_connection_refused);
    CHECK(end.value().report().socks_reply == 5);
    auto const request = f.proxy.connection(0).received();
    CHECK((request.starts_with(std::string{"\x05\x01\x00\x01", 4}) ||
           request.starts_with(std::string{"\x05\x01\x00\x04", 4})));
}

TEST_CASE("dialer: a SOCKS4 proxy gets an IPv4 address, which the dial's own name service has found")
{
    for (bool const grants : {true, false}) {
        dial_fixture f;
        f.proxy.expect([grants](peer& p) {
            p.expect(std::string{"\x04\x01\x22\xb3\xc0\x00\x02\x07user\x00", 13})
                .reply(std::string{grants ? "\x00\x5a" : "\x00\x5b", 2} + "ppaaaa" + "SSH");
        });
        auto const names = std::make_shared<scripted_resolver>();
        names->answers = {{{}, found({"127.0.0.1"})}, {{}, found({"2001:db8::1", "192.0.2.7"})}};
        auto options = through(with_user(f.proxy.url(proxy_scheme::socks4, "proxy.example")));
        options.names = names;
        CHECK(f.run(options) == (grants ? error_code{} : error_code{errc::socks_failed}));
        CHECK(f.report().socks_reply == (grants ? 0 : 0x5b));
        CHECK(names->asked == std::vector<std::string>{"proxy.example", target.host()});
        if (!grants) continue;
        collector rest{f.result()};
        REQUIRE(f.run_until([&] { return rest.text == "SSH"; }));
    }
}

TEST_CASE("dialer: what has no IPv4 address is nothing for SOCKS4, but for SOCKS4A, which looks it up itself")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) { p.expect_until("never"); });
    f.proxy.expect([](peer& p) {
        p.expect(std::string{"\x04\x01\x22\xb3\x00\x00\x00\x01\x00"
                             "broker.example\x00",
                             24})
            .reply(std::string{"\x00\x5a", 2} + "ppaaaa");
    });
    auto const names = std::make_shared<scripted_resolver>();
    names->answers = {{{}, found({"2001:db8::1"})}};
    CHECK_FALSE(
        f.run({.proxies = {{{f.proxy.url(proxy_scheme::socks4)}, {f.proxy.url(proxy_scheme::socks4a)}}},
               .names = names}));
    CHECK(f.report().attempts.at(1).error == errc::socks_address_type_unsupported);
    CHECK(f.proxy.connection(0).received().empty());
}

TEST_CASE("dialer: connections leave with what the options say, unless a dial has something of its own")
{
    dial_fixture f;
    auto const leaves_with = [&](viaduct::outgoing_socket const& from) {
        f.proxy.expect(opens);
        completion<tunnel> end;
        auto options = through(f.proxy.url());
        options.from.address_v4 = net::ip::make_address_v4("127.0.0.2");
        dialer through{f.executor(), options};
        through.async_dial({{f.proxy.url()}}, {}, from, target, end.handler());
        REQUIRE(f.run_until([&] { return end.done(); }));
        return end.value().report().local.address().to_string();
    };
    CHECK(leaves_with({}) == "127.0.0.2");
    CHECK(leaves_with({.address_v4 = net::ip::make_address_v4("127.0.0.3")}) == "127.0.0.3");
}

TEST_CASE("dialer: the PROXY protocol's header goes first")
{
    dial_fixture f;
    f.proxy.expect([](peer& p) { p.expect_until("\r\n").expect_until("\r\n\r\n").reply(established); });
    auto options = through(f.proxy.url());
    options.header = viaduct::proxy_header{viaduct::proxy_protocol_version::v1};
    CHECK_FALSE(f.run(options));
    CHECK(f.proxy.connection(0).received().starts_with("CONNECT "));
}

TEST_CASE("dialer: an https proxy needs TLS, and nobody goes on without it")
{
    dial_fixture f;
    f.proxy.expect(opens);
    CHECK(f.run({.proxies = {{{f.proxy.url(proxy_scheme::https)}, {f.proxy.url()}, {}}}}) ==
          errc::tls_unavailable);
    CHECK(f.proxy.connections() == 0);
}

TEST_CASE("dialer: a function chooses the ways, such as a PAC engine; without any there is no tunnel")
{
    dial_fixture f;
    f.proxy.expect(opens);
    auto const pac = "PROXY " + f.proxy.url().endpoint.text();
    CHECK_FALSE(f.run({.select = [&](authority const& to) {
        CHECK(to == target);
        return viaduct::parse_pac_result(pac);
    }}));
    dial_fixture g;
    CHECK(g.run({.select = [](authority const&) { return viaduct::proxy_list{}; }}) == errc::no_proxy_left);
}

TEST_CASE("dialer: ways and fields may be given for one dial, and the ways are tried as they stand")
{
    dial_fixture f;
    listening_proxy gone{f.context};
    viaduct::proxy_list const ways{{gone.url()}, {with_user(f.proxy.url())}};
    gone.close();
    viaduct::fields more;
    more.add("Via", "1.1 a (b)");
    more.add("Proxy-Authorization", "for one of them, and nobody knows which");
    dialer const options_lead_nowhere{f.executor(), {.proxies = {viaduct::proxy_list{}}, .unasked = true}};
    for (std::size_t n = 0; n < 2; ++n) {
        f.proxy.expect(opens);
        dialer through = options_lead_nowhere;
        completion<tunnel> end;
        through.async_dial(ways, more, target, end.handler());
        REQUIRE(f.run_until([&] { return end.done(); }));
        CHECK_FALSE(end.error);
        CHECK(end.value().report().way == 1); // also when it is known that the first one is gone
        auto const asked = f.proxy.connection(n).received();
        CHECK(asked.find("\r\nVia: 1.1 a (b)\r\n") != std::string::npos);
        CHECK(asked.find(basic_sent) != std::string::npos);
        CHECK(asked.find("nobody knows") == std::string::npos);
    }
    dialer through{f.executor(), {.proxies = {{{f.proxy.url()}}}}};
    through.async_dial(viaduct::proxy_list{}, target, f.end.handler());
    CHECK(f.finish() == errc::no_proxy_left);
}

TEST_CASE("dialer: a proxy whose name leads nowhere")
{
    dial_fixture f;
    auto options = through(f.proxy.url(proxy_scheme::http, "no-such-proxy.invalid"));
    options.resolve_timeout = 500ms;
    CHECK(f.run(options)); // the name service says so, or says nothing in time
    CHECK(f.report().phase == dial_phase::resolve);
    CHECK(f.report().connected.count() == 0);
}

TEST_CASE("dialer: a proxy that says nothing is given up, by the clock of the phase or by that of all")
{
    for (bool const whole : {false, true}) {
        dial_fixture f;
        auto options = through(f.proxy.url()); // the system accepts by itself
        (whole ? options.timeout : options.connect.timeout) = 50ms;
        CHECK(f.run(options) == (whole ? errc::dial_timeout : errc::handshake_timeout));
        CHECK(f.end.error == viaduct::condition::timed_out);
        CHECK(f.report().phase == dial_phase::handshake);
    }
}

TEST_CASE("dialer: an observer hears of every step, and of no credentials")
{
    struct listener : viaduct::dial_observer
    {
        void on_resolving(viaduct::dial_moment const&, authority const&) override { text += "resolving "; }
        void on_connecting(viaduct::dial_moment const&, endpoint const&) override { text += "connecting "; }
        void on_connected(viaduct::dial_moment const&, endpoint const&, endpoint const&) override
        {
            text += "connected ";
        }
        void on_authorizing(viaduct::dial_moment const&, std::string_view scheme) override
        {
            text.append(scheme).append(" ");
        }
        void on_request(viaduct::dial_moment const& now, viaduct::redacted_request const& request) override
        {
            text += "request ";
            requests += request.text();
            proxy = now.proxy;
        }
        void on_answer(viaduct::dial_moment const&, std::string_view head, viaduct::connect_reply const&,
                       error_code) override
        {
            text.append(head.substr(9, 3)).append(" ");
        }
        void on_established(viaduct::dial_moment const& now, viaduct::dial_report const& report) override
        {
            CHECK(now.proxy == report.hop);
            CHECK(now.hop == report.hop_index);
            text += "established";
        }
        std::string text, requests, proxy;
    };
    dial_fixture f;
    f.proxy.expect([](peer& p) {
        p.expect_until("\r\n\r\n").reply(basic_wanted).expect_until("\r\n\r\n").reply(established);
    });
    auto const heard = std::make_shared<listener>();
    auto options = through(with_user(f.proxy.url()));
    options.observer = heard;
    CHECK_FALSE(f.run(options));
    CHECK(heard->text == "resolving connecting connected request 407 Basic request 200 established");
    CHECK(heard->requests.find("Proxy-Authorization: Basic ***\r\n") != std::string::npos);
    CHECK(heard->proxy == to_text(f.proxy.url()));
}

TEST_CASE("dialer: the blocking form throws what it knows")
{
    dial_fixture f;
    f.proxy.expect(opens);
    f.proxy.expect([](peer& p) { p.expect_until("\r\n\r\n").reply("HTTP/1.1 504 Late\r\n\r\n").close(); });
    auto const options = through(f.proxy.url());
    CHECK(viaduct::dial(f.context, target, options).is_open());
    try {
        static_cast<void>(viaduct::dial(f.context, target, options));
        FAIL("a refused tunnel was taken for an open one");
    } catch (viaduct::connect_error const& e) {
        CHECK(e.code() == errc::target_timeout);
        CHECK(e.failure().status() == 504);
        CHECK(e.failure().report.hop == to_text(f.proxy.url()));
    }
}

TEST_CASE("dial: it waits for its own end, whoever stops the context")
{
    dial_fixture f;
    f.proxy.expect(opens);
    net::post(f.context, [&] { f.context.stop(); });
    CHECK(viaduct::dial(f.context, target, through(f.proxy.url())).is_open());
}
