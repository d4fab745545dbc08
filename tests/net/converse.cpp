#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/client/converse.hpp> // the header is self-contained
#include <viaduct/client/proxy_auth.hpp>
#include <viaduct/testing/scripted_peer.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::async_converse;
using viaduct::auth_completion;
using viaduct::authority;
using viaduct::connect_conversation;
using viaduct::connect_options;
using viaduct::errc;
using viaduct::error_code;
using tcp = viaduct::net::ip::tcp;
using peer = viaduct::testing::scripted_peer<tcp::socket>;

namespace {

authority const target{"broker.example", 8883};
std::string const established = "HTTP/1.1 200 Connection established\r\n\r\n";
std::string const demand = "HTTP/1.1 407 No\r\nProxy-Authenticate: Test\r\n";
std::string const wanted = demand + "Content-Length: 2\r\n\r\nno";

/// What an authenticator does when it is asked.
using behaviour = std::function<void(auth_completion)>;

class test_scheme : public viaduct::authenticator
{
public:
    explicit test_scheme(behaviour b) : behaviour_{std::move(b)} {}

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Test"; }
    [[nodiscard]] std::unique_ptr<viaduct::auth_exchange> begin() override
    {
        return std::make_unique<exchange>(behaviour_);
    }

private:
    struct exchange : viaduct::auth_exchange
    {
        explicit exchange(behaviour b) : ask{std::move(b)} {}
        void respond(viaduct::auth_request const&, viaduct::challenge const*, auth_completion done) override
        {
            ask(std::move(done));
        }
        [[nodiscard]] viaduct::auth_verdict judge(viaduct::challenge const&) override
        {
            return viaduct::auth_verdict::rejected;
        }

        behaviour ask;
    };

    behaviour behaviour_;
};

void answers(auth_completion const& done)
{
    done({}, "Test secret");
}

[[nodiscard]] connect_options asking(behaviour b, connect_options options = {})
{
    auto const scheme = std::make_shared<test_scheme>(std::move(b));
    options.auth =
        std::make_shared<viaduct::proxy_auth>(std::vector<viaduct::proxy_auth::scheme_ptr>{scheme});
    return options;
}

/// A client on one end of a connection, and a proxy that plays a script on the other.
struct converse_fixture : event_loop
{
    explicit converse_fixture(connect_options const& options) : conversation{target, options} { connect(); }

    /// A new connection to the same proxy.
    void connect()
    {
        auto both = over_tcp::pair(executor());
        near = std::move(both.first);
        proxy = std::make_unique<peer>(std::move(both.second));
    }

    void start()
    {
        proxy->start();
        async_converse(near, conversation, end.handler());
        CHECK(end.calls == 0);
    }
    error_code finish()
    {
        REQUIRE(run_until([&] { return end.done(); }));
        context.poll();
        CHECK(end.calls == 1);
        return end.error;
    }
    error_code run()
    {
        start();
        return finish();
    }

    connect_conversation conversation;
    tcp::socket near{context};
    std::unique_ptr<peer> proxy;
    completion<> end;
};

void asks_once(peer& p)
{
    p.expect_until("\r\n\r\n").reply(wanted).expect_until("\r\n\r\n").reply(established);
}

} // namespace

TEST_CASE("converse: an authenticator may answer at once, later, on another thread, and more than once")
{
    std::vector<auth_completion> kept;
    std::vector<std::thread> helpers;
    behaviour const behaviours[] = {
        answers, [&](auth_completion done) { kept.push_back(std::move(done)); },
        [&](auth_completion done) { helpers.emplace_back([done = std::move(done)] { answers(done); }); },
        [](auth_completion const& done) {
            answers(done);
            done(errc::credentials_unavailable, "");
        }};
    for (auto const& b : behaviours) {
        converse_fixture f{asking(b)};
        asks_once(*f.proxy);
        f.start();
        if (&b == &behaviours[1]) {
            REQUIRE(f.run_until([&] { return !kept.empty(); }));
            f.context.poll();
            CHECK(f.end.calls == 0);
            answers(kept.front());
        }
        CHECK_FALSE(f.finish());
        CHECK(f.proxy->received().find("\r\nProxy-Authorization: Test secret\r\n") != std::string::npos);
        CHECK(f.conversation.reply().attempts.size() == 2);
    }
    for (auto& each : helpers)
        each.join();
    answers(kept.front()); // everything that waited for it is gone
}

