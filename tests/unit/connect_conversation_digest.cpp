#include "conversation_player.hpp"
#include <viaduct/auth/basic_authenticator.hpp>
#include <viaduct/auth/digest_authenticator.hpp>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

// The rules of a conversation with the Digest scheme itself, whose answers these tests read as a proxy does.

using namespace fixture;

namespace {

viaduct::credentials const someone{"user", "secret"};

/// What a proxy checks in credentials, without what is random: `SHA-256 n1:00000001`, and `wrong` if they
/// are.
[[nodiscard]] std::string shown(std::string const& value)
{
    auto const answer = viaduct::parse_challenges(value).at(0);
    if (!answer.is("Digest")) return value;
    auto const get = [&](std::string_view name) { return std::string{answer.find(name).value_or("")}; };
    bool const strong = get("algorithm") == "SHA-256";
    auto const algorithm = strong ? viaduct::digest_algorithm::sha_256 : viaduct::digest_algorithm::md5;
    auto const count = static_cast<std::uint32_t>(std::stoul(get("nc"), nullptr, 16));
    viaduct::digest_input const input{
        algorithm, viaduct::digest_qop::auth, get("nonce"), get("cnonce"), count, "CONNECT", get("uri")};
    bool const right =
        get("response") == digest_response(digest_secret(algorithm, someone, get("realm")), input) &&
        get("uri") == "broker.example:8883" && get("username") == "user";
    return get("algorithm") + ' ' + get("nonce") + ':' + get("nc") + (right ? "" : " wrong");
}

[[nodiscard]] std::vector<viaduct::proxy_auth::scheme_ptr> digest_then_basic()
{
    return {std::make_shared<viaduct::digest_authenticator>(someone),
            std::make_shared<viaduct::basic_authenticator>(someone)};
}

[[nodiscard]] talker user()
{
    return {
        [] { return connect_options{.auth = std::make_shared<viaduct::proxy_auth>(digest_then_basic())}; },
        shown};
}

[[nodiscard]] std::string offer(std::string const& nonce, std::string const& more = "")
{
    return "Digest realm=\"r\", qop=\"auth,auth-int\", algorithm=SHA-256, nonce=\"" + nonce + '"' + more;
}

std::string const basic_value = "Basic dXNlcjpzZWNyZXQ=";

} // namespace

TEST_CASE("connect conversation with Digest: the strongest algorithm that is offered, over one connection")
{
    auto const end =
        converse({{{asks({"Digest realm=\"r, Basic\", nonce=m, qop=auth, algorithm=MD5, " + offer("n"),
                          "Basic realm=r"}),
                    opened}}},
                 user());
    CHECK_FALSE(end.error);
    CHECK(end.said == said{"1: -", "1: SHA-256 n:00000001"});
}

TEST_CASE("connect conversation with Digest: a stale nonce is renewed, and a third time is a rejection")
{
    auto const once = converse({{{asks({offer("a")}), asks({offer("b", ", stale=true")}), opened}}}, user());
    CHECK(once.said == said{"1: -", "1: SHA-256 a:00000001", "1: SHA-256 b:00000001"});

    auto const stale = asks({offer("b", ", stale=TRUE")});
    auto const ever = converse({{{asks({offer("a")}), stale, stale, stale, stale, stale}}}, user());
    CHECK(ever.error == errc::proxy_auth_rejected);
    CHECK(ever.said ==
          said{"1: -", "1: SHA-256 a:00000001", "1: SHA-256 b:00000001", "1: SHA-256 b:00000002"});
}

TEST_CASE("connect conversation with Digest: a rejection is followed by the next scheme")
{
    auto const end = converse({{{asks({offer("a"), "Basic"}), asks({offer("b"), "Basic"}), opened}}}, user());
    CHECK_FALSE(end.error);
    CHECK(end.said == said{"1: -", "1: SHA-256 a:00000001", "1: " + basic_value});
}

TEST_CASE(
    "connect conversation with Digest: a challenge that cannot be answered leaves it to the next scheme")
{
    for (auto const challenge : {"Digest realm=r, nonce=n, algorithm=XYZ", "Digest realm=r", "Digest"}) {
        auto const end = converse({{{asks({challenge, "Basic"}), opened}}}, user());
        CHECK(end.said == said{"1: -", "1: " + basic_value});
    }
}

TEST_CASE("connect conversation with Digest: a count goes on over a new connection, as a proxy's memory does")
{
    auto const closed = converse({{{asks({offer("a")}, "Connection: close\r\n")}}, {{opened}}}, user());
    CHECK(closed.said == said{"1: -", "2: SHA-256 a:00000001"});
    auto const silent = converse({{{asks({offer("a")})}}, {{opened}}}, user());
    CHECK(silent.said == said{"1: -", "1: SHA-256 a:00000001", "2: SHA-256 a:00000002"});
}

TEST_CASE("connect conversation with Digest: the next tunnels need no challenge, until the nonce is "
          "forgotten there")
{
    auto const auth = std::make_shared<viaduct::proxy_auth>(digest_then_basic());
    talker const same{[&] { return connect_options{.auth = auth}; }, shown};
    CHECK(play({{{asks({offer("a")}), opened}}}, same).said == said{"1: -", "1: SHA-256 a:00000001"});
    CHECK(play({{{opened}}}, same).said == said{"1: SHA-256 a:00000002"});
    CHECK(play({{{asks({offer("b")}), opened}}}, same).said ==
          said{"1: SHA-256 a:00000003", "1: SHA-256 b:00000001"});
    CHECK(play({{{"HTTP/1.1 200 OK\r\nProxy-Authentication-Info: nextnonce=\"c\"\r\n\r\n"}}}, same).said ==
          said{"1: SHA-256 b:00000002"});
    CHECK(play({{{opened}}}, same).said == said{"1: SHA-256 c:00000001"});
    // Once rejected, twice shy.
    CHECK(play({{{asks({offer("d")}), asks({offer("e")})}}}, same).error == errc::proxy_auth_rejected);
    CHECK(play({{{opened}}}, same).said == said{"1: -"});
}
