#include "proxy_fixture.hpp"
#include <viaduct/server/request.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::refusal;
using viaduct::request;

namespace {

/// A request whose head has been read, and the client that sent it.
struct answer_fixture : event_loop
{
    explicit answer_fixture(int minor_version = 1, std::string_view persistence = {})
    {
        viaduct::connect_request head;
        head.minor_version = minor_version;
        if (!persistence.empty()) {
            auto const colon = persistence.find(':');
            head.fields.add(persistence.substr(0, colon), persistence.substr(colon + 1));
        }
        head.target = viaduct::authority{"a.example", 443};
        head.answered_by = "proxy";
        next = request{std::move(both.second), std::move(head)};
    }

    std::pair<tcp::socket, tcp::socket> both{over_tcp::pair(executor())};
    client at_client{std::move(both.first)};
    request next;
};

refusal const who_are_you{.status = 407, .content = "who are you?"};

} // namespace

TEST_CASE("request: knows who asks, and for what")
{
    answer_fixture f;
    CHECK(f.next);
    CHECK(f.next.client() == f.at_client.address());
    CHECK(f.next.connection().peer == f.at_client.address());
    CHECK(f.next.connection().local == f.at_client.peer());
    CHECK(f.next.target().text() == "a.example:443");
    auto const moved = std::move(f.next);
    CHECK(moved);
    CHECK_FALSE(f.next);
    CHECK_FALSE(request{});
}

TEST_CASE("request: one that is destroyed unanswered closes its connection")
{
    answer_fixture f;
    f.next = {};
    REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
    CHECK(f.at_client.heard() == "");
}

TEST_CASE("request: once accepted the connection is the tunnel, and what came early is read first")
{
    answer_fixture f;
    f.at_client.say("early");
    struct
    {
        int calls = 0;
        error_code error;
        std::optional<client> tunnel;
    } accepted;
    f.next.async_accept_tunnel([&](error_code ec, viaduct::any_stream stream) {
        ++accepted.calls;
        accepted.error = ec;
        REQUIRE(stream.is_plain());
        accepted.tunnel.emplace(stream.release_socket());
    });
    CHECK(accepted.calls == 0);
    CHECK_FALSE(f.next);
    REQUIRE(f.run_until([&] { return accepted.calls != 0; }));
    CHECK_FALSE(accepted.error);
    REQUIRE(f.run_until([&] { return accepted.tunnel->heard() == "early"; }));
    accepted.tunnel->say("and back");
    REQUIRE(f.run_until([&] { return f.at_client.heard() == established + "and back"; }));
    CHECK(request::acceptance_size() == established.size());
}

TEST_CASE("request: the 200 may have fields, and the tunnel begins behind them")
{
    answer_fixture f;
    viaduct::fields more;
    more.add("Proxy-Authentication-Info", "rspauth=\"x\"");
    more.add("X-A", "b");
    viaduct::any_stream tunnel;
    f.next.async_accept_tunnel(more, [&](error_code, viaduct::any_stream stream) {
        tunnel = std::move(stream);
        send(tunnel, "and back");
    });
    CHECK_FALSE(f.next);
    auto const head = established.substr(0, established.size() - 2) + more.block() + "\r\n";
    REQUIRE(f.run_until([&] { return f.at_client.heard() == head + "and back"; }));
}

TEST_CASE("request: a refusal arrives, although the client is still sending")
{
    answer_fixture f;
    f.at_client.say(std::string(200000, 'x'));
    completion<std::size_t> end;
    refusal answer{.status = 407, .content = "who are you?", .proxy_error = "http_request_denied"};
    answer.fields.add("Proxy-Authenticate", "Basic realm=\"x\"");
    f.next.async_reject(answer, end.handler());
    CHECK(end.calls == 0);
    CHECK_FALSE(f.next);
    REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
    CHECK(f.at_client.ended_well());
    CHECK(f.at_client.heard() == answer.text("proxy")); // the name is the server's
    f.at_client.close();
    REQUIRE(f.run_until([&] { return end.done(); }));
    CHECK_FALSE(end.error);
    CHECK(end.value() == answer.text("proxy").size());
}

