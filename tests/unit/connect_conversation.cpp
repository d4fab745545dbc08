#include "conversation_player.hpp"
#include <viaduct/client/connect_conversation.hpp> // the header is self-contained

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

// Which schemes are tried, in which order, and how it ends. Whether a connection serves again is in
// connect_conversation_reuse.cpp.

using namespace fixture;
using namespace std::literals;

namespace {

error_code const no_ticket = make_error_code(errc::credentials_unavailable);

} // namespace

TEST_CASE("connect conversation: without proxy_auth there is one request, and a 407 is the end")
{
    talker const nobody{[] { return connect_options{}; }};
    auto const refused = converse({{{asks({"Basic realm=x"}, "Content-Length: 2\r\n") + "no"}}}, nobody);
    CHECK(refused.error == errc::proxy_auth_required);
    CHECK(refused.said == said{"1: -"});
    CHECK(refused.body == "no");

    auto const somebody = with(nobody, [](auto& o) { o.who = viaduct::credentials{"user", "pass"}; });
    CHECK(converse({{{asks({"Basic realm=x"})}}}, somebody).error == errc::proxy_auth_rejected);
    CHECK(converse({{{asks({"Digest realm=x"})}}}, somebody).error == errc::proxy_auth_unsupported);
    auto const open = converse({{{opened + "SSH-2.0"}}}, somebody);
    CHECK_FALSE(open.error);
    CHECK(open.said == said{"1: Basic dXNlcjpwYXNz"});
    CHECK(open.left == "SSH-2.0");
}

TEST_CASE("connect conversation: a challenge is answered on the same connection")
{
    auto const open = converse({{{asks({"Basic realm=x"}, "Content-Length: 4\r\n") + "who?", opened + "hi"}}},
                               with({basic()}));
    CHECK_FALSE(open.error);
    CHECK(open.said == said{"1: -", "1: Basic 1.1"});
    CHECK(open.attempts == said{" 407", "Basic 200"});
    CHECK(open.heads == asks({"Basic realm=x"}, "Content-Length: 4\r\n") + opened);
    CHECK(open.body.empty());
    CHECK(open.left == "hi");
}

TEST_CASE("connect conversation: the first scheme of ours that is offered is tried, wherever it is offered")
{
    struct
    {
        std::vector<std::string> challenges;
        std::string answer;
    } const cases[] = {
        {{"Basic realm=x", "Strong nonce=n"}, "Strong 1.1 of n"},
        {{"Basic realm=x, Strong nonce=n"}, "Strong 1.1 of n"},
        {{"Strong nonce=n, Basic realm=x"}, "Strong 1.1 of n"},
        {{"Unknown", "STRONG nonce=\"n, Basic\""}, "Strong 1.1 of n, Basic"},
        {{"Basic realm=\"x, Strong nonce=n\""}, "Basic 1.1"},
        {{"Strong weak=yes", "basic realm=x"}, "Basic 1.1"},
        {{"Strong weak=yes, Strong nonce=a, Strong nonce=b"}, "Strong 1.1 of a"},
        {{"", ",,", "Basic"}, "Basic 1.1"},
        {{"Basic realm=x, =broken"}, "Basic 1.1"},
    };
    auto const strength = [](challenge const& offer) { return offer.find("weak") ? 0 : 1; };
    for (auto const& c : cases) {
        auto const open = converse({{{asks(c.challenges), opened}}},
                                   with({{.name = "Strong", .strength = strength}, basic()}));
        CHECK_FALSE(open.error);
        CHECK(open.said == said{"1: -", "1: " + c.answer});
    }
}

TEST_CASE("connect conversation: of several challenges of one scheme the strongest is answered")
{
    behaviour const digest{.name = "Digest", .strength = [](challenge const& offer) {
                               return offer.find("algorithm") == "SHA-256" ? 2 : 1;
                           }};
    auto const challenge = "Digest nonce=a, algorithm=MD5, Digest nonce=b, algorithm=SHA-256, Digest nonce=c";
    CHECK(converse({{{asks({challenge}), opened}}}, with({digest})).said ==
          said{"1: -", "1: Digest 1.1 of b"});
}

TEST_CASE("connect conversation: what is offered and not enabled leaves nothing to say")
{
    for (auto const& challenges :
         {said{"Negotiate"}, said{"Negotiate, Bearer"}, said{"Strange a=b"}, said{}}) {
        auto const refused =
            converse({{{asks(challenges, "Content-Length: 2\r\n") + "no", opened}}}, with({basic()}));
        CHECK(refused.error == errc::proxy_auth_unsupported);
        CHECK(refused.said == said{"1: -"});
        CHECK(refused.body == "no");
    }
    CHECK(converse({{{asks({"Basic"}), opened}}}, with(std::vector<behaviour>{})).error ==
          errc::proxy_auth_unsupported);
}

