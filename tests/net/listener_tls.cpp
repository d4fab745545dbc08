#include "acceptor_fixture.hpp"
#include "tls_encounter.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::accept_options;
using viaduct::any_stream;
using viaduct::errc;
using viaduct::error_code;
using viaduct::refusal;
using viaduct::request;

namespace {

[[nodiscard]] accept_options https(viaduct::client_certificate asks = viaduct::client_certificate::none)
{
    return {.tls = viaduct::make_tls_acceptor(serving(asks))};
}

/// A client that speaks TLS with a listener.
struct secure_client
{
    secure_client(acceptor_fixture& f, viaduct::tls_client_options const& options = trusting())
    {
        tcp::socket socket{f.executor()};
        socket.connect(f.listening->local_endpoint());
        completion<any_stream, viaduct::tls_facts> end;
        viaduct::make_tls_connector(options)->async_handshake(
            any_stream{std::move(socket)}, "localhost",
            viaduct::tls_connector::completion{end.handler(), f.executor()});
        REQUIRE(f.run_until([&] { return end.done(); }));
        stream = std::move(end.value());
        if (stream.is_open()) got.emplace(stream);
    }
    secure_client(secure_client const&) = delete;
    secure_client& operator=(secure_client const&) = delete;

    [[nodiscard]] bool ended_well() const { return got->end == net::error::eof; }

    any_stream stream;
    std::optional<collector<any_stream>> got;
};

/// One that is closed before the context is gone, as its reading refers to it.
struct https_fixture : acceptor_fixture
{
    explicit https_fixture(accept_options options = https()) : acceptor_fixture{std::move(options)} {}

    void leave(secure_client& c)
    {
        error_code ignored;
        c.stream.close(ignored);
        REQUIRE(run_until([&] { return c.got->end.has_value(); }));
    }
};

refusal const who_are_you{.status = 407};

} // namespace

TEST_CASE("listener with TLS: from the handshake to the tunnel, with what came early")
{
    https_fixture f{https(viaduct::client_certificate::required)};
    auto& next = f.accept();
    secure_client c{f, showing(of_this_play().client_file, of_this_play().key_file)};
    send(c.stream, connect_to("a.example:443") + "early");
    REQUIRE(f.run(next));
    REQUIRE(next.value().connection().tls);
    CHECK(next.value().connection().tls->user == "the client");
    CHECK(next.value().connection().tls->protocol == "TLSv1.3");
    any_stream tunnel;
    next.value().async_accept_tunnel([&](error_code, any_stream stream) { tunnel = std::move(stream); });
    REQUIRE(f.run_until([&] { return tunnel.is_open() && c.got->text == established; }));
    {
        collector early{tunnel};
        REQUIRE(f.run_until([&] { return early.text == "early"; }));
        f.leave(c);
        REQUIRE(f.run_until([&] { return early.end.has_value(); }));
    }
}

TEST_CASE(
    "listener with TLS: a refusal arrives, and then TLS's own end, although the client is still sending")
{
    for (bool const valid : {false, true}) {
        https_fixture f;
        auto& next = f.accept();
        secure_client c{f};
        send(c.stream, (valid ? connect_to("a.example:443") : "GET / HTTP/1.1\r\nHost: a\r\n\r\n") +
                           std::string(100000, 'x'));
        if (valid) {
            REQUIRE(f.run(next));
            next.value().async_reject(403, [](error_code, std::size_t) {});
        }
        REQUIRE(f.run_until([&] { return c.got->end.has_value(); }));
        CHECK(c.ended_well());
        auto const denied = refusal{.status = 403};
        CHECK(c.got->text == (valid ? denied : viaduct::refusal_for(errc::method_not_connect)).text());
        f.leave(c);
    }
}

TEST_CASE("listener with TLS: a challenge goes on with the connection if nothing lies behind the head")
{
    for (std::string const early : {"", "early"}) {
        https_fixture f;
        auto& next = f.accept();
        secure_client c{f};
        send(c.stream, connect_to("a.example:443") + early);
        REQUIRE(f.run(next));
        completion<std::size_t, request> end;
        next.value().async_challenge(who_are_you, end.handler());
        auto const then = early.empty() ? viaduct::after_answer::keep_alive : viaduct::after_answer::close;
        auto const answer = who_are_you.text("viaduct", then);
        REQUIRE(f.run_until([&] { return c.got->text.size() >= answer.size(); }));
        CHECK(c.got->text == answer);
        if (early.empty()) {
            send(c.stream, connect_to("b.example:443"));
            REQUIRE(f.run_until([&] { return end.done(); }));
            REQUIRE(std::get<1>(end.values));
            CHECK(std::get<1>(end.values).target().host() == "b.example");
            CHECK(std::get<1>(end.values).connection().tls->protocol == "TLSv1.3");
        } else {
            REQUIRE(f.run_until([&] { return c.got->end.has_value(); }));
            CHECK(c.ended_well());
        }
        f.leave(c);
        REQUIRE(f.run_until([&] { return end.done(); }));
        CHECK(end.error == (early.empty() ? error_code{} : error_code{errc::reconnect_required}));
        CHECK(end.value() == answer.size());
    }
}

TEST_CASE("listener with TLS: who does not speak it, or not in time, gets a record and no request")
{
    auto options = https();
    options.tls_timeout = 100ms;
    for (bool const silent : {false, true}) {
        https_fixture f{options};
        auto& next = f.accept();
        auto& bad = f.connect(silent ? "" : connect_to("a.example:443"));
        auto const port = bad.address().port();
        secure_client good{f};
        send(good.stream, connect_to("b.example:443"));
        REQUIRE(f.run(next));
        CHECK(next.value().target().host() == "b.example");
        if (!silent) bad.close(); // it has had its alert
        REQUIRE(f.run_until([&] { return bad.ended() && f.log.records().size() == 1; }));
        CHECK(f.log.records()[0].status == 0);
        CHECK(f.log.records()[0].client_port == port);
        CHECK(f.log.records()[0].error == (silent ? errc::client_tls_timeout : errc::client_tls_failed));
        f.leave(good);
    }
}
