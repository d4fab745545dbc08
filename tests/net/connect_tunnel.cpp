#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/client/connect_error.hpp>
#include <viaduct/client/connect_tunnel.hpp> // the header is self-contained
#include <viaduct/testing/scripted_peer.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::async_connect_tunnel;
using viaduct::authority;
using viaduct::connect_options;
using viaduct::connect_reply;
using viaduct::errc;
using viaduct::error_code;
using viaduct::testing::scripted_peer;

namespace {

authority const target{"broker.example", 8883};
std::string const request = "CONNECT broker.example:8883 HTTP/1.1\r\n"
                            "Host: broker.example:8883\r\n"
                            "Proxy-Connection: Keep-Alive\r\n"
                            "\r\n";
std::string const established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// A client on one end of a connection, and a proxy that plays a script on the other.
template <class Kind>
struct tunnel_fixture : event_loop
{
    using stream = decltype(Kind::pair(std::declval<net::any_io_executor>()).first);

    tunnel_fixture() { proxy->expect(request); }

    void start(connect_options const& options = {})
    {
        proxy->start();
        async_connect_tunnel(near, target, options, end.handler());
    }

    error_code run(connect_options const& options = {})
    {
        start(options);
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        CHECK(proxy->problem() == "");
        return end.error;
    }

    [[nodiscard]] connect_reply& reply() { return end.value(); }

    std::pair<stream, stream> both{Kind::pair(executor())};
    stream& near = both.first;
    std::unique_ptr<scripted_peer<stream>> proxy =
        std::make_unique<scripted_peer<stream>>(std::move(both.second));
    completion<connect_reply> end;
};

#define TUNNEL_TEST(name)                                                                                    \
    TEST_CASE_TEMPLATE(name, fix_type, tunnel_fixture<over_tcp>, tunnel_fixture<over_memory>)

} // namespace

TUNNEL_TEST("connect tunnel: what follows the head stays in the stream, wherever the answer is cut")
{
    auto const answer = "HTTP/1.1 100 Continue\r\n\r\n" + established + "SSH-2.0-x\r\n";
    for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
        fix_type f;
        f.proxy->reply(answer.substr(0, cut)).reply(answer.substr(cut));
        CHECK_FALSE(f.run());
        CHECK(f.reply().status == 200);
        CHECK(f.reply().interim == 1);
        collector rest{f.near};
        REQUIRE(f.run_until([&] { return rest.text.size() == 11; }));
        CHECK(rest.text == "SSH-2.0-x\r\n");
    }
}

TUNNEL_TEST("connect tunnel: an answer that comes octet by octet is an answer")
{
    fix_type f;
    f.proxy->reply_split(established, 1);
    CHECK_FALSE(f.run());
    CHECK(f.reply().reason == "Connection established");
}

TUNNEL_TEST("connect tunnel: a refusal comes with its content, however that is framed")
{
    for (std::string const framed :
         {"Content-Length: 6\r\n\r\nbanned", "Content-Length: 6\r\n\r\nbanned and more",
          "Transfer-Encoding: chunked\r\n\r\n3\r\nban\r\n3\r\nned\r\n0\r\n\r\n"}) {
        fix_type f;
        f.proxy->reply("HTTP/1.1 403 Forbidden\r\n" + framed); // and the connection stays open
        CHECK(f.run() == errc::proxy_denied);
        CHECK(f.reply().status == 403);
        CHECK(f.reply().body == "banned");
    }
    fix_type f;
    f.proxy->reply("HTTP/1.0 502 Bad Gateway\r\n\r\nbanned").close();
    CHECK(f.run() == errc::target_unreachable);
    CHECK(f.reply().body == "banned");
}

TUNNEL_TEST("connect tunnel: a refusal stands although its content does not come, or is too much")
{
    fix_type slow;
    slow.proxy->reply("HTTP/1.1 407 Authenticate\r\nContent-Length: 9\r\n\r\nhalf");
    CHECK(slow.run({.body_timeout = 20ms}) == errc::proxy_auth_required);
    CHECK(slow.reply().status == 407);
    CHECK(slow.reply().body == "half");

    fix_type large;
    large.proxy->reply("HTTP/1.1 403 No\r\n\r\n" + std::string(500, 'x'));
    CHECK(large.run({.max_body = 5}) == errc::proxy_denied);
    CHECK(large.reply().body == "xxxxx");

    fix_type broken;
    broken.proxy->reply("HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf").shutdown();
    CHECK(broken.run() == errc::proxy_denied);
    CHECK(broken.reply().body == "half");
}

