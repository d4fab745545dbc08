#include "certificates.hpp"
#include "event_loop.hpp"
#include "streams.hpp"
#include "tls_proxy.hpp"
#include <viaduct/client/dialer.hpp>
#include <viaduct/client/forwarder.hpp>
#include <viaduct/client/tls_client.hpp> // the header is self-contained
#include <viaduct/relay/tls_stream_end.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::authority;
using viaduct::dial_phase;
using viaduct::dialer;
using viaduct::dialer_options;
using viaduct::errc;
using viaduct::error_code;
using viaduct::make_tls_connector;
using viaduct::proxy_scheme;
using viaduct::tls_client_options;
using viaduct::tunnel;
using peer = tls_proxy::peer;
using tcp = viaduct::net::ip::tcp;

namespace {

authority const target{"broker.example", 8883};
std::string const established = "HTTP/1.1 200 Connection established\r\n\r\n";

[[nodiscard]] tls_client_options trusting()
{
    return {.ca_file = of_this_play().ca_file};
}

void opens(peer& p)
{
    p.expect_until("\r\n\r\n").reply(established);
}

struct tls_fixture : event_loop
{
    [[nodiscard]] dialer_options through(tls_client_options const& tls = trusting(),
                                         std::string const& name = "localhost")
    {
        return {.proxies = {{{proxy.url(proxy_scheme::https, name)}}}, .tls = make_tls_connector(tls)};
    }
    void start(dialer_options options)
    {
        dialer{executor(), std::move(options)}.async_dial(target, end.handler());
        CHECK(end.calls == 0);
    }
    error_code run(dialer_options options)
    {
        start(std::move(options));
        return finish();
    }
    error_code finish()
    {
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        CHECK(result().is_open() == !end.error);
        return end.error;
    }
    [[nodiscard]] tunnel& result() { return end.value(); }
    [[nodiscard]] viaduct::dial_report const& report() { return result().report(); }
    [[nodiscard]] viaduct::tls_facts const& tls() { return report().tls; }

    tls_proxy proxy{context};
    completion<tunnel> end;
};

} // namespace

TEST_CASE("dialer, TLS: a tunnel through an https proxy carries octets both ways, the early ones first")
{
    tls_fixture f;
    f.proxy.expect({context_of(of_this_play().server)}, [](peer& p) {
        p.expect_until("\r\n\r\n").reply(established + "SSH").expect("hello").reply("-2.0");
    });
    CHECK_FALSE(f.run(f.through()));
    CHECK_FALSE(f.result().is_plain());
    CHECK(f.report().phase == dial_phase::established);
    CHECK(f.report().hop == to_text(f.proxy.url(proxy_scheme::https, "localhost")));
    CHECK(f.report().secured >= f.report().connected);
    CHECK(f.report().established >= f.report().secured);
    CHECK(f.tls().protocol == "TLSv1.3");
    CHECK(f.tls().cipher.starts_with("TLS_"));
    CHECK(f.tls().alpn == "http/1.1");
    CHECK(f.tls().subject == "/CN=localhost");
    CHECK(f.tls().verify_result == 0);
    CHECK(f.tls().detail == "");

    collector rest{f.result()};
    send(f.result(), "hello");
    REQUIRE(f.run_until([&] { return rest.text.size() == 7; }));
    CHECK(rest.text == "SSH-2.0");
    CHECK(f.proxy.server_name(0) == "localhost");
    CHECK(f.proxy.connection(0).problem() == "");
}

TEST_CASE("dialer, TLS: a tunnel has blocking calls, its reads are cancelled, and closing ends them")
{
    tls_fixture f;
    f.proxy.expect({context_of(of_this_play().server)},
                   [](peer& p) { p.expect_until("\r\n\r\n").reply(established + "SSH").expect("hello"); });
    CHECK_FALSE(f.run(f.through()));
    CHECK(f.result().write_some(net::buffer("hello", 5)) == 5);
    REQUIRE(f.run_until([&] { return f.proxy.connection(0).finished(); }));
    std::string into(16, '\0');
    CHECK(f.result().read_some(net::buffer(into)) == 3);

    completion<std::size_t> read;
    f.result().async_read_some(net::buffer(into), read.handler());
    f.context.poll();
    CHECK(read.calls == 0);
    read.cancel.emit(net::cancellation_type::terminal);
    REQUIRE(f.run_until([&] { return read.done(); }));
    CHECK(read.error == net::error::operation_aborted);

    collector rest{f.result()};
    error_code ec = net::error::fault;
    f.result().close(ec);
    CHECK_FALSE(ec);
    REQUIRE(f.run_until([&] { return rest.end.has_value(); }));
    CHECK(rest.end == net::error::operation_aborted);
}

