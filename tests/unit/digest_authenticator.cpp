#include <viaduct/auth/digest_authenticator.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace std::literals;
using viaduct::auth_exchange;
using viaduct::auth_verdict;
using viaduct::challenge;
using viaduct::credentials;
using viaduct::digest_authenticator;
using viaduct::errc;
using viaduct::error_code;

namespace {

credentials const someone{"user", "secret"};
viaduct::auth_request const request{"CONNECT", "broker.example:8883"};

challenge offer(std::string_view params)
{
    return viaduct::parse_challenges("Digest " + std::string{params}).at(0);
}

/// A challenge in today's form, with a realm of its own if one is given.
challenge fresh(std::string const& nonce, std::string const& more = "realm=r")
{
    return offer("algorithm=SHA-256, qop=auth, nonce=" + nonce + ", " + more);
}

/// An answer, read as a proxy reads it.
struct outcome
{
    error_code error{};
    challenge value{};
    int calls = 0;

    [[nodiscard]] std::string get(std::string_view name) const
    {
        return std::string{value.find(name).value_or("")};
    }
    /// Nonce and count, as in `n1:00000001`.
    [[nodiscard]] std::string turn() const { return get("nonce") + ':' + get("nc"); }

    /// What the proxy computed for it.
    [[nodiscard]] viaduct::digest_input input() const
    {
        auto const nc = static_cast<std::uint32_t>(std::stoul(get("nc"), nullptr, 16));
        return {viaduct::digest_algorithm::sha_256,
                viaduct::digest_qop::auth,
                get("nonce"),
                get("cnonce"),
                nc,
                "CONNECT",
                get("uri")};
    }
};

std::string secret_for(std::string_view realm)
{
    return digest_secret(viaduct::digest_algorithm::sha_256, someone, realm);
}

outcome respond(auth_exchange& exchange, challenge const* to)
{
    outcome last;
    exchange.respond(request, to, [&last](error_code ec, std::string const& value) {
        last.error = ec;
        if (!ec) last.value = viaduct::parse_challenges(value).at(0);
        CHECK(value.empty() == bool{ec});
        ++last.calls;
    });
    CHECK(last.calls == 1);
    if (last.error) return last;
    CHECK(last.get("response") == digest_response(secret_for(last.get("realm")), last.input()));
    return last;
}

outcome respond(auth_exchange& exchange, challenge const& to)
{
    return respond(exchange, &to);
}

outcome begin_with(auth_exchange& exchange)
{
    return respond(exchange, nullptr);
}

void accept(auth_exchange& exchange, std::string const& info)
{
    auto const line = "Proxy-Authentication-Info: " + info + "\r\n";
    exchange.accepted(viaduct::field_list{line});
}

/// What the next tunnel would begin with, at a proxy that is asked afterwards.
std::string next_turn(digest_authenticator& scheme)
{
    if (!scheme.can_begin()) return "nothing";
    return begin_with(*scheme.begin()).turn();
}

} // namespace

TEST_CASE("digest authenticator: what is wrong with a challenge is told in words")
{
    viaduct::digest_authenticator const scheme{{"user", "pass"}};
    for (auto const& [text, part] : {std::pair{"Digest realm=x", "without a nonce"},
                                     {"Digest nonce=n, algorithm=SHA-3", "unknown algorithm 'SHA-3'"},
                                     {"Digest nonce=n, qop=other", "qop is neither"},
                                     {"Digest nonce=n, algorithm=MD5-sess", "MD5-sess and no qop"},
                                     {"Digest nonce=n, opaque=\"\x01\"", "cannot be sent back"}}) {
        auto const offer = viaduct::parse_challenges(text).at(0);
        CHECK(scheme.strength(offer) == 0);
        CHECK(scheme.objection(offer).find(part) != std::string::npos);
    }
    CHECK(scheme.objection(viaduct::parse_challenges("Digest nonce=n").at(0)) == "");
}

TEST_CASE("digest authenticator: it has a name, a strength for each challenge, and is bound to no connection")
{
    auto const scheme = viaduct::digest_scheme().make(someone);
    CHECK(scheme->scheme() == "Digest");
    CHECK(viaduct::digest_scheme().name == "Digest");
    CHECK_FALSE(scheme->binds_connection());
    CHECK(scheme->strength(offer("nonce=n, algorithm=SHA-512-256")) == 3);
    CHECK(scheme->strength(offer("nonce=n, algorithm=SHA-256-sess, qop=auth")) == 2);
    CHECK(scheme->strength(offer("nonce=n")) <= 1);
    CHECK(scheme->strength(offer("nonce=n, algorithm=SHA-1")) == 0);
    CHECK(scheme->strength(offer("realm=r")) == 0);
}

