#include "service_fixture.hpp"
#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/server/refusal.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::refusal_for;
using viaduct::reject_policy;
using viaduct::request_outcome;
using viaduct::verification;
using kind = viaduct::verification::kind;

namespace {

std::string const right = "Basic dXNlcjpzZWNyZXQ=";
std::string const wrong = "Basic dXNlcjp3cm9uZw==";
std::string const basic_challenge = "Proxy-Authenticate: Basic realm=\"proxy\", charset=\"UTF-8\"\r\n";

/// A verifier whose words are a test's.
class scripted_verifier final : public viaduct::verifier
{
public:
    using judge = std::function<verification(viaduct::auth_attempt const&)>;

    scripted_verifier(std::string scheme, judge says) : scheme_{std::move(scheme)}, says_{std::move(says)} {}

    [[nodiscard]] std::string_view scheme() const noexcept override { return scheme_; }
    [[nodiscard]] std::string challenge() override { return scheme_; }
    [[nodiscard]] bool needs_connection() const noexcept override { return true; }
    void verify(viaduct::auth_attempt attempt, viaduct::verify_completion done) override
    {
        done(says_(attempt));
    }

private:
    std::string scheme_;
    judge says_;
};

/// One that never answers.
class silent_verifier final : public viaduct::verifier
{
public:
    [[nodiscard]] std::string_view scheme() const noexcept override { return "Basic"; }
    [[nodiscard]] std::string challenge() override { return "Basic realm=\"x\""; }
    void verify(viaduct::auth_attempt, viaduct::verify_completion done) override
    {
        waiting.push_back(std::move(done));
    }

    std::vector<viaduct::verify_completion> waiting;
};

/// Shows a certificate in everybody's name.
class certified final : public viaduct::tls_acceptor
{
public:
    void async_handshake(viaduct::any_stream below, completion done) override
    {
        auto const all =
            std::make_shared<std::pair<viaduct::any_stream, completion>>(std::move(below), std::move(done));
        net::post(all->first.get_executor(),
                  [all] { all->second({}, std::move(all->first), {.protocol = "TLSv1.3", .user = "ann"}); });
    }
};

/// A proxy for people with a name.
struct guarded_fixture : service_fixture
{
    guarded_fixture()
    {
        rules.acl("known proxy_auth REQUIRED").http("allow known");
        auth.failure_delay = 0ms;
    }

    void begin(std::vector<std::shared_ptr<viaduct::verifier>> verifiers = {})
    {
        if (verifiers.empty())
            verifiers = {std::make_shared<viaduct::basic_verifier>(
                viaduct::basic_verifier_options{}, std::map<std::string, std::string>{{"user", "secret"}})};
        auth.verifiers = std::move(verifiers);
        options.way.auth = std::make_shared<viaduct::authentication>(auth);
        options.way.rules = rules.all;
        start(std::move(options));
    }
    void begin_with(std::string scheme, scripted_verifier::judge says)
    {
        begin({std::make_shared<scripted_verifier>(std::move(scheme), std::move(says))});
    }

    [[nodiscard]] std::string with(std::string const& credentials) const
    {
        return "CONNECT " + at_origin.target() +
               " HTTP/1.1\r\nHost: a\r\nProxy-Authorization: " + credentials + "\r\n\r\n";
    }

    rule_book rules;
    viaduct::authentication_options auth;
    viaduct::service_options options = open_to_all();
};

} // namespace

TEST_CASE("service with users: a stranger hears of every scheme, in a field of its own, and then gets in")
{
    guarded_fixture f;
    f.begin({std::make_shared<scripted_verifier>("Negotiate", nullptr),
             std::make_shared<viaduct::basic_verifier>(
                 viaduct::basic_verifier_options{}, std::map<std::string, std::string>{{"user", "secret"}})});
    auto const answer = f.refused(f.at_origin.target());
    CHECK(answer.starts_with("HTTP/1.1 407 Proxy Authentication Required\r\n"));
    CHECK(count_of("Proxy-Authenticate: Negotiate\r\n" + basic_challenge, answer) == 1);
    CHECK(count_of("Proxy-Authenticate:", answer) == 2);
    CHECK(count_of("Connection: close\r\n", answer) == 1);
    auto record = f.record();
    CHECK(record.status == 407);
    CHECK(record.outcome == request_outcome::denied);
    CHECK(record.error == errc::authentication_required);
    CHECK(record.proxy_error == "http_request_denied");
    CHECK(record.user + record.scheme == "");
    CHECK(record.rule == "allow known");
    CHECK(record.bytes_to_client == answer.size());
    auto& c = f.connect_and_say(f.with(right));
    REQUIRE(f.opens(c));
    c.reset();
    record = f.record(2);
    CHECK(record.status == 200);
    CHECK(record.user == "user");
    CHECK(record.scheme == "Basic");
    CHECK(f.at_origin.connections() == 1);
}