TEST_CASE("connect conversation: a scheme that fails here or is rejected gives way to the next one, for good")
{
    behaviour const ill{.name = "Ill", .fails = no_ticket};
    behaviour const strong{.name = "Strong"};
    struct
    {
        std::vector<behaviour> schemes;
        said requests;
        error_code error;
    } const cases[] = {
        {{basic()}, {"1: -", "1: Basic 1.1"}, errc::proxy_auth_rejected},
        {{strong, basic()}, {"1: -", "1: Strong 1.1", "1: Basic 1.1"}, errc::proxy_auth_rejected},
        {{ill, basic()}, {"1: -", "1: Basic 1.1"}, errc::proxy_auth_rejected},
        {{ill}, {"1: -"}, no_ticket},
        {{strong, ill}, {"1: -", "1: Strong 1.1"}, no_ticket},
        {{{.name = "Ill", .fails = errc::challenge_invalid}, {.name = "Strong", .fails = no_ticket}},
         {"1: -"},
         no_ticket},
    };
    for (auto const& c : cases) {
        connection proxy;
        for (int n = 0; n < 5; ++n)
            proxy.answers.push_back(asks({"Basic", "Strong", "Ill"}, "Content-Length: 2\r\n") + "no");
        auto const end = converse({proxy}, with(c.schemes));
        CHECK(end.error == c.error);
        CHECK(end.said == c.requests);
        CHECK(end.status == 407);
        CHECK(end.body == "no");
    }
}

TEST_CASE("connect conversation: of content that was read away, an outcome keeps no more than max_body")
{
    auto const ill = with(with({{.name = "Ill", .fails = no_ticket}}), [](auto& o) { o.max_body = 3; });
    auto const end = converse({{{asks({"Ill"}, "Content-Length: 5\r\n") + "01234"}}}, ill);
    CHECK(end.error == no_ticket);
    CHECK(end.body == "012");
    CHECK(converse({{{asks({"Other"}, "Content-Length: 5\r\n") + "01234"}}}, ill).body == "012");
}

TEST_CASE("connect conversation: why a scheme failed here is told in its own words, also after a success")
{
    auto const options = with({{.name = "Ill", .fails = no_ticket}, basic()}).options();
    connections const line{{{asks({"Ill, Basic"}), opened}}};
    connect_conversation talk{target, options};
    network net{line, {}};
    REQUIRE(net.connect());
    for (auto next = talk.begin(); next != connect_conversation::step::done;)
        next = follow(talk, net, next);
    CHECK_FALSE(talk.error());
    CHECK(talk.reply().auth_detail == "Ill is ill");
}

TEST_CASE("connect conversation: credentials that no field can carry are not sent")
{
    class injecting final : public viaduct::authenticator
    {
    public:
        explicit injecting(std::string value) : value_{std::move(value)} {}
        [[nodiscard]] std::string_view scheme() const noexcept override { return "Basic"; }
        [[nodiscard]] std::unique_ptr<viaduct::auth_exchange> begin() override
        {
            struct exchange final : viaduct::auth_exchange
            {
                explicit exchange(std::string v) : value{std::move(v)} {}
                void respond(viaduct::auth_request const&, challenge const*, auth_completion done) override
                {
                    done({}, value);
                }
                [[nodiscard]] auth_verdict judge(challenge const&) override { return auth_verdict::proceed; }
                std::string value;
            };
            return std::make_unique<exchange>(value_);
        }

    private:
        std::string value_;
    };
    for (auto const value : {"Basic x\r\nInjected: y"sv, "Basic x\0y"sv, "Basic x\n"sv, " x"sv, ""sv}) {
        talker const who{[&] {
            std::vector<viaduct::proxy_auth::scheme_ptr> schemes{
                std::make_shared<injecting>(std::string{value})};
            return connect_options{.auth = std::make_shared<viaduct::proxy_auth>(std::move(schemes))};
        }};
        auto const end = converse({{{asks({"Basic"}), opened}}}, who);
        CHECK(end.error == errc::credentials_invalid);
        CHECK(end.said == said{"1: -"});
    }
}

TEST_CASE("connect conversation: stale is no rejection, and goes on with the same exchange")
{
    auto const open = converse({{{asks({"Digest nonce=a"}), asks({"Digest nonce=b, stale=true"}), opened}}},
                               with({{.name = "Digest"}}));
    CHECK_FALSE(open.error);
    CHECK(open.said == said{"1: -", "1: Digest 1.1 of a", "1: Digest 1.2 of b"});
}

