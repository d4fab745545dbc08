#include <viaduct/auth/basic.hpp>
#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/auth/bearer_verifier.hpp>
#include <viaduct/auth/credential_cache.hpp>
#include <viaduct/impl/auth/constant_time.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace std::literals;
using viaduct::basic_verifier;
using viaduct::basic_verifier_options;
using viaduct::bearer_verifier;
using viaduct::credential_cache;
using viaduct::credentials;
using viaduct::verification;
using viaduct::verifier;
using kind = viaduct::verification::kind;

namespace {

std::string encoded(std::string const& user, std::string const& password)
{
    viaduct::error_code ec;
    auto const value = viaduct::basic_authorization({user, password}, ec);
    REQUIRE_FALSE(ec);
    return value.substr("Basic "sv.size());
}

/// The outcome of a verifier that answers at once.
verification ask(verifier& asked, std::string text)
{
    std::optional<verification> outcome;
    viaduct::auth_attempt attempt;
    attempt.credentials = std::move(text);
    attempt.client = "192.0.2.1";
    asked.verify(std::move(attempt), [&outcome](verification told) {
        CHECK_FALSE(outcome.has_value());
        outcome = std::move(told);
    });
    REQUIRE(outcome.has_value());
    return *outcome;
}

std::map<std::string, std::string> const users{
    {"user", "secret"}, {"\xc3\xa9ric", "pass:word"}, {"none", ""}};

/// A store whose checks wait until the test lets them go.
class gated_store final : public viaduct::password_store
{
public:
    [[nodiscard]] bool check(credentials const& who) const override
    {
        std::unique_lock lock{mutex_};
        ++begun_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        if (who.user == "nobody can tell") throw std::runtime_error{"the directory is down"};
        return who.password == "secret";
    }

    [[nodiscard]] bool is_slow() const noexcept override { return true; }

    [[nodiscard]] bool wait_until_begun() const
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 20s, [this] { return begun_ != 0; });
    }

    [[nodiscard]] int checks() const
    {
        std::lock_guard const lock{mutex_};
        return begun_;
    }

    void open() const
    {
        std::lock_guard const lock{mutex_};
        open_ = true;
        changed_.notify_all();
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    mutable int begun_ = 0;
    mutable bool open_ = false;
};

/// What verifiers tell from other threads.
class outcomes
{
public:
    [[nodiscard]] viaduct::verify_completion taker()
    {
        return [this](verification told) {
            std::lock_guard const lock{mutex_};
            all_.push_back(std::move(told));
            changed_.notify_all();
        };
    }

    [[nodiscard]] std::vector<verification> wait_for(std::size_t count)
    {
        std::unique_lock lock{mutex_};
        CHECK(changed_.wait_for(lock, 20s, [&] { return all_.size() >= count; }));
        return all_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<verification> all_;
};

} // namespace

TEST_CASE("constant time: equal is equal, whatever the lengths")
{
    using viaduct::detail::constant_time_equal;
    for (auto const a : {""sv, "a"sv, "b"sv, "ab"sv, "aa"sv, "\0"sv, "a\0"sv, "abc"sv})
        for (auto const b : {""sv, "a"sv, "b"sv, "ab"sv, "aa"sv, "\0"sv, "a\0"sv, "abc"sv}) {
            CAPTURE(a.size());
            CAPTURE(b.size());
            CHECK(constant_time_equal(a, b) == (a == b));
        }
}

TEST_CASE("credential cache: what was accepted is known until its time is over")
{
    credential_cache cache{60s, 10};
    auto const start = credential_cache::time_point{} + 1h;
    CHECK_FALSE(cache.find("Basic", "abc", start));
    cache.put("Basic", "abc", "user", start);
    CHECK(cache.find("Basic", "abc", start) == "user");
    CHECK(cache.find("Basic", "abc", start + 59s) == "user"); // looking does not make it younger
    CHECK_FALSE(cache.find("Basic", "abd", start));
    CHECK_FALSE(cache.find("Basic", "ab", start));
    CHECK_FALSE(cache.find("Bearer", "abc", start));
    CHECK_FALSE(cache.find("Basic", "abc", start + 60s));
    CHECK(cache.size() == 0); // and its memory is free
}

