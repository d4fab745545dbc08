#include "event_loop.hpp"
#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/server/authentication.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using namespace std::literals;
using viaduct::authentication;
using viaduct::authentication_options;
using viaduct::authentication_result;
using viaduct::authentication_session;
using viaduct::errc;
using viaduct::verification;
using kind = viaduct::verification::kind;

namespace {

constexpr auto user_secret = "dXNlcjpzZWNyZXQ="sv;
constexpr auto user_wrong = "dXNlcjp3cm9uZw=="sv;

/// A verifier that keeps what it is asked, for the test to answer.
class asked_verifier final : public viaduct::verifier
{
public:
    explicit asked_verifier(std::string_view scheme, bool cached = false) : scheme_{scheme}, cached_{cached}
    {}

    [[nodiscard]] std::string_view scheme() const noexcept override { return scheme_; }
    [[nodiscard]] std::string challenge() override { return std::string{scheme_} + " usual"; }
    [[nodiscard]] std::vector<std::string> challenges() override
    {
        return {std::string{scheme_} + " best", std::string{scheme_} + " usual"};
    }
    [[nodiscard]] bool needs_connection() const noexcept override { return scheme_ == "NTLM"; }
    [[nodiscard]] bool can_be_cached() const noexcept override { return cached_; }

    void verify(viaduct::auth_attempt attempt, viaduct::verify_completion done) override
    {
        if (attempt.credentials == "throw") throw std::runtime_error{"it is gone"};
        asked.push_back(std::move(attempt));
        waiting.push_back(std::move(done));
    }

    /// Answers the one that was asked last.
    void answer(verification outcome) { waiting.back()(std::move(outcome)); }

    std::vector<viaduct::auth_attempt> asked;
    std::vector<viaduct::verify_completion> waiting;

private:
    std::string_view scheme_;
    bool cached_;
};

/// A gate with two schemes, and the questions of clients.
struct gate_fixture : event_loop
{
    using outcome = completion<authentication_result>;

    explicit gate_fixture(authentication_options changed = {})
    {
        changed.verifiers = {other, basic};
        gate = std::make_unique<authentication>(std::move(changed));
    }

    /// @param credentials The whole value of the field; none without one.
    void ask(outcome& end, std::string_view credentials)
    {
        std::string text = "Host: a.example\r\n";
        if (!credentials.empty()) text.append("Proxy-Authorization: ").append(credentials).append("\r\n");
        gate->async_authenticate(executor(), viaduct::field_list{text}, "CONNECT", "a.example:443",
                                 "192.0.2.1", session, end.handler());
        CHECK(end.calls == 0); // never inside the initiating function
    }

    void wait(outcome& end)
    {
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
    }

    /// Until the verifier has been asked for the n-th time.
    void wait_for_question(std::size_t n)
    {
        REQUIRE(run_until([&] { return other->asked.size() == n; }));
    }

    /// Up to where only a clock is waited for.
    void run_what_is_ready()
    {
        context.restart();
        while (context.poll() != 0) {
        }
    }

    [[nodiscard]] static authentication_options quick()
    {
        authentication_options options;
        options.failure_delay = 0ms;
        return options;
    }

    std::shared_ptr<asked_verifier> other = std::make_shared<asked_verifier>("NTLM");
    std::shared_ptr<viaduct::basic_verifier> basic = std::make_shared<viaduct::basic_verifier>(
        viaduct::basic_verifier_options{}, std::map<std::string, std::string>{{"user", "secret"}});
    std::unique_ptr<authentication> gate;
    authentication_session session;
};

std::vector<std::string> const all_offers{"NTLM best", "NTLM usual",
                                          "Basic realm=\"proxy\", charset=\"UTF-8\""};

verification accepted(std::string user)
{
    return {kind::accepted, std::move(user), {}, "some=info", {}, {}};
}

} // namespace

TEST_CASE("authentication: without credentials of a scheme that is known, all are offered in order")
{
    gate_fixture f;
    CHECK(f.gate->offers() == all_offers);
    for (auto const text : {""sv, "Unknown abc"sv, "Basi"sv, "BasicdXNlcjpzZWNyZXQ="sv}) {
        CAPTURE(text);
        gate_fixture::outcome end;
        f.ask(end, text);
        f.wait(end);
        CHECK(end.error == errc::authentication_required);
        CHECK(end.value().challenges == all_offers);
        CHECK(end.value().scheme.empty());
        CHECK_FALSE(end.value().proceeds);
    }
}

TEST_CASE("authentication: the verifier of the scheme decides, whatever its letters are")
{
    gate_fixture f{gate_fixture::quick()};
    for (auto const& scheme : {"Basic "s, "bASIC   "s}) {
        gate_fixture::outcome right;
        f.ask(right, scheme + std::string{user_secret});
        f.wait(right);
        CHECK_FALSE(right.error);
        CHECK(right.value().user == "user");
        CHECK(right.value().scheme == "Basic");
        CHECK(right.value().challenges.empty());
    }
    gate_fixture::outcome wrong;
    f.ask(wrong, "Basic " + std::string{user_wrong});
    f.wait(wrong);
    CHECK(wrong.error == errc::authentication_failed);
    CHECK(wrong.value().user.empty());
    CHECK(wrong.value().challenges == all_offers);
}