TEST_CASE("connect conversation: a proxy that asks for ever is left behind max_attempts")
{
    connection forever;
    for (int n = 0; n < 9; ++n)
        forever.answers.push_back(asks({"Digest nonce=a, stale=true"}, "Content-Length: 2\r\n") + "no");
    auto const digest = with({{.name = "Digest"}});
    auto const end = converse({forever}, digest);
    CHECK(end.error == errc::too_many_attempts);
    CHECK(end.said.size() == 6);
    CHECK(end.status == 407);
    CHECK(end.body == "no");

    auto const twice = with(digest, [](auto& o) { o.max_attempts = 2; });
    CHECK(converse({forever}, twice).said.size() == 2);
    auto const once = with(digest, [](auto& o) { o.max_attempts = 1; });
    CHECK(converse({forever}, once).error == errc::too_many_attempts);
    CHECK(converse({{{opened}}}, once).said == said{"1: -"});

    connections const closing(9, {{asks({"Digest nonce=a, stale=true"}, "Connection: close\r\n")}});
    auto const many = converse(closing, digest);
    CHECK(many.made == 6); // there is no connection without a request
    CHECK(many.error == errc::too_many_attempts);
    CHECK(many.said == said{"1: -", "2: Digest 1.1 of a", "3: Digest 1.2 of a", "4: Digest 1.3 of a",
                            "5: Digest 1.4 of a", "6: Digest 1.5 of a"});
}