TEST_CASE("converse: an authenticator that never answers is given up in time, whether it keeps the question")
{
    for (bool const keeps : {true, false}) {
        std::vector<auth_completion> kept;
        converse_fixture f{asking(
            [&](auth_completion done) {
                if (keeps) kept.push_back(std::move(done));
            },
            {.timeout = 50ms})};
        asks_once(*f.proxy);
        CHECK(f.run() == errc::authentication_timeout);
        for (auto const& done : kept)
            answers(done);
        f.context.poll();
        CHECK(f.end.calls == 1);
    }
}

TEST_CASE("converse: what an authenticator cannot say is the outcome if there is no other one")
{
    struct
    {
        behaviour does;
        errc error;
    } const cases[] = {
        {[](auth_completion const& done) { done(errc::credentials_unavailable, ""); },
         errc::credentials_unavailable},
        {[](auth_completion const& done) { done({}, "Test\r\nX-Injected: 1"); }, errc::credentials_invalid}};
    for (auto const& c : cases) {
        converse_fixture f{asking(c.does)};
        asks_once(*f.proxy);
        CHECK(f.run() == c.error);
    }
}

TEST_CASE("converse: a cancellation while an authenticator thinks ends it, and a late answer does nothing")
{
    for (auto const type : every_cancellation) {
        std::vector<auth_completion> kept;
        converse_fixture f{asking([&](auth_completion done) { kept.push_back(std::move(done)); })};
        asks_once(*f.proxy);
        f.start();
        REQUIRE(f.run_until([&] { return !kept.empty(); }));
        f.end.cancel.emit(type);
        answers(kept.front()); // before the cancellation has arrived
        CHECK(f.finish() == net::error::operation_aborted);
        answers(kept.front());
        f.context.poll();
        CHECK(f.end.calls == 1);
    }
}

TEST_CASE("converse: those who connect themselves go on with the same conversation")
{
    std::string const answers_to_first[] = {
        demand + "Connection: close\r\n\r\n",     // it says so
        demand + "\r\n",                          // content until the end of the connection
        demand + "Content-Length: 9\r\n\r\nhalf", // content that does not come in time
        demand + "Content-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\n\r\n", // something that nobody asked for
        demand + "Content-Length: 99999999\r\n\r\n", // content that takes too long to be read
    };
    for (auto const& first : answers_to_first) {
        CAPTURE(first);
        converse_fixture f{asking(answers, {.body_timeout = 20ms})};
        f.proxy->expect_until("\r\n\r\n").reply(first);
        CHECK(f.run() == errc::reconnect_required);

        f.connect();
        f.end.calls = 0;
        f.proxy->expect_until("\r\n\r\n").reply(established);
        CHECK_FALSE(f.run());
        CHECK(f.proxy->received().find("\r\nProxy-Authorization: Test secret\r\n") != std::string::npos);
        CHECK(f.conversation.reply().attempts.size() == 2);
        CHECK(f.conversation.reply().status == 200);
    }
}

TEST_CASE("converse: a proxy that closes instead of answering credentials is asked once more")
{
    converse_fixture f{asking(answers)};
    f.proxy->expect_until("\r\n\r\n").reply(wanted).expect_until("\r\n\r\n").close();
    CHECK(f.run() == errc::reconnect_required);
    f.connect();
    f.end.calls = 0;
    f.proxy->expect_until("\r\n\r\n").close();
    CHECK(f.run() == errc::proxy_closed);
}

TEST_CASE("converse: a conversation that is over before its beginning ends, but not inside the function")
{
    converse_fixture f{asking(answers, {.max_attempts = 0})};
    CHECK(f.run() == errc::too_many_attempts);
}

TEST_CASE("converse: the blocking form waits for the authenticator, too")
{
    std::vector<std::thread> helpers;
    struct
    {
        behaviour does;
        error_code outcome;
    } const cases[] = {
        {answers, {}},
        {[&](auth_completion done) { helpers.emplace_back([done = std::move(done)] { answers(done); }); },
         {}},
        {[](auth_completion const& done) {
             answers(done);
             answers(done);
         },
         {}},
        {[](auth_completion const&) {}, errc::authentication_timeout}};
    for (auto const& c : cases) {
        converse_fixture f{asking(c.does)};
        asks_once(*f.proxy);
        f.proxy->start();
        std::thread far_end{[&f] { f.context.run(); }};
        CHECK(converse(f.near, f.conversation) == c.outcome);
        f.near.close();
        far_end.join();
    }
    for (auto& each : helpers)
        each.join();
}