TUNNEL_TEST("connect tunnel: a proxy that says nothing, or not enough, is given up")
{
    for (std::string const said : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"}) {
        fix_type f;
        if (!said.empty()) f.proxy->reply(said);
        CHECK(f.run({.timeout = 20ms}) == errc::handshake_timeout);
        CHECK(f.reply().status == 0);
    }
}

TUNNEL_TEST("connect tunnel: what is no answer fails, although the connection stays open")
{
    struct
    {
        std::string answer;
        errc error;
    } const cases[] = {{"SSH-2.0-OpenSSH_9.2\r\n", errc::status_line_malformed},
                       {"HTTP/1.1 2000 OK\r\n\r\n", errc::status_line_malformed},
                       {"HTTP/2.0 200\r\n", errc::version_unsupported},
                       {std::string{"\0\x16\x03", 3}, errc::invalid_character_in_head},
                       {"HTTP/1.1 200 OK\r\nno colon\r\n", errc::field_without_colon}};
    for (auto const& c : cases) {
        fix_type f;
        f.proxy->reply(c.answer);
        CHECK(f.run() == c.error);
    }
}

TUNNEL_TEST("connect tunnel: an end before the end of the head is no tunnel, not even behind a 200")
{
    for (std::size_t size = 0; size < established.size(); ++size) {
        fix_type f;
        if (size != 0) f.proxy->reply(established.substr(0, size));
        f.proxy->shutdown();
        CHECK(f.run() == errc::proxy_closed);
        CHECK(f.reply().status == 0);
    }
}

TUNNEL_TEST("connect tunnel: a reset is the system's error")
{
    fix_type f;
    f.proxy->reset();
    CHECK(f.run() == net::error::connection_reset);
}

TEST_CASE("connect tunnel: options that cannot be sent fail, but not inside the initiating function")
{
    event_loop loop;
    auto [near, far] = over_memory::pair(loop.executor());
    completion<connect_reply> end;
    async_connect_tunnel(near, target, {.who = viaduct::credentials{"us:er", "x"}}, end.handler());
    CHECK(end.calls == 0);
    REQUIRE(loop.run_until([&] { return end.done(); }));
    CHECK(end.error == errc::credentials_invalid);
    CHECK(near.operations() == 0);
}

TUNNEL_TEST("connect tunnel: the handler runs where its executor says")
{
    fix_type f;
    net::io_context elsewhere;
    std::optional<bool> ran_there;
    f.proxy->reply(established).start();
    async_connect_tunnel(f.near, target, {},
                         net::bind_executor(elsewhere, [&](error_code, connect_reply const&) {
                             ran_there = elsewhere.get_executor().running_in_this_thread();
                         }));
    REQUIRE(f.run_until([&] {
        elsewhere.restart();
        elsewhere.poll(); // the steps of the operation run there too
        return ran_there.has_value();
    }));
    CHECK(ran_there == true);
}

TEST_CASE("connect tunnel: the blocking form gives the same, and leaves what follows")
{
    event_loop loop;
    auto [near, far] = over_tcp::pair(loop.executor());
    net::write(far, net::buffer(established + "SSH"));
    CHECK(connect_tunnel(near, target).status == 200);
    std::string rest(3, '\0');
    CHECK(near.read_some(net::buffer(rest)) == 3);
    CHECK(rest == "SSH");
    std::string sent(request.size(), '\0');
    CHECK(far.read_some(net::buffer(sent)) == request.size());
    CHECK(sent == request);
}

TEST_CASE("connect tunnel: the blocking form throws what it knows of the refusal")
{
    event_loop loop;
    auto [near, far] = over_tcp::pair(loop.executor());
    net::write(far, net::buffer(std::string{"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nbanned"}));
    try {
        connect_tunnel(near, target);
        FAIL("a refused tunnel was taken for an open one");
    } catch (viaduct::connect_error const& e) {
        CHECK(e.code() == errc::proxy_denied);
        CHECK(e.reply().status == 403);
        CHECK(e.reply().body == "banned");
    }
    far.close();
    error_code ec;
    CHECK(connect_tunnel(near, target, {}, ec).status == 0);
    CHECK(ec);
}