TEST_CASE("connect conversation: a scheme that has opened a tunnel begins the next one unasked")
{
    auto const scheme = fake(basic());
    auto const auth =
        std::make_shared<viaduct::proxy_auth>(std::vector<viaduct::proxy_auth::scheme_ptr>{scheme});
    talker const same{[&] { return connect_options{.auth = auth}; }};
    CHECK(play({{{asks({"Basic"}), opened}}}, same).said == said{"1: -", "1: Basic 1.1"});
    CHECK(scheme->opened == 1);
    CHECK(play({{{opened}}}, same).said == said{"1: Basic 2.1"});
    CHECK(scheme->opened == 2);
    // A refusal says nothing about the credentials; a rejection does, for the tunnels after it, too.
    CHECK(play({{{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"}}}, same).error == errc::proxy_denied);
    CHECK(play({{{asks({"Basic"})}}}, same).error == errc::proxy_auth_rejected);
    CHECK(play({{{opened}}}, same).said == said{"1: -"});
    CHECK(scheme->opened == 2); // it had no part in the last one
}

namespace {

/// Somebody who begins with the first scheme unasked.
[[nodiscard]] talker eager(std::vector<behaviour> schemes)
{
    return with(with(std::move(schemes)), [](auto& o) { o.auth->begin_with(o.auth->schemes().front()); });
}

} // namespace

TEST_CASE("connect conversation: what begins unasked and is rejected is not tried again; the next scheme is")
{
    auto const end = converse({{{asks({"Basic, Strong"}), opened}}}, eager({basic(), {.name = "Strong"}}));
    CHECK_FALSE(end.error);
    CHECK(end.said == said{"1: Basic 1.1", "1: Strong 1.1"});
    CHECK(converse({{{asks({"Basic"}), opened}}}, eager({basic()})).error == errc::proxy_auth_rejected);
    CHECK(converse({{{asks({}), opened}}}, eager({basic()})).error == errc::proxy_auth_rejected);
    // Nobody has looked at these credentials: their scheme is not spoken there.
    CHECK(converse({{{asks({"Strong"}), opened}}}, eager({basic()})).error == errc::proxy_auth_unsupported);
}

TEST_CASE("connect conversation: what cannot begin unasked asks first, and is still there for the challenge")
{
    behaviour shy = basic();
    shy.begins = false;
    auto const end = converse({{{asks({"Basic"}), opened}}}, eager({shy}));
    CHECK(end.said == said{"1: -", "1: Basic 1.1"});

    behaviour const forgetful{.name = "Basic", .fails = no_ticket, .fails_unasked = true};
    auto const later = converse({{{asks({"Basic"}), opened}}}, eager({forgetful}));
    CHECK_FALSE(later.error);
    CHECK(later.said == said{"1: -", "1: Basic 2.1"});
}

TEST_CASE("connect conversation: a scheme without part in a tunnel is not told that it is open")
{
    auto const scheme = fake({.name = "Basic", .fails = no_ticket});
    auto const auth =
        std::make_shared<viaduct::proxy_auth>(std::vector<viaduct::proxy_auth::scheme_ptr>{scheme});
    auth->begin_with(scheme);
    CHECK(play({{{opened}}}, {[&] { return connect_options{.auth = auth}; }}).said == said{"1: -"});
    CHECK(scheme->opened == 0);
}

TEST_CASE("connect conversation: with proxy_auth, the credentials of `who` are not sent at all")
{
    auto const both = with(with({{.name = "Digest"}}), [](auto& o) {
        o.who = viaduct::credentials{"user", "pass"};
    });
    CHECK(converse({{{asks({"Basic, Digest"}), opened}}}, both).said == said{"1: -", "1: Digest 1.1"});
    CHECK(converse({{{asks({"Basic"})}}}, both).said == said{"1: -"});
}

TEST_CASE("connect conversation: behind a 2xx everything is the tunnel's, also what looks like a 407")
{
    for (auto const& head : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"s,
                             "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n"s, opened}) {
        auto const inside = asks({"Basic realm=origin"});
        auto const open = converse({{{asks({"Basic"}), head + inside}}}, with({basic()}));
        CHECK_FALSE(open.error);
        CHECK(open.said == said{"1: -", "1: Basic 1.1"});
        CHECK(open.left == inside);
    }
}

TEST_CASE("connect conversation: 1xx answers are counted over all requests, and heads are kept of all")
{
    auto const early = "HTTP/1.1 103 Early\r\n\r\n"s;
    auto const end = converse({{{early + early + asks({"Basic"}), early + opened}}}, with({basic()}));
    CHECK_FALSE(end.error);
    CHECK(end.interim == 3);
    CHECK(end.heads == early + early + asks({"Basic"}) + early + opened);
}

TEST_CASE("connect conversation: credentials are erased once their answer is there, whatever it is")
{
    CHECK(play({{{asks({"Basic"}), opened}}}, with({basic()})).leaked.empty());
    CHECK(play({{{asks({"Basic"}), asks({"Basic"})}}}, with({basic()})).leaked.empty());
    CHECK(play({{{asks({"Basic"})}}}, with({basic()})).leaked.empty());
    CHECK(play({{{"HTTP/1.1 403 No\r\n\r\n"}}}, eager({basic()})).leaked.empty());
}

TEST_CASE("connect conversation: a listener hears all requests and answers, and can show them")
{
    class listener final : public viaduct::conversation_listener
    {
    public:
        void on_authorizing(std::string_view scheme) override
        {
            heard += "authorizing " + std::string{scheme};
        }
        void on_request(viaduct::client_handshake const& request) override
        {
            auto const text = request.redacted_request();
            CHECK(text.find("1.1") == text.find("1.1\r\nHost")); // the version, and not the credentials
            heard += " asking with " + request.scheme() + (text.find("Basic ***") == text.npos ? "" : " ***");
        }
        void on_answer(std::string_view head, viaduct::connect_reply const& reply, error_code ec) override
        {
            heard += " got " + std::to_string(reply.status) + (ec ? " no\n" : "\n");
            CHECK(head == reply.heads);
        }
        std::string heard;
    } ear;
    auto const options = with({basic()}).options();
    connections const line{{{asks({"Basic"}), opened}}};
    connect_conversation talk{target, options};
    talk.set_listener(&ear);
    network net{line, {}};
    REQUIRE(net.connect());
    for (auto next = talk.begin(); next != connect_conversation::step::done;)
        next = follow(talk, net, next);
    CHECK(ear.heard == " asking with  got 407 no\nauthorizing Basic asking with Basic *** got 200\n");
}

TEST_CASE("connect conversation: other refusals end it, with what they say")
{
    struct
    {
        std::string answer;
        error_code error;
        std::string body;
    } const cases[] = {
        {"HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nyou", errc::proxy_denied, "you"},
        {"HTTP/1.0 502 No\r\n\r\nto the end", errc::target_unreachable, "to the end"},
        {"HTTP/1.1 504 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhm\r\n0\r\n\r\n", errc::target_timeout,
         "hm"},
        {"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", errc::proxy_refused, ""},
        {"HTTP/1.1 302 No\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n", errc::proxy_refused, ""},
        {"HTTP/1.1 101 Yes\r\nUpgrade: x\r\n\r\n", errc::proxy_refused, ""},
        {"HTTP/2.0 200 OK\r\n\r\n", errc::version_unsupported, ""},
        {"SSH-2.0-x\r\n\r\n", errc::status_line_malformed, ""},
    };
    for (auto const& c : cases) {
        INFO(c.answer);
        auto const end = converse({{{asks({"Basic"}), c.answer}}}, with({basic()}));
        CHECK(end.error == c.error);
        CHECK(end.body == c.body);
        CHECK(end.said == said{"1: -", "1: Basic 1.1"});
        CHECK(converse({{{c.answer}}}, with({basic()})).error == c.error);
    }
}