TEST_CASE("authentication: a verifier is told what it needs, and answers later, from any thread")
{
    gate_fixture f;
    gate_fixture::outcome end;
    f.ask(end, "ntlm token");
    f.wait_for_question(1);
    auto const& attempt = f.other->asked.front();
    CHECK(attempt.method == "CONNECT");
    CHECK(attempt.uri == "a.example:443");
    CHECK(attempt.credentials == "token");
    CHECK(attempt.client == "192.0.2.1");
    CHECK(attempt.session == nullptr);
    std::thread elsewhere{[&f] {
        f.other->answer(accepted("someone"));
        f.other->answer(accepted("a second answer")); // counts for nothing
    }};
    f.wait(end);
    elsewhere.join();
    CHECK_FALSE(end.error);
    CHECK(end.value().user == "someone");
    CHECK(end.value().info == "some=info");
    CHECK(f.context.run_for(20s) == 0); // the clock has been stopped
}

TEST_CASE("authentication: a conversation keeps its session with the connection, until the scheme changes")
{
    gate_fixture f{gate_fixture::quick()};
    auto const kept = std::make_shared<viaduct::verifier_session>();
    gate_fixture::outcome first;
    f.ask(first, "NTLM one");
    f.wait_for_question(1);
    f.other->answer({kind::proceed, {}, "NTLM two", {}, {}, kept});
    f.wait(first);
    CHECK(first.error == errc::authentication_required);
    CHECK(first.value().proceeds);
    CHECK(first.value().needs_connection);
    CHECK(first.value().challenges == std::vector{"NTLM two"s});

    gate_fixture::outcome second;
    f.ask(second, "NTLM three");
    f.wait_for_question(2);
    CHECK(f.other->asked[1].session == kept);
    f.other->answer({kind::proceed, {}, {}, {}, {}, kept});
    f.wait(second);
    CHECK(second.value().challenges == std::vector{"NTLM usual"s});

    gate_fixture::outcome third;
    f.ask(third, "Basic " + std::string{user_wrong});
    f.wait(third);
    gate_fixture::outcome fourth;
    f.ask(fourth, "NTLM one");
    f.wait_for_question(3);
    CHECK(f.other->asked[2].session == nullptr);
    f.other->answer({kind::rejected, {}, "NTLM anew", {}, {}, kept});
    f.wait(fourth);
    CHECK(fourth.error == errc::authentication_failed);
    CHECK(fourth.value().challenges == std::vector{"NTLM anew"s, all_offers.back()});
    CHECK(f.session.kept == nullptr);
}

TEST_CASE("authentication: nobody can tell")
{
    gate_fixture f;
    gate_fixture::outcome told;
    f.ask(told, "NTLM x");
    f.wait_for_question(1);
    f.other->answer({kind::broken, {}, {}, {}, "the directory is down", {}});
    f.wait(told);
    CHECK(told.error == errc::authentication_broken);
    CHECK(told.value().problem == "NTLM: the directory is down");

    gate_fixture::outcome thrown;
    f.ask(thrown, "NTLM throw");
    f.wait(thrown);
    CHECK(thrown.error == errc::authentication_broken);
    CHECK(thrown.value().problem == "NTLM: it is gone");

    gate_fixture::outcome nameless;
    f.ask(nameless, "NTLM x");
    f.wait_for_question(2);
    f.other->answer(accepted(""));
    f.wait(nameless);
    CHECK(nameless.error == errc::authentication_broken);
}

TEST_CASE("authentication: a verifier that takes too long, or forgets, cannot tell")
{
    authentication_options options;
    options.timeout = 20ms;
    gate_fixture f{options};
    gate_fixture::outcome late;
    f.ask(late, "NTLM x");
    f.wait(late);
    CHECK(late.error == errc::authentication_broken);
    CHECK(late.value().problem == "NTLM: no answer in time");
    f.other->answer(accepted("too late"));

    gate_fixture::outcome dropped;
    f.ask(dropped, "NTLM x");
    f.wait_for_question(2);
    f.other->waiting.clear(); // uncalled
    f.wait(dropped);
    CHECK(dropped.error == errc::authentication_broken);
}