TEST_CASE("credential cache: the entry that was used longest ago makes room")
{
    credential_cache cache{60s, 2};
    credential_cache::time_point const now{};
    cache.put("Basic", "a", "first", now);
    cache.put("Basic", "b", "second", now);
    CHECK(cache.find("Basic", "a", now) == "first");
    cache.put("Basic", "c", "third", now);
    CHECK(cache.size() == 2);
    CHECK(cache.find("Basic", "a", now) == "first");
    CHECK_FALSE(cache.find("Basic", "b", now));
    cache.put("Basic", "c", "renamed", now + 30s); // the same again
    CHECK(cache.size() == 2);
    CHECK(cache.find("Basic", "c", now + 80s) == "renamed");
    cache.clear();
    CHECK(cache.size() == 0);
    CHECK_FALSE(cache.find("Basic", "c", now));
}

TEST_CASE("credential cache: no time, no room and giants are not remembered")
{
    credential_cache::time_point const now{};
    for (auto const& [ttl, most] : {std::pair{0s, 5u}, {-1s, 5u}, {60s, 0u}}) {
        credential_cache cache{ttl, most};
        cache.put("Basic", "a", "user", now);
        CHECK(cache.size() == 0);
    }
    credential_cache cache{std::chrono::seconds::max(), 5};
    cache.put("Basic", std::string(credential_cache::max_credentials, 'x'), "user", now);
    CHECK(cache.size() == 0);
    cache.put("Basic", "a", "user", now + 1h);
    CHECK(cache.find("Basic", "a", now + 1000h) == "user"); // for ever, and not in the past
}

TEST_CASE("basic verifier: the right password of a known user, and nothing else")
{
    basic_verifier asked{{}, users};
    CHECK(asked.scheme() == "Basic");
    CHECK(asked.can_be_cached());
    CHECK_FALSE(asked.needs_connection());
    struct row
    {
        std::string text;
        std::string user; // empty if it is rejected
    };
    for (auto const& each :
         {row{encoded("user", "secret"), "user"}, row{encoded("\xc3\xa9ric", "pass:word"), "\xc3\xa9ric"},
          row{encoded("none", ""), "none"}, row{encoded("user", "Secret"), ""},
          row{encoded("user", "secre"), ""}, row{encoded("user", "secretsecret"), ""},
          row{encoded("user", ""), ""}, row{encoded("User", "secret"), ""},
          row{encoded("nobody", "nobody"), ""}, row{encoded("", ""), ""}, row{"", ""},
          row{"dXNlcg==", ""},                                   // no colon
          row{"not base64", ""}, row{"dXNlcjpzZWNyZXQA", ""}}) { // a NUL behind the password
        CAPTURE(each.text);
        auto const outcome = ask(asked, each.text);
        CHECK(outcome.what == (each.user.empty() ? kind::rejected : kind::accepted));
        CHECK(outcome.user == each.user);
        CHECK(outcome.challenge.empty());
    }
}

TEST_CASE("basic verifier: the challenge has the realm, and no realm can break out of it")
{
    auto const challenge = [](std::string realm, bool utf8) {
        basic_verifier_options options;
        options.realm = std::move(realm);
        options.utf8 = utf8;
        return basic_verifier{options, users}.challenge();
    };
    CHECK(challenge("a proxy", true) == "Basic realm=\"a proxy\", charset=\"UTF-8\"");
    CHECK(challenge("a \"proxy\"\\", false) == "Basic realm=\"a \\\"proxy\\\"\\\\\"");
    CHECK(challenge("a\r\nproxy", true).empty());
    CHECK(basic_verifier{{}, users}.challenges().size() == 1);
    basic_verifier_options broken;
    broken.realm = "\n";
    CHECK(basic_verifier(broken, users).challenges().empty()); // the scheme is not offered
}

TEST_CASE("basic verifier: a function that throws cannot tell, which is no refusal")
{
    basic_verifier asked{{}, [](credentials const& who) -> bool {
                             if (who.user == "x") throw std::runtime_error{"no connection"};
                             return who.password == "y";
                         }};
    CHECK(ask(asked, encoded("a", "y")).user == "a");
    CHECK(ask(asked, encoded("a", "z")).what == kind::rejected);
    auto const outcome = ask(asked, encoded("x", "y"));
    CHECK(outcome.what == kind::broken);
    CHECK(outcome.problem == "no connection");
}