TEST_CASE("service with users: a wrong password is refused when its time has come, and holds nobody else up")
{
    guarded_fixture f;
    f.auth.failure_delay = 20ms;
    f.begin();
    auto& guessing = f.connect_and_say(f.with(wrong));
    auto const answer = f.last_words(guessing);
    CHECK(answer.starts_with("HTTP/1.1 407 "));
    CHECK(count_of(basic_challenge, answer) == 1);
    CHECK(f.record().error == errc::authentication_failed);
    CHECK(f.record().user == "");
    CHECK(f.record().elapsed >= 20ms);

    guarded_fixture slow;
    slow.auth.failure_delay = 1h;
    slow.begin();
    auto& held = slow.connect_and_say(slow.with(wrong));
    REQUIRE(slow.run_until([&] { return slow.proxy->active() == 1; }));
    REQUIRE(slow.opens(slow.connect_and_say(slow.with(right))));
    CHECK(held.heard() == "");
    slow.proxy->stop();
    REQUIRE(slow.run_until([&] { return held.ended() && slow.proxy->active() == 0; }));
    CHECK(held.heard() == "");
    CHECK(slow.log.records().size() == 2);
}

TEST_CASE("service with users: behind a 407 nothing is read any more")
{
    guarded_fixture f;
    f.begin();
    auto& c = f.connect_and_say(connect_to(f.at_origin.target()) + f.with(right));
    auto const answer = f.last_words(c);
    CHECK(count_of("HTTP/1.1 ", answer) == 1);
    CHECK(answer.starts_with("HTTP/1.1 407 "));
    REQUIRE(f.run_until([&] { return f.proxy->active() == 0; }));
    CHECK(f.log.records().size() == 1);
    CHECK(f.at_origin.connections() == 0);
}

TEST_CASE("service with users: a connection that may stay open brings another request, with its own record")
{
    guarded_fixture f;
    f.options.way.rejects = reject_policy::keep_alive_for_407;
    f.begin();
    auto& c = f.connect(f.at_origin.target());
    auto const last_line = refusal_for(errc::authentication_required).content + '\n';
    REQUIRE(f.run_until([&] { return c.heard().ends_with(last_line); }));
    CHECK(count_of("Connection: keep-alive\r\n", c.heard()) == 1);
    auto const before = c.heard().size();
    c.say(f.with(right));
    REQUIRE(f.run_until([&] { return c.heard().ends_with(established); }));
    REQUIRE(f.record().status == 407);
    CHECK(f.record().bytes_to_client == before);
    CHECK(f.proxy->active() == 1);
    c.reset();
    CHECK(f.record(2).status == 200);
    CHECK(f.record(2).user == "user");

    auto& early = f.connect_and_say(connect_to(f.at_origin.target()) + "early");
    CHECK(count_of("Connection: close\r\n", f.last_words(early)) == 1); // and the end of it
    CHECK(f.record(3).status == 407);
    REQUIRE(f.run_until([&] { return f.proxy->active() == 0; }));
}

TEST_CASE("service with users: a refusal ends its request, however long the client takes to ask again")
{
    guarded_fixture f;
    f.options.way.rejects = reject_policy::keep_alive_for_407;
    f.begin();
    auto& c = f.connect(f.at_origin.target());
    net::steady_timer later{f.context, 300ms};
    later.async_wait([&](viaduct::error_code) { c.say(f.with(right)); });
    REQUIRE(f.run_until([&] { return c.heard().ends_with(established); }));
    c.reset();
    auto const second = f.record(2);
    auto const first = f.log.records()[0];
    CHECK(second.ended - first.ended > 200ms);
}

TEST_CASE("service with users: a request that comes when the proxy is about to end has its record, too")
{
    /// Ends the proxy with the first record.
    struct last_log final : viaduct::log_sink
    {
        void write(viaduct::tunnel_record const& record) noexcept override
        {
            kept.write(record);
            fixture->proxy->stop();
        }
        guarded_fixture* fixture = nullptr;
        viaduct::testing::recording_sink kept;
    } log;
    guarded_fixture f;
    log.fixture = &f;
    f.options.accept.log = &log;
    f.options.way.rejects = reject_policy::keep_alive_for_407;
    f.begin();
    auto& c = f.connect(f.at_origin.target());
    REQUIRE(f.run_until([&] { return c.heard().find("\r\n\r\n") != std::string::npos; }));
    c.say(f.with(right));
    REQUIRE(f.run_until([&] { return c.ended() && f.proxy->active() == 0; }));
    REQUIRE(log.kept.records().size() == 2);
    auto const last = log.kept.records()[1];
    CHECK(last.error == net::error::operation_aborted);
    CHECK(last.ended_by == viaduct::tunnel_party::proxy);
    CHECK(last.status == 0);
}