TEST_CASE("dialer, TLS: its bare socket is not to be had, and nobody connects to find that out")
{
    tls_fixture f;
    f.proxy.expect({context_of(of_this_play().server)}, opens);
    CHECK_FALSE(f.run(f.through()));
    error_code ec;
    CHECK_FALSE(f.result().release(ec).is_open());
    CHECK(ec == errc::tunnel_not_plain);
    CHECK(f.result().is_open());
    CHECK_THROWS_AS(static_cast<void>(f.result().release()), viaduct::system_error);

    tls_fixture g;
    tcp::socket socket{g.context};
    completion<viaduct::dial_report> end;
    dialer{g.executor(), g.through()}.async_dial(socket, target, end.handler());
    REQUIRE(g.run_until([&] { return end.done(); }));
    CHECK(end.error == errc::tunnel_not_plain);
    CHECK(end.value().attempts.empty());
    CHECK_FALSE(socket.is_open());
}

TEST_CASE("dialer, TLS: whose certificate is accepted")
{
    auto const& all = of_this_play();
    tls_client_options const other_ca{.ca_file = all.other_ca_file};
    struct
    {
        std::string what;
        identity const* shown;
        std::string name;
        tls_client_options tls;
        long result; // of the verification
        bool opens;
    } const cases[] = {
        {"its name", &all.server, "localhost", trusting(), X509_V_OK, true},
        {"its name with the root's dot", &all.server, "localhost.", trusting(), X509_V_OK, true},
        {"its address", &all.server, "127.0.0.1", trusting(), X509_V_OK, true},
        {"another name", &all.elsewhere, "localhost", trusting(), X509_V_ERR_HOSTNAME_MISMATCH, false},
        {"another address", &all.elsewhere, "127.0.0.1", trusting(), X509_V_ERR_IP_ADDRESS_MISMATCH, false},
        {"another name, expected",
         &all.elsewhere,
         "localhost",
         {.ca_file = all.ca_file, .verify_host = "elsewhere.example"},
         X509_V_OK,
         true},
        {"its name, not expected",
         &all.server,
         "localhost",
         {.ca_file = all.ca_file, .verify_host = "elsewhere.example"},
         X509_V_ERR_HOSTNAME_MISMATCH,
         false},
        {"expired", &all.expired, "localhost", trusting(), X509_V_ERR_CERT_HAS_EXPIRED, false},
        {"signed by a stranger", &all.server, "localhost", other_ca,
         X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, false},
        {"signed by a stranger, and nobody looks",
         &all.server,
         "localhost",
         {.verify = false},
         X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
         true},
        {"another name, and nobody looks",
         &all.elsewhere,
         "localhost",
         {.verify = false},
         X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
         true},
    };
    for (auto const& c : cases) {
        CAPTURE(c.what);
        tls_fixture f;
        f.proxy.expect({context_of(*c.shown)}, opens);
        CHECK(f.run(f.through(c.tls, c.name)) ==
              (c.opens ? error_code{} : make_error_code(errc::tls_verification_failed)));
        if (c.result == X509_V_OK)
            CHECK(f.tls().verify_result == 0);
        else if (c.tls.verify)
            CHECK(f.tls().verify_result == c.result);
        else
            CHECK(f.tls().verify_result != 0);
        CHECK(f.tls().detail == (c.opens ? "" : X509_verify_cert_error_string(c.result)));
        if (!c.opens) CHECK(f.report().phase == dial_phase::secure);
    }
}