TEST_CASE("digest authenticator: the first tunnel has to be asked, the next ones count on with its nonce")
{
    digest_authenticator scheme{someone};
    CHECK_FALSE(scheme.can_begin());
    auto const first = scheme.begin();
    CHECK(begin_with(*first).error == errc::credentials_unavailable);
    auto const asked = respond(*first, fresh("n1"));
    CHECK(asked.turn() == "n1:00000001");
    CHECK(asked.get("uri") == "broker.example:8883");
    first->accepted({});

    CHECK(scheme.can_begin());
    auto const again = begin_with(*scheme.begin());
    CHECK(again.turn() == "n1:00000002");
    CHECK(again.get("cnonce") == asked.get("cnonce"));
    CHECK(next_turn(scheme) == "n1:00000003");
}

TEST_CASE("digest authenticator: a new nonce starts the count and has a client nonce of its own")
{
    digest_authenticator scheme{someone};
    auto const one = respond(*scheme.begin(), fresh("n1"));
    auto const two = respond(*scheme.begin(), fresh("n2"));
    CHECK(two.turn() == "n2:00000001");
    CHECK(two.get("cnonce").size() >= 24);
    CHECK(two.get("cnonce") != one.get("cnonce"));
    CHECK(next_turn(scheme) == "n2:00000002");
}

TEST_CASE("digest authenticator: a proxy that offers the same nonce again sees the count go on")
{
    digest_authenticator scheme{someone};
    CHECK(respond(*scheme.begin(), fresh("n1")).turn() == "n1:00000001");
    auto const again = respond(*scheme.begin(), fresh("n1", "realm=other, opaque=o"));
    CHECK(again.turn() == "n1:00000002");
    CHECK(again.get("realm") == "other");
    CHECK(again.get("opaque") == "o");
}

TEST_CASE("digest authenticator: two tunnels at once share the book, and the newest nonce is the one kept")
{
    digest_authenticator scheme{someone};
    auto const a = scheme.begin();
    auto const b = scheme.begin();
    CHECK(respond(*a, fresh("n1")).turn() == "n1:00000001");
    CHECK(begin_with(*b).turn() == "n1:00000002");
    CHECK(respond(*b, fresh("n2")).turn() == "n2:00000001");
    CHECK(begin_with(*a).turn() == "n2:00000002");

    CHECK(respond(*a, fresh("n3")).turn() == "n3:00000001");
    CHECK(b->judge(fresh("n4", "realm=r")) == auth_verdict::rejected); // b's n2 is not what is remembered
    CHECK(next_turn(scheme) == "n3:00000002");
}

TEST_CASE("digest authenticator: a second 407 for the same realm is a rejection, and nothing is remembered")
{
    digest_authenticator scheme{someone};
    auto const exchange = scheme.begin();
    CHECK(respond(*exchange, fresh("n1")).turn() == "n1:00000001");
    CHECK(exchange->judge(fresh("n2")) == auth_verdict::rejected);
    CHECK(next_turn(scheme) == "nothing");
}

TEST_CASE("digest authenticator: stale is an excuse twice")
{
    digest_authenticator scheme{someone};
    auto const exchange = scheme.begin();
    CHECK(respond(*exchange, fresh("n1")).turn() == "n1:00000001");
    for (auto const& nonce : {"n2"s, "n3"s}) {
        auto const stale = fresh(nonce, "realm=r, stale=true");
        CHECK(exchange->judge(stale) == auth_verdict::proceed);
        CHECK(respond(*exchange, stale).turn() == nonce + ":00000001");
    }
    CHECK(exchange->judge(fresh("n4", "realm=r, stale=true")) == auth_verdict::rejected);
    CHECK(exchange->judge(fresh("n5", "realm=r, stale=true")) == auth_verdict::rejected);
}

TEST_CASE(
    "digest authenticator: a remembered nonce that the proxy has forgotten is an excuse once, stale or not")
{
    digest_authenticator scheme{someone};
    CHECK(respond(*scheme.begin(), fresh("n1")).turn() == "n1:00000001");
    auto const exchange = scheme.begin();
    CHECK(begin_with(*exchange).turn() == "n1:00000002");
    CHECK(exchange->judge(fresh("n2")) == auth_verdict::proceed);
    SUBCASE("the answer to its challenge is judged like any other")
    {
        CHECK(respond(*exchange, fresh("n2")).turn() == "n2:00000001");
        CHECK(exchange->judge(fresh("n3")) == auth_verdict::rejected);
    }
    SUBCASE("and a second one without a challenge is not excused")
    {
        CHECK(begin_with(*exchange).turn() == "n1:00000003");
        CHECK(exchange->judge(fresh("n3")) == auth_verdict::rejected);
    }
}