TEST_CASE("request: a status alone is a refusal too")
{
    answer_fixture f;
    completion<std::size_t> end;
    f.next.async_reject(429, end.handler());
    REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
    CHECK(f.at_client.heard() == refusal{.status = 429}.text());
}

TEST_CASE("request: a refusal that is cancelled closes at once, although the client stays")
{
    for (auto const type : every_cancellation)
        for (std::size_t steps = 0; steps < 6; ++steps) {
            answer_fixture f;
            completion<std::size_t> end;
            auto const begin = std::chrono::steady_clock::now();
            f.next.async_reject(403, end.handler());
            f.run_steps(steps, [&] { return f.at_client.ended(); });
            end.cancel.emit(type);
            REQUIRE(f.run_until([&] { return end.done(); }));
            CHECK(end.calls == 1);
            CHECK(std::chrono::steady_clock::now() - begin < 1500ms); // lingering takes 2 s
        }
}

TEST_CASE("request: a challenge leaves the connection open for the next request of the same conversation")
{
    struct session : viaduct::verifier_session
    {};
    answer_fixture f;
    auto const kept = std::make_shared<session>();
    auto const accepted = f.next.accepted();
    f.next.session().kept = kept;
    auto const answer = who_are_you.text("proxy", viaduct::after_answer::keep_alive);
    CHECK(answer.find("\r\nConnection: keep-alive\r\n") != std::string::npos);
    std::string heard;
    for (std::string const leg : {"one", "two", "three", "four"}) {
        completion<std::size_t, request> end;
        f.next.async_challenge(who_are_you, end.handler());
        CHECK(end.calls == 0);
        CHECK_FALSE(f.next);
        heard += answer;
        REQUIRE(f.run_until([&] { return f.at_client.heard() == heard; }));
        f.at_client.say(connect_to(leg + ".example:443"));
        REQUIRE(f.run_until([&] { return end.done(); }));
        CHECK_FALSE(end.error);
        CHECK(end.value() == answer.size());
        f.next = std::move(std::get<1>(end.values));
        REQUIRE(f.next);
        CHECK(f.next.target().host() == leg + ".example");
        CHECK(f.next.session().kept == kept);
        CHECK(f.next.client() == f.at_client.address());
        CHECK(f.next.accepted() > accepted);
    }
    completion<std::size_t, request> last; // there is an end to it
    f.next.async_challenge(who_are_you, last.handler());
    REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
    CHECK(f.at_client.ended_well());
    CHECK(f.at_client.heard() == heard + who_are_you.text("proxy"));
    f.at_client.close();
    REQUIRE(f.run_until([&] { return last.done(); }));
    CHECK(last.error == errc::too_many_attempts);
    CHECK_FALSE(std::get<1>(last.values));
}

TEST_CASE("request: a challenge closes the connection where the next octets might be no request")
{
    struct
    {
        int minor_version;
        std::string_view persistence;
        std::string early;
        bool stays;
    } const cases[] = {
        {1, "", "", true},
        {1, "", "early", false}, // of a tunnel that the client takes for open
        {1, "", "CONNECT b.example:443 HTTP/1.1\r\n\r\n", false},
        {1, "Connection:x, Close", "", false},
        {1, "Proxy-Connection:close", "", false},
        {1, "Proxy-Connection:Keep-Alive", "", true},
        {0, "", "", false},
        {0, "Connection:keep-alive", "", true},
        {0, "Proxy-Connection:Keep-Alive", "", true},
        {0, "Proxy-Connection:Keep-Alive", "early", false},
    };
    for (auto const& c : cases) {
        CAPTURE(c.persistence);
        CAPTURE(c.early);
        answer_fixture f{c.minor_version, c.persistence};
        f.at_client.say(c.early);
        f.run_steps(3, [] { return false; });
        completion<std::size_t, request> end;
        f.next.async_challenge(who_are_you, end.handler());
        using viaduct::after_answer;
        auto const answer =
            who_are_you.text("proxy", c.stays ? after_answer::keep_alive : after_answer::close);
        REQUIRE(f.run_until([&] { return f.at_client.heard().size() >= answer.size(); }));
        CHECK(f.at_client.heard() == answer);
        if (!c.stays) {
            REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
            CHECK(f.at_client.ended_well());
        }
        f.at_client.close();
        REQUIRE(f.run_until([&] { return end.done(); }));
        CHECK(end.error == (c.stays ? errc::client_closed_before_head : errc::reconnect_required));
        CHECK(end.value() == answer.size());
        CHECK_FALSE(std::get<1>(end.values));
    }
}