TEST_CASE("dialer, TLS: what is asked for, and what is agreed on")
{
    struct
    {
        tls_client_options tls;
        std::string name, server_name, alpn, protocol;
    } const cases[] = {
        {{.verify = false}, "localhost", "localhost", "http/1.1", "TLSv1.3"},
        {{.verify = false}, "127.0.0.1", "", "http/1.1", "TLSv1.3"}, // RFC 6066: no addresses
        {{.verify = false, .server_name = "p.example."}, "127.0.0.1", "p.example", "http/1.1", "TLSv1.3"},
        {{.verify = false, .server_name = "127.0.0.1"}, "localhost", "", "http/1.1", "TLSv1.3"},
        {{.verify = false, .alpn = {}}, "localhost", "localhost", "", "TLSv1.3"},
        {{.verify = false, .alpn = {"x", "http/1.1"}}, "localhost", "localhost", "x", "TLSv1.3"},
        {{.verify = false, .cipher_suites = "TLS_CHACHA20_POLY1305_SHA256", .min_version = "TLSv1.3"},
         "localhost",
         "localhost",
         "http/1.1",
         "TLSv1.3"},
    };
    for (auto const& c : cases) {
        tls_fixture f;
        f.proxy.expect({context_of(of_this_play().server)}, opens);
        CHECK_FALSE(f.run(f.through(c.tls, c.name)));
        CHECK(f.proxy.server_name(0) == c.server_name);
        CHECK(f.tls().alpn == c.alpn);
        CHECK(f.tls().protocol == c.protocol);
        if (!c.tls.cipher_suites.empty()) CHECK(f.tls().cipher == c.tls.cipher_suites);
    }
}