TEST_CASE("service with users: a conversation of two legs keeps its session, and ends in the 200")
{
    struct memory : viaduct::verifier_session
    {};
    guarded_fixture f;
    std::vector<bool> had_session;
    f.options.way.rejects = reject_policy::keep_alive_for_407;
    f.begin_with("Negotiate", [&](viaduct::auth_attempt const& attempt) {
        had_session.push_back(attempt.session != nullptr);
        CHECK(attempt.method == "CONNECT");
        CHECK(attempt.uri == f.at_origin.target());
        CHECK(attempt.client == "127.0.0.1");
        if (attempt.credentials == "one")
            return verification{kind::proceed, {}, "Negotiate two", {}, {}, std::make_shared<memory>()};
        return verification{kind::accepted, "ann", {}, "Negotiate four", {}, {}};
    });
    auto& c = f.connect_and_say(f.with("Negotiate one"));
    REQUIRE(f.run_until([&] { return count_of("\r\n\r\n", c.heard()) == 1; }));
    CHECK(count_of("Proxy-Authenticate: Negotiate two\r\n", c.heard()) == 1);
    CHECK(count_of("Proxy-Authenticate:", c.heard()) == 1);
    c.say(f.with("Negotiate three"));
    auto const opened = "HTTP/1.1 200 Connection established\r\nProxy-Authenticate: Negotiate four\r\n\r\n";
    REQUIRE(f.run_until([&] { return c.heard().ends_with(opened); }));
    CHECK(had_session == std::vector{false, true});
    c.reset();
    auto const last = f.record(2);
    CHECK(last.user == "ann");
    CHECK(last.scheme == "Negotiate");
    CHECK(last.bytes_to_client == std::string{opened}.size());
    CHECK(f.log.records()[0].status == 407);
    CHECK(f.log.records()[0].user == "");
}

TEST_CASE("service with users: a conversation ends with whom it has begun with, whatever is new meanwhile")
{
    struct memory : viaduct::verifier_session
    {};
    guarded_fixture f;
    f.options.way.rejects = reject_policy::keep_alive_for_407;
    f.begin_with("Negotiate", [](viaduct::auth_attempt const& attempt) {
        if (attempt.credentials == "one")
            return verification{kind::proceed, {}, "Negotiate two", {}, {}, std::make_shared<memory>()};
        return verification{kind::accepted, "ann", {}, {}, {}, {}};
    });
    auto const way = std::make_shared<viaduct::authentication>(viaduct::authentication_options{
        .verifiers = {std::make_shared<scripted_verifier>(
            "Negotiate", [](viaduct::auth_attempt const&) { return verification{}; })},
        .failure_delay = 0ms});
    auto& c = f.connect_and_say(f.with("Negotiate one"));
    auto& asks = f.connect(f.at_origin.target());
    REQUIRE(f.run_until([&] { return !c.heard().empty() && !asks.heard().empty(); }));
    auto next = f.open_to_all();
    next.listen = {f.proxy->endpoints().front()};
    next.accept.log = &f.log;
    next.way.rules = f.rules.all;
    next.way.auth = way;
    f.proxy->reload(std::move(next));
    c.say(f.with("Negotiate three"));
    REQUIRE(f.run_until([&] { return c.heard().ends_with(established); }));
    asks.say(f.with("Negotiate three")); // it had not begun
    REQUIRE(f.run_until([&] { return count_of("HTTP/1.1 407 ", asks.heard()) == 2; }));
}

TEST_CASE("service with users: the 200 tells what the verifier has to say, if it can be said")
{
    std::string const status_line = "HTTP/1.1 200 Connection established\r\n";
    std::pair<std::string, std::string> const cases[] = {
        {"rspauth=\"abc\"", status_line + "Proxy-Authentication-Info: rspauth=\"abc\"\r\n\r\n"},
        {"Digestive", status_line + "Proxy-Authentication-Info: Digestive\r\n\r\n"},
        {"Digest x", status_line + "Proxy-Authenticate: Digest x\r\n\r\n"},
        {"a\r\nb", established},
        {"", established}};
    for (auto const& each : cases) {
        guarded_fixture f;
        f.begin_with("Digest", [&](viaduct::auth_attempt const&) {
            return verification{kind::accepted, "ann", {}, each.first, {}, {}};
        });
        auto& c = f.connect_and_say(f.with("Digest x") + "early");
        REQUIRE(f.run_until([&] { return c.heard() == each.second; }));
        REQUIRE(f.run_until([&] { return f.at_origin.visitor().heard() == "early"; }));
        c.reset();
        CHECK(f.record().bytes_to_client == each.second.size());
    }
}

