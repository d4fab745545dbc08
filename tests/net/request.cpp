#include "proxy_fixture.hpp"
#include <viaduct/server/request.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::error_code;
using viaduct::refusal;
using viaduct::request;

namespace {

/// A request whose head has been read, and the client that sent it.
struct answer_fixture : event_loop
{
    answer_fixture()
    {
        viaduct::connect_request head;
        head.target = viaduct::authority{"a.example", 443};
        head.answered_by = "proxy";
        next = request{std::move(both.second), std::move(head)};
    }

    std::pair<tcp::socket, tcp::socket> both{over_tcp::pair(executor())};
    client at_client{std::move(both.first)};
    request next;
};

} // namespace

TEST_CASE("request: knows who asks, and for what")
{
    answer_fixture f;
    CHECK(f.next);
    CHECK(f.next.client() == f.at_client.address());
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
    f.next.async_accept_tunnel([&](error_code ec, tcp::socket socket) {
        ++accepted.calls;
        accepted.error = ec;
        accepted.tunnel.emplace(std::move(socket));
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

TEST_CASE("request: a context may be destroyed while an answer is under way")
{
    for (std::size_t steps = 0; steps < 6; ++steps) {
        answer_fixture rejecting;
        completion<std::size_t> end;
        rejecting.next.async_reject(403, end.handler());
        rejecting.run_steps(steps, [&] { return rejecting.at_client.ended(); });

        answer_fixture accepting;
        accepting.next.async_accept_tunnel([](error_code, tcp::socket) {});
        accepting.run_steps(steps, [] { return true; });
    }
}