TEST_CASE("dialer, TLS: an old proxy speaks TLS 1.2, and no older one is spoken to")
{
    for (int const version : {TLS1_2_VERSION, TLS1_1_VERSION}) {
        auto const old = context_of(of_this_play().server);
        SSL_CTX_set_min_proto_version(old->native_handle(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(old->native_handle(), version);
        SSL_CTX_set_security_level(old->native_handle(), 0);
        tls_fixture f;
        f.proxy.expect({old}, opens);
        bool const good = version == TLS1_2_VERSION;
        CHECK(f.run(f.through()) == (good ? error_code{} : make_error_code(errc::tls_handshake_failed)));
        CHECK(f.tls().protocol == (good ? "TLSv1.2" : ""));
        CHECK(f.tls().cipher.empty() == !good);
    }
    tls_fixture f;
    auto const old = context_of(of_this_play().server);
    SSL_CTX_set_max_proto_version(old->native_handle(), TLS1_2_VERSION);
    f.proxy.expect({old}, opens);
    CHECK(f.run(f.through({.ca_file = of_this_play().ca_file, .min_version = "TLSv1.3"})) ==
          errc::tls_handshake_failed);
}

TEST_CASE("dialer, TLS: a handshake that fails without verification is not called an unknown certificate")
{
    // The certificate comes, nobody looks at it, and then the proxy breaks off.
    auto const demanding = context_of(of_this_play().server, true);
    SSL_CTX_set_max_proto_version(demanding->native_handle(), TLS1_2_VERSION);
    tls_fixture f;
    f.proxy.expect({demanding}, opens);
    CHECK(f.run(f.through({.verify = false})) == errc::tls_handshake_failed);
    CHECK(f.tls().verify_result != 0);
    CHECK(f.tls().detail.find("alert") != std::string::npos);
}

TEST_CASE("dialer, TLS: a client's certificate is shown where it is demanded")
{
    auto const& all = of_this_play();
    tls_client_options const shows[] = {
        {.ca_file = all.ca_file, .certificate_file = all.client_file, .key_file = all.key_file},
        {.ca_file = all.ca_file,
         .certificate_file = all.client_file,
         .key_file = all.locked_key_file,
         .key_password = "opensesame"}};
    for (auto const& tls : shows) {
        tls_fixture f;
        f.proxy.expect({context_of(all.server, true)}, opens);
        CHECK_FALSE(f.run(f.through(tls)));
    }
    // With TLS 1.3 the client is through before the proxy has looked; that is no answer all the same.
    tls_fixture f;
    tls_proxy second{f.context};
    f.proxy.expect({context_of(all.server, true)}, opens);
    second.expect({context_of(all.server)}, opens);
    auto options = f.through();
    options.proxies.proxies.push_back({second.url(proxy_scheme::https, "localhost")});
    CHECK_FALSE(f.run(options));
    CHECK(f.report().way == 1);

    tls_fixture g;
    g.proxy.expect({context_of(all.server, true)}, opens);
    CHECK(g.run(g.through()) == errc::tls_handshake_failed);
    CHECK(g.tls().detail.find("certificate required") != std::string::npos);
    CHECK(viaduct::connect_failure{g.end.error, g.report()}.message().find(g.tls().detail) !=
          std::string::npos);
}

TEST_CASE("dialer, TLS: a context of the user's own is used as it is, and what cannot be said with it fails")
{
    for (bool const good : {true, false}) {
        auto const own = std::make_shared<net::ssl::context>(net::ssl::context::tls_client);
        tls_fixture f;
        auto options = f.through();
        options.tls =
            make_tls_connector(own, {.verify = false, .alpn = {good ? "x" : std::string(300, 'x')}});
        f.proxy.expect({context_of(of_this_play().server)}, opens);
        CHECK(f.run(options) == (good ? error_code{} : make_error_code(errc::tls_option_invalid)));
        if (good) CHECK(f.tls().alpn == "x");
    }
    tls_fixture f; // a context verifies nobody by itself, and yet that is what is asked for
    auto options = f.through();
    options.tls = make_tls_connector(std::make_shared<net::ssl::context>(net::ssl::context::tls_client), {});
    f.proxy.expect({context_of(of_this_play().server)}, opens);
    CHECK(f.run(options) == errc::tls_verification_failed);
}

TEST_CASE("dialer, TLS: a proxy that does not shake hands")
{
    tls_fixture plain;
    plain.proxy.expect({}, [](peer& p) { p.reply("HTTP/1.1 400 Bad Request\r\n\r\n"); });
    CHECK(plain.run(plain.through()) == errc::tls_handshake_failed);
    CHECK(plain.report().phase == dial_phase::secure);
    CHECK(plain.tls().protocol == "");
    CHECK(plain.tls().cipher == "");
    CHECK(plain.tls().detail != "");

    tls_fixture closes;
    closes.proxy.expect({}, [](peer& p) { p.expect(std::string(1, '\x16')).close(); });
    CHECK(closes.run(closes.through())); // an end, or a reset
    CHECK(closes.report().phase == dial_phase::secure);

    tls_fixture hangs;
    hangs.proxy.expect({}, [](peer& p) { p.expect(std::string(1, '\x16')); });
    auto options = hangs.through();
    options.tls_timeout = 30ms;
    CHECK(hangs.run(options) == errc::tls_timeout);
    CHECK(hangs.end.error == viaduct::condition::timed_out);
}

TEST_CASE("dialer, TLS: a proxy without good TLS gives way to the next one, and stands behind it afterwards")
{
    tls_fixture f;
    tls_proxy second{f.context};
    f.proxy.expect({context_of(of_this_play().elsewhere)}, opens);
    second.expect({context_of(of_this_play().server)}, opens);
    auto options = f.through();
    options.proxies.proxies.push_back({second.url(proxy_scheme::https, "localhost")});
    dialer through{f.executor(), options};
    through.async_dial(target, f.end.handler());
    CHECK_FALSE(f.finish());
    CHECK(f.report().way == 1);
    CHECK(f.tls().verify_result == 0);

    second.expect({context_of(of_this_play().server)}, opens);
    completion<tunnel> again;
    through.async_dial(target, again.handler());
    REQUIRE(f.run_until([&] { return again.done(); }));
    CHECK_FALSE(again.error);
    CHECK(again.value().report().way == 0);
    CHECK(f.proxy.connections() == 1);
}

TEST_CASE("dialer, TLS: a challenge is answered within the session")
{
    tls_fixture f;
    f.proxy.expect({context_of(of_this_play().server)}, [](peer& p) {
        p.expect_until("\r\n\r\n")
            .reply("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nno")
            .expect_until("\r\n\r\n")
            .reply(established);
    });
    auto options = f.through();
    options.connect.who = viaduct::credentials{"user", "pass"};
    CHECK_FALSE(f.run(options));
    CHECK(f.report().reply.attempts.size() == 2);
}

TEST_CASE("dialer, TLS: a proxy that ends the connection without TLS's alert has closed it, as most do")
{
    auto const server = context_of(of_this_play().server);
    tls_fixture f;
    f.proxy.expect({server}, [](peer& p) {
        p.expect_until("\r\n\r\n")
            .reply("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nno")
            .expect_until("\r\n\r\n")
            .close();
    });
    f.proxy.expect({server}, opens);
    auto options = f.through();
    options.connect.who = viaduct::credentials{"user", "pass"};
    CHECK_FALSE(f.run(options));
    CHECK(f.proxy.connections() == 2);

    tls_fixture g;
    g.proxy.expect({server}, [](peer& p) { p.expect_until("\r\n\r\n").close(); });
    CHECK(g.run(g.through()) == errc::proxy_closed);
}

TEST_CASE("dialer, TLS: a chain of https proxies is TLS in TLS")
{
    tls_fixture f;
    auto const server = context_of(of_this_play().server);
    f.proxy.expect({server, server}, [](peer& p) {
        p.expect_until("\r\n\r\n")
            .reply(established + "SSH")
            .expect("hello")
            .reply(std::string(200'000, 'x'));
    });
    auto options = f.through();
    options.proxies.proxies.front().push_back(f.proxy.url(proxy_scheme::https, "localhost"));
    CHECK_FALSE(f.run(options));
    CHECK(f.report().hop_index == 1);
    CHECK_FALSE(f.result().next_layer().is_plain());
    collector rest{f.result()};
    send(f.result(), "hello");
    REQUIRE(f.run_until([&] { return rest.text.size() == 200'003; }));
    CHECK(rest.text.starts_with("SSHxxx"));
    CHECK(f.proxy.connection(0).problem() == "");
}

TEST_CASE("dialer, TLS: TLS with the target goes through TLS with the proxy")
{
    tls_fixture f;
    auto const server = context_of(of_this_play().server);
    f.proxy.expect({server, server}, [](peer& p) { p.expect("hello").reply("SSH"); });
    CHECK_FALSE(f.run(f.through()));
    net::ssl::context trust{net::ssl::context::tls_client};
    trust.load_verify_file(of_this_play().ca_file);
    trust.set_verify_mode(net::ssl::verify_peer);
    net::ssl::stream<tunnel> inner{std::move(f.result()), trust};
    completion<> shaken;
    inner.async_handshake(net::ssl::stream_base::client, shaken.handler());
    REQUIRE(f.run_until([&] { return shaken.done(); }));
    CHECK_FALSE(shaken.error);
    collector rest{inner};
    send(inner, "hello");
    REQUIRE(f.run_until([&] { return rest.text == "SSH"; }));
    CHECK_FALSE(viaduct::stream_end<net::ssl::stream<tunnel>>::last_octets(inner).empty());
}

TEST_CASE("forwarder, TLS: both ends are passed on, and TLS that was cut off resets the client")
{
    tls_fixture f;
    f.proxy.expect({context_of(of_this_play().server)}, [](peer& p) {
        p.expect_until("\r\n\r\n").reply(established).expect("ping").expect_end().reply("po").close();
    });
    viaduct::forwarder port{dialer{f.executor(), f.through()}, target};
    tcp::socket client{f.context};
    client.connect(port.endpoint());
    send(client, "ping");
    client.shutdown(tcp::socket::shutdown_send);
    collector heard{client};
    REQUIRE(f.run_until([&] { return heard.end.has_value(); }));
    CHECK(heard.text == "po");
    CHECK(heard.end == net::error::connection_reset);
    REQUIRE(f.run_until([&] { return port.connections() == 0; }));
}

TEST_CASE("dialer, TLS: it can be cancelled at every step, or its context destroyed, and leaves nothing open")
{
    auto const server = context_of(of_this_play().server);
    for (bool const cancelled : {true, false}) {
        bool got_through = false;
        std::size_t before = 0;
        for (std::size_t steps = 0; !got_through; ++steps) {
            REQUIRE(steps < 1000);
            {
                tls_fixture f;
                f.proxy.expect({server, server}, opens);
                auto options = f.through();
                options.proxies.proxies.front().push_back(f.proxy.url(proxy_scheme::https, "localhost"));
                f.start(options);
                f.run_steps(steps, [&] { return f.end.done(); });
                got_through = f.end.done();
                if (cancelled && !got_through) f.end.cancel.emit(every_cancellation[steps % 3]);
                if (cancelled) CHECK((f.finish() == net::error::operation_aborted) != got_through);
            }
            if (steps == 1) before = open_descriptors(); // the resolver's thread is there
            if (steps > 1) CHECK(open_descriptors() == before);
        }
    }
}