TEST_CASE("request: what follows a challenge and is no valid CONNECT is answered, and closed")
{
    answer_fixture f;
    completion<std::size_t, request> end;
    f.next.async_challenge(who_are_you, end.handler());
    auto const answer = who_are_you.text("proxy", viaduct::after_answer::keep_alive);
    REQUIRE(f.run_until([&] { return f.at_client.heard() == answer; }));
    f.at_client.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(100000, 'x'));
    REQUIRE(f.run_until([&] { return f.at_client.ended(); }));
    CHECK(f.at_client.ended_well());
    CHECK(f.at_client.heard() == answer + viaduct::refusal_for(errc::method_not_connect).text("proxy"));
    f.at_client.close();
    REQUIRE(f.run_until([&] { return end.done(); }));
    CHECK(end.error == errc::method_not_connect);
    CHECK(end.value() == answer.size());
}

TEST_CASE("request: a challenge that is cancelled closes at once")
{
    for (auto const type : every_cancellation)
        for (std::string const text : {"", "CONNECT a.exa", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"})
            for (std::size_t steps = 0; steps < 8; ++steps) {
                answer_fixture f;
                completion<std::size_t, request> end;
                auto const begin = std::chrono::steady_clock::now();
                f.next.async_challenge(who_are_you, end.handler());
                f.at_client.say(text);
                f.run_steps(steps, [&] { return end.done(); });
                end.cancel.emit(type);
                REQUIRE(f.run_until([&] { return end.done(); }));
                CHECK(end.calls == 1);
                CHECK_FALSE(std::get<1>(end.values));
                CHECK(std::chrono::steady_clock::now() - begin < 1500ms);
            }
}

TEST_CASE("request: a client is gone when it has reset its connection, and not before")
{
    for (bool const early : {false, true}) {
        answer_fixture f;
        completion<> gone;
        f.next.async_wait_client_gone(gone.handler());
        if (early) f.at_client.say("early");
        f.run_steps(5, [] { return false; });
        CHECK_FALSE(gone.done());
        f.at_client.reset();
        REQUIRE(f.run_until([&] { return gone.done(); }));
        CHECK(gone.error == net::error::connection_reset);
    }
    for (auto const type : every_cancellation) {
        answer_fixture f;
        completion<> gone;
        f.next.async_wait_client_gone(gone.handler());
        f.at_client.end(); // it may still read
        f.run_steps(5, [] { return false; });
        CHECK_FALSE(gone.done());
        gone.cancel.emit(type);
        REQUIRE(f.run_until([&] { return gone.done(); }));
        CHECK(gone.error == net::error::operation_aborted);
    }
}

TEST_CASE("request: of a client that sends urgent data nobody can tell whether it is gone")
{
    event_loop f;
    auto [near, far] = over_tcp::pair(f.executor());
    viaduct::connect_request head;
    head.target = viaduct::authority{"a.example", 443};
    request asked{std::move(far), std::move(head)};
    completion<> gone;
    asked.async_wait_client_gone(gone.handler());
    near.send(net::buffer("!", 1), net::socket_base::message_out_of_band);
    REQUIRE(f.run_until([&] { return gone.done(); }));
    CHECK(gone.error == net::error::operation_not_supported);
}