TEST_CASE("digest authenticator: another realm than the one answered is an excuse once")
{
    digest_authenticator scheme{someone};
    auto const exchange = scheme.begin();
    CHECK(respond(*exchange, fresh("n1", "realm=outer")).get("realm") == "outer");
    CHECK(exchange->judge(fresh("n2", "realm=inner")) == auth_verdict::proceed);
    CHECK(respond(*exchange, fresh("n2", "realm=inner")).get("realm") == "inner");
    CHECK(exchange->judge(fresh("n3", "realm=outer")) == auth_verdict::rejected);
}

TEST_CASE("digest authenticator: a challenge that nobody can answer is an error, and ends the conversation")
{
    digest_authenticator scheme{someone};
    auto const exchange = scheme.begin();
    CHECK(respond(*exchange, offer("realm=r, qop=auth")).error == errc::challenge_invalid);
    CHECK_FALSE(scheme.can_begin());
    CHECK(respond(*exchange, fresh("n1")).turn() == "n1:00000001");
    CHECK(exchange->judge(offer("realm=r, stale=true")) == auth_verdict::rejected);

    digest_authenticator control{{"user", "secret\n"}};
    CHECK(respond(*control.begin(), fresh("n1")).error == errc::credentials_invalid);
    CHECK_FALSE(control.can_begin());
}

TEST_CASE("digest authenticator: the nonce that came with the tunnel is the next one, and its count is new")
{
    digest_authenticator scheme{someone};
    auto const exchange = scheme.begin();
    auto const sent = respond(*exchange, fresh("n1", "realm=r, opaque=o"));
    accept(*exchange, "nextnonce=\"n2\"");
    auto const next = begin_with(*scheme.begin());
    CHECK(next.turn() == "n2:00000001");
    CHECK(next.get("realm") == "r");
    CHECK(next.get("opaque") == "o");
    CHECK(next.get("cnonce") != sent.get("cnonce"));

    accept(*exchange, "nextnonce=\"n2\""); // named twice, it is still the same nonce
    CHECK(next_turn(scheme) == "n2:00000002");
    accept(*exchange, "nextnonce=\"\x01\"");
    CHECK(next_turn(scheme) == "n2:00000003");
}

TEST_CASE(
    "digest authenticator: a nonce for the next request means nothing to a tunnel that answered nothing")
{
    digest_authenticator scheme{someone};
    accept(*scheme.begin(), "nextnonce=\"n1\"");
    CHECK_FALSE(scheme.can_begin());
}

TEST_CASE("digest authenticator: a proxy that proves itself is believed, one that fails to is asked anew")
{
    digest_authenticator scheme{someone};
    auto const exchange = scheme.begin();
    auto input = respond(*exchange, fresh("n1")).input();
    input.method.clear();
    auto const proof = digest_response(secret_for("r"), input);
    accept(*exchange, "rspauth=\"" + proof + "\", nextnonce=n2");
    CHECK(next_turn(scheme) == "n2:00000001");

    auto const second = scheme.begin();
    CHECK(begin_with(*second).turn() == "n2:00000002");
    accept(*second, "rspauth=\"" + proof + "\", nextnonce=n3"); // the proof of another request
    CHECK(next_turn(scheme) == "nothing");
    CHECK(begin_with(*second).error == errc::credentials_unavailable);
}

TEST_CASE("digest authenticator: an exchange may outlive its authenticator")
{
    auto scheme = std::make_unique<digest_authenticator>(someone);
    auto const exchange = scheme->begin();
    scheme.reset();
    CHECK(respond(*exchange, fresh("n1")).turn() == "n1:00000001");
}

TEST_CASE("digest authenticator: tunnels on several threads never count the same request twice")
{
    digest_authenticator scheme{someone};
    REQUIRE(respond(*scheme.begin(), fresh("n1")).turn() == "n1:00000001");
    constexpr std::size_t tunnels = 50;
    std::vector<std::vector<std::string>> values(4);
    std::vector<std::thread> threads;
    for (auto& mine : values)
        threads.emplace_back([&scheme, &mine] {
            for (std::size_t i = 0; i < tunnels; ++i) {
                auto const exchange = scheme.begin();
                exchange->respond(request, nullptr, [&mine](error_code, std::string value) {
                    mine.push_back(std::move(value));
                });
                accept(*exchange, "nextnonce=n1");
            }
        });
    for (auto& thread : threads)
        thread.join();
    std::set<std::string> counts;
    for (auto const& mine : values)
        for (auto const& value : mine)
            counts.insert(std::string{viaduct::parse_challenges(value).at(0).find("nc").value_or("")});
    CHECK(counts.size() == values.size() * tunnels);
    CHECK(next_turn(scheme) == "n1:000000ca");
}