TEST_CASE("basic verifier: a slow store is asked on a thread of its own, and the queue has an end")
{
    auto const store = std::make_shared<gated_store>();
    basic_verifier_options options;
    options.max_waiting = 3;
    outcomes told;
    auto asked = std::make_unique<basic_verifier>(options, store);
    auto const offer = [&](std::string const& user, std::string const& password) {
        viaduct::auth_attempt attempt;
        attempt.credentials = encoded(user, password);
        asked->verify(std::move(attempt), told.taker()); // returns although the store waits
    };
    offer("user", "secret");
    REQUIRE(store->wait_until_begun());
    offer("user", "wrong");
    offer("nobody can tell", "secret");
    for (int i = 0; i != 40; ++i) // more than threads and queue can take
        offer("user" + std::to_string(i), "secret");
    auto const early = told.wait_for(1);
    CHECK(early.front().what == kind::broken);
    CHECK(early.front().problem == "too many passwords wait to be checked");
    asked.reset(); // the checks do not need it any more
    store->open();
    int accepted = 0;
    int rejected = 0;
    int broken = 0;
    for (auto const& each : told.wait_for(43)) {
        accepted += each.what == kind::accepted;
        rejected += each.what == kind::rejected;
        broken += each.what == kind::broken && each.problem == "the directory is down";
    }
    CHECK(accepted >= 1);
    CHECK(rejected == 1);
    CHECK(broken == 1);
}

TEST_CASE("basic verifier: clients that offer the same at the same time share one check")
{
    auto const store = std::make_shared<gated_store>();
    basic_verifier_options options;
    options.max_waiting = 20;
    basic_verifier asked{options, store};
    outcomes told;
    auto const offer = [&](std::string const& password) {
        viaduct::auth_attempt attempt;
        attempt.credentials = encoded("user", password);
        asked.verify(std::move(attempt), told.taker());
    };
    for (int i = 0; i != 20; ++i)
        offer("secret");
    offer("wrong");
    offer("secret"); // one too many
    CHECK(told.wait_for(1).front().what == kind::broken);
    store->open();
    auto const all = told.wait_for(22);
    CHECK(std::count_if(all.begin(), all.end(), [](auto const& each) { return each.user == "user"; }) == 20);
    CHECK(store->checks() == 2);
    offer("secret"); // another time is another check
    CHECK(told.wait_for(23).back().user == "user");
    CHECK(store->checks() == 3);
}

TEST_CASE("bearer verifier: the function decides, and a refusal says why")
{
    viaduct::bearer_verifier_options options;
    options.realm = "api";
    options.scope = "tunnel read";
    bearer_verifier asked{options,
                          [](std::string token, std::string client, viaduct::verify_completion done) {
                              verification outcome;
                              if (token == "throw") throw std::runtime_error{"no key"};
                              if (token == "good")
                                  outcome = {kind::accepted, "user@" + client, {}, {}, {}, {}};
                              if (token == "weak") outcome.challenge = "Bearer error=\"insufficient_scope\"";
                              done(std::move(outcome));
                          }};
    CHECK(asked.challenge() == "Bearer realm=\"api\", scope=\"tunnel read\"");
    CHECK_FALSE(asked.can_be_cached());
    CHECK(ask(asked, "good").user == "user@192.0.2.1");
    CHECK(ask(asked, "weak").challenge == "Bearer error=\"insufficient_scope\"");
    CHECK(ask(asked, "throw").what == kind::broken);
    auto const bad = ask(asked, "bad");
    CHECK(bad.what == kind::rejected);
    CHECK(bad.challenge == "Bearer realm=\"api\", scope=\"tunnel read\", error=\"invalid_token\"");
    auto const none = ask(asked, "two words");
    CHECK(none.what == kind::rejected);
    CHECK(none.challenge == "Bearer realm=\"api\", scope=\"tunnel read\", error=\"invalid_request\"");
}