TEST_CASE("service with users: a verifier that cannot tell is an error of ours")
{
    for (bool const late : {false, true}) {
        guarded_fixture f;
        if (late) {
            f.auth.timeout = 10ms;
            f.begin({std::make_shared<silent_verifier>()});
        } else {
            f.begin_with("Basic", [](viaduct::auth_attempt const&) -> verification {
                throw std::runtime_error{"the store is gone"};
            });
        }
        auto const answer = f.last_words(f.connect_and_say(f.with(right)));
        CHECK(answer == refusal_for(errc::authentication_broken).text());
        CHECK(answer.starts_with("HTTP/1.1 500 "));
        CHECK(f.record().error == errc::authentication_broken);
        CHECK(f.record().outcome == request_outcome::denied); // nothing has been tried
        CHECK(f.record().scheme == "Basic");
    }
}

TEST_CASE("service with users: a challenge that cannot be sent is none")
{
    guarded_fixture f;
    f.begin_with("Odd", [](viaduct::auth_attempt const&) {
        return verification{kind::proceed, {}, "Odd a\r\nX-Injected: b", {}, {}, {}};
    });
    auto const answer = f.last_words(f.connect_and_say(f.with("Odd x")));
    CHECK(count_of("X-Injected", answer) == 0);
    CHECK(f.record().status == (answer.starts_with("HTTP/1.1 407 ") ? 407 : 403));
}

TEST_CASE("service with users: who has shown a certificate is not asked, and has a name for rules and log")
{
    for (std::string const name : {"ann", "bob"}) {
        for (bool const could_be_asked : {true, false}) {
            guarded_fixture f;
            viaduct::service_listener secure{somewhere};
            secure.tls = std::make_shared<certified>();
            f.options.listen = {secure};
            f.rules.all->http_access = {};
            f.rules.acl("staff proxy_auth " + name).http("deny !staff").http("allow all");
            f.options.way.rules = f.rules.all;
            if (could_be_asked)
                f.begin();
            else
                f.start(std::move(f.options));
            auto& c = f.connect(f.at_origin.target());
            CHECK(f.opens(c) == (name == "ann"));
            c.reset();
            auto const record = f.record();
            CHECK(record.user == "ann");
            CHECK(record.scheme == "TLS");
            CHECK(record.status == (name == "ann" ? 200 : 403)); // a password would change nothing
        }
    }
}

TEST_CASE("service with users: strangers need not be told why they are refused")
{
    guarded_fixture f;
    f.options.way.explain_to_strangers = false;
    f.rules.acl("here dst 127.0.0.1");
    f.rules.all->http_access = {};
    f.rules.http("deny !known").http("deny here").http("allow all");
    f.begin();
    auto const stranger = f.refused(f.at_origin.target());
    CHECK(stranger == "HTTP/1.1 407 Proxy Authentication Required\r\n" + basic_challenge +
                          "Content-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK(f.record().proxy_error == ""); // as sent
    CHECK(f.record().content_type == "");
    CHECK(f.record().error == errc::authentication_required);
    auto const friendly = f.last_words(f.connect_and_say(f.with(right)));
    CHECK(friendly == refusal_for(errc::request_denied).text());
    CHECK(f.record(2).proxy_error == "http_request_denied");
}

TEST_CASE("service with users: it may be stopped at every step of a conversation on one connection")
{
    bool tunnel_was_open = false;
    for (std::size_t steps = 0; !tunnel_was_open; ++steps) {
        REQUIRE(steps < 1000);
        guarded_fixture f;
        f.options.way.rejects = reject_policy::keep_alive_for_407;
        f.options.way.limits = std::make_shared<viaduct::limits>();
        auto const limits = f.options.way.limits;
        f.begin();
        auto& c = f.connect(f.at_origin.target());
        bool asked_again = false;
        f.run_steps(steps, [&] {
            if (!asked_again && count_of("\r\n\r\n", c.heard()) != 0) {
                c.say(f.with(right));
                asked_again = true;
            }
            return c.heard().ends_with(established);
        });
        tunnel_was_open = c.heard().ends_with(established);
        f.proxy->stop();
        REQUIRE(f.run_until([&] { return c.ended() && f.proxy->active() == 0; }));
        CHECK(limits->tunnels() == 0);
        CHECK(f.log.records().size() <= 2);
    }
}