TEST_CASE("authentication: a refusal is held back, and whoever is right waits for no clock")
{
    authentication_options options;
    options.failure_delay = 50ms;
    gate_fixture f{options};
    auto const start = std::chrono::steady_clock::now();
    gate_fixture::outcome wrong;
    f.ask(wrong, "Basic " + std::string{user_wrong});
    f.wait(wrong);
    CHECK(wrong.error == errc::authentication_failed);
    CHECK(std::chrono::steady_clock::now() - start >= 50ms);
    CHECK(f.context.run_for(20s) == 0); // a wake-up that came late would have cut it short

    options.failure_delay = 1h;
    gate_fixture patient{options};
    gate_fixture::outcome right;
    patient.ask(right, "Basic " + std::string{user_secret});
    patient.wait(right);
    CHECK(right.value().user == "user");
}

TEST_CASE("authentication: no more refusals are held back than may be")
{
    authentication_options options;
    options.failure_delay = 1h;
    options.max_held = 1;
    gate_fixture f{options};
    for (int i = 0; i != 2; ++i) { // the room of one that has ended is free again
        gate_fixture::outcome held;
        gate_fixture::outcome beyond;
        f.ask(held, "Basic " + std::string{user_wrong});
        f.run_what_is_ready();
        f.ask(beyond, "Basic " + std::string{user_wrong});
        f.wait(beyond);
        CHECK(beyond.error == errc::authentication_failed);
        CHECK_FALSE(held.done());
        held.cancel.emit(net::cancellation_type::terminal);
        f.wait(held);
    }
}

TEST_CASE("authentication: cancelled, it ends at once, wherever it is")
{
    for (auto const type : every_cancellation) {
        authentication_options options;
        options.failure_delay = 1h;
        options.timeout = 1h;
        gate_fixture f{options};
        gate_fixture::outcome asking;
        f.ask(asking, "NTLM x");
        f.wait_for_question(1);
        asking.cancel.emit(type);
        f.wait(asking);
        CHECK(asking.error == net::error::operation_aborted);
        f.other->answer(accepted("too late"));

        gate_fixture::outcome delayed;
        f.ask(delayed, "Basic " + std::string{user_wrong});
        f.run_what_is_ready();
        delayed.cancel.emit(type);
        f.wait(delayed);
        CHECK(delayed.error == net::error::operation_aborted);
        CHECK(delayed.value().challenges.empty());

        gate_fixture::outcome early;
        f.ask(early, "");
        early.cancel.emit(type);
        f.wait(early);
        CHECK(early.error == net::error::operation_aborted);
        CHECK(f.context.run_for(20s) == 0); // nothing is left
    }
}

TEST_CASE("authentication: what was accepted is not asked for again where the verifier allows it")
{
    gate_fixture f;
    auto const cached = std::make_shared<asked_verifier>("Basic", true);
    auto options = gate_fixture::quick();
    options.verifiers = {cached};
    f.gate = std::make_unique<authentication>(options);
    auto const ask = [&](std::string_view credentials, verification answer) {
        gate_fixture::outcome end;
        auto const before = cached->asked.size();
        f.ask(end, credentials);
        REQUIRE(f.run_until([&] { return end.done() || cached->asked.size() != before; }));
        if (!end.done()) cached->answer(std::move(answer));
        f.wait(end);
        return end.value().user;
    };
    CHECK(ask("Basic abc", {}).empty());
    CHECK(ask("Basic abc", accepted("user")) == "user"); // a refusal is not remembered
    CHECK(cached->asked.size() == 2);
    CHECK(ask("basic abc", {}) == "user");
    CHECK(cached->asked.size() == 2);
    CHECK(ask("Basic abd", {}).empty());
    CHECK(cached->asked.size() == 3);
    f.gate->forget();
    CHECK(ask("Basic abc", {}).empty());
    CHECK(cached->asked.size() == 4);

    f.gate = std::make_unique<authentication>(authentication_options{.verifiers = {f.other}});
    for (std::size_t n = 1; n != 3; ++n) {
        gate_fixture::outcome end;
        f.ask(end, "NTLM abc");
        f.wait_for_question(n);
        f.other->answer(accepted("user"));
        f.wait(end);
    }
}

TEST_CASE("authentication: several threads ask one gate")
{
    authentication_options options;
    options.verifiers = {std::make_shared<viaduct::basic_verifier>(
        viaduct::basic_verifier_options{}, std::map<std::string, std::string>{{"user", "secret"}})};
    options.failure_delay = 1ms;
    authentication gate{options};
    auto const many = [&gate] {
        event_loop loop;
        authentication_session session;
        for (int i = 0; i != 200; ++i) {
            bool const right = i % 2 == 0;
            auto const text =
                "Proxy-Authorization: Basic " + std::string{right ? user_secret : user_wrong} + "\r\n";
            completion<authentication_result> end;
            gate.async_authenticate(loop.executor(), viaduct::field_list{text}, "CONNECT", "a:1", "c",
                                    session, end.handler());
            if (!loop.run_until([&end] { return end.done(); }) || right == bool{end.error}) return false;
        }
        return true;
    };
    bool first = false;
    std::thread other{[&] { first = many(); }};
    bool const second = many();
    other.join();
    CHECK(first);
    CHECK(second);
}
