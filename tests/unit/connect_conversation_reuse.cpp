#include "conversation_player.hpp"

#include <ostream>
#include <string>
#include <vector>

// Which connection the next request goes over, and what belongs to one connection only.

using namespace fixture;
using namespace std::literals;

namespace {

/// A 407 that asks for Basic, with these lines and this content.
[[nodiscard]] std::string basic_wanted(std::string const& lines, std::string const& content = "",
                                       std::string const& version = "1.1")
{
    return asks({"Basic realm=x"}, lines, version) + content;
}

[[nodiscard]] talker drains(std::size_t octets)
{
    return with(with({basic()}), [octets](auto& o) { o.max_drain = octets; });
}

/// The number of the connection on which the challenge is answered; 0 if it is not.
[[nodiscard]] char answered_on(connection const& first, talker const& who)
{
    INFO(first.answers.front());
    auto asked = first;
    asked.answers.push_back(opened); // for those that come back
    auto const end = converse({asked, {{opened}}}, who);
    CHECK_FALSE(end.error);
    CHECK(end.body.empty());
    REQUIRE(end.said.size() == 2);
    CHECK(end.said[0] == "1: -");
    CHECK(end.said[1].substr(1) == ": Basic 1.1");
    return end.said[1][0];
}

} // namespace

TEST_CASE("connect conversation: a connection is used again if the answer on it has an end and it stays open")
{
    std::string const ten = "Content-Length: 10\r\n";
    std::string const chunked = "Transfer-Encoding: chunked\r\n";
    for (auto const& answer : {
             basic_wanted("Content-Length: 0\r\n"),
             basic_wanted(ten, "0123456789"),
             basic_wanted(ten, "HTTP/1.1 2"),
             basic_wanted(chunked, "0\r\n\r\n"),
             basic_wanted(chunked, "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n"),
             basic_wanted("Connection: keep-alive\r\n" + ten, "0123456789"),
             basic_wanted("Connection: keep-alive\r\n" + ten, "0123456789", "1.0"),
             basic_wanted("Proxy-Connection: Keep-Alive\r\n" + ten, "0123456789", "1.0"),
             basic_wanted("Connection: x, Keep-Alive\r\nContent-Length: 0\r\n", "", "1.0"),
         })
        CHECK(answered_on({{answer}}, drains(16)) == '1');
}

TEST_CASE("connect conversation: a connection without a safe end of the answer on it is not used again")
{
    std::string const none = "Content-Length: 0\r\n";
    std::string const ten = "Content-Length: 10\r\n";
    std::string const chunked = "Transfer-Encoding: chunked\r\n";
    for (auto const& answer : {
             basic_wanted("Connection: close\r\n" + none),
             basic_wanted("Proxy-Connection: close\r\n" + none),
             basic_wanted("Connection: keep-alive\r\nProxy-Connection: Close\r\n" + none),
             basic_wanted("Connection: keep-alive, close\r\n" + none),
             basic_wanted(none, "", "1.0"),
             basic_wanted("Connection: keep-alive\r\n", "", "1.0"),
             basic_wanted("", "no length"),
             basic_wanted(""),
             basic_wanted(ten + chunked, "0\r\n\r\n"),
             basic_wanted(ten + ten, "0123456789"),
             basic_wanted("Content-Length: -1\r\n"),
             basic_wanted("Content-Length: 1x\r\n", "0"),
             basic_wanted("Transfer-Encoding: gzip\r\n", "0\r\n\r\n"),
             basic_wanted("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
             basic_wanted("Content-Length: 17\r\n", "0123456789abcdefg"),
             basic_wanted("Content-Length: 9223372036854775807\r\n", "x"),
             basic_wanted(chunked, "11\r\n0123456789abcdefg\r\n0\r\n\r\n"),
             basic_wanted(chunked, "ffffffffffffffffff\r\n"),
             basic_wanted(chunked, "x\r\n"),
             basic_wanted(chunked, "x"),
             basic_wanted(chunked, "1\r\nab\r\n0\r\n\r\n"),
             basic_wanted(none, opened),
             basic_wanted(ten, "0123456789\r\n"),
             basic_wanted(chunked, "0\r\n\r\n" + opened),
         })
        CHECK(answered_on({{answer}}, drains(16)) == '2');
}

TEST_CASE("connect conversation: an answer that is cut short, or a connection that ends with it, asks for a "
          "new one")
{
    std::string const ten = "Content-Length: 10\r\n";
    for (auto const& answer :
         {basic_wanted(ten, "01234"), basic_wanted("Transfer-Encoding: chunked\r\n", "5\r\nab"),
          basic_wanted(ten, "0123456789")}) {
        auto const end = converse({{{answer}, true}, {{opened}}}, drains(16));
        CHECK_FALSE(end.error);
        CHECK(end.said == said{"1: -", "2: Basic 1.1"});
    }
}

TEST_CASE(
    "connect conversation: content is read away up to max_drain, and not begun if it is announced as more")
{
    auto const content = "Content-Length: 5\r\n"s;
    CHECK(answered_on({{basic_wanted(content, "01234")}}, drains(5)) == '1');
    CHECK(answered_on({{basic_wanted(content, "01234")}}, drains(4)) == '2');
    CHECK(answered_on({{basic_wanted("Content-Length: 0\r\n")}}, drains(0)) == '1');

    auto const options = drains(4).options();
    connections const line{{{basic_wanted(content, "01234")}}};
    connect_conversation talk{target, options};
    network net{line, {}};
    REQUIRE(net.connect());
    CHECK(follow(talk, net, talk.begin()) == connect_conversation::step::done);
    CHECK(talk.error() == errc::reconnect_required);
}

TEST_CASE("connect conversation: a new connection goes on where the last one stood")
{
    auto const close = "Connection: close\r\n"s;
    behaviour const digest{.name = "Digest"};
    auto const end = converse({{{asks({"Digest nonce=a, Basic"}, close)}},
                               {{asks({"Digest nonce=b, stale=true", "Basic"}, close)}},
                               {{asks({"Digest nonce=c", "Basic"}, close)}},
                               {{opened + "hi"}}},
                              with({digest, basic()}));
    CHECK_FALSE(end.error);
    CHECK(end.said == said{"1: -", "2: Digest 1.1 of a", "3: Digest 1.2 of b", "4: Basic 1.1"});
    CHECK(end.attempts == said{" 407", "Digest 407", "Digest 407", "Basic 200"});
    CHECK(end.left == "hi");
}

TEST_CASE("connect conversation: silence after credentials that were asked for is worth one new connection")
{
    auto const once = converse({{{asks({"Basic"})}}, {{opened}}}, with({basic()}));
    CHECK_FALSE(once.error);
    CHECK(once.said == said{"1: -", "1: Basic 1.1", "2: Basic 1.2"});
    CHECK(once.attempts == said{" 407", "Basic 0", "Basic 200"});

    auto const twice = converse({{{asks({"Basic"})}}, {}, {{opened}}}, with({basic()}));
    CHECK(twice.error == errc::proxy_closed);
    CHECK(twice.said == said{"1: -", "1: Basic 1.1", "2: Basic 1.2"});
    CHECK(twice.status == 0);

    auto const no_more = with(with({basic()}), [](auto& o) { o.max_attempts = 2; });
    CHECK(converse({{{asks({"Basic"})}}, {{opened}}}, no_more).error == errc::proxy_closed);
}

TEST_CASE("connect conversation: silence without such credentials is the end")
{
    CHECK(converse({{}, {{opened}}}, with({basic()})).said == said{"1: -"});
    CHECK(converse({{}, {{opened}}}, with({basic()})).error == errc::proxy_closed);
    auto const eager = with(with({basic()}), [](auto& o) { o.auth->begin_with(o.auth->schemes().front()); });
    CHECK(converse({{}, {{opened}}}, eager).said == said{"1: Basic 1.1"});
    CHECK(converse({{}, {{opened}}}, eager).error == errc::proxy_closed);
}

TEST_CASE("connect conversation: an answer that breaks off is the end, although it is only an early one")
{
    for (auto const broken : {"H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 103 Early\r\n\r\n"}) {
        auto const end = converse({{{asks({"Basic"}), broken}}, {{opened}}}, with({basic()}));
        CHECK(end.error == errc::proxy_closed);
        CHECK(end.said == said{"1: -", "1: Basic 1.1"});
    }
}

TEST_CASE("connect conversation: a connection may be ended by its system or by a layer above it")
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor" // Boost's category has a protected one
    class : public viaduct::error_category
    {
    public:
        [[nodiscard]] char const* name() const noexcept override { return "asio.ssl.stream"; }
        [[nodiscard]] std::string message(int) const override { return "cut off"; }
    } const layer;
#pragma GCC diagnostic pop
    namespace system = viaduct::error_types;
    struct
    {
        error_code failure;
        bool worth_another;
    } const cases[] = {
        {make_error_code(system::errc::connection_reset), true},
        {make_error_code(system::errc::connection_aborted), true},
        {make_error_code(system::errc::broken_pipe), true},
        {error_code{1, layer}, true},
        {make_error_code(errc::handshake_timeout), false},
        {make_error_code(system::errc::operation_canceled), false},
        {make_error_code(system::errc::operation_would_block), false},
    };
    for (auto const& c : cases)
        for (std::size_t const step : {3U, 4U}) { // writing the credentials, and reading what comes back
            auto const end = play({{{asks({"Basic"}), opened}}, {{opened}}}, with({basic()}),
                                  {.fails_at = step, .failure = c.failure});
            CHECK(end.error == (c.worth_another ? error_code{} : c.failure));
            CHECK(end.made == (c.worth_another ? 2 : 1));
        }
}

TEST_CASE("connect conversation: a scheme that binds its connection goes on over it, leg by leg")
{
    auto const open = converse({{{asks({"NTLM"}), asks({"NTLM abc="}), opened}}}, with({ntlm()}));
    CHECK_FALSE(open.error);
    CHECK(open.said == said{"1: -", "1: NTLM 1.1", "1: NTLM 1.2 of abc="});
    // It may be content with the first leg.
    CHECK(converse({{{asks({"NTLM"}), opened}}}, with({ntlm()})).said == said{"1: -", "1: NTLM 1.1"});
}

TEST_CASE("connect conversation: a scheme that binds its connection begins anew with each")
{
    auto const close = "Connection: close\r\n"s;
    auto const closed_first =
        converse({{{asks({"NTLM"}, close)}}, {{asks({"NTLM abc="}), opened}}}, with({ntlm()}));
    CHECK_FALSE(closed_first.error);
    CHECK(closed_first.said == said{"1: -", "2: NTLM 2.1", "2: NTLM 2.2 of abc="});

    // What the first connection's challenge said means nothing on the second.
    auto const closed_between = converse(
        {{{asks({"NTLM"}), asks({"NTLM abc="}, close)}}, {{asks({"NTLM def="}), opened}}}, with({ntlm()}));
    CHECK_FALSE(closed_between.error);
    CHECK(closed_between.said == said{"1: -", "1: NTLM 1.1", "2: NTLM 2.1", "2: NTLM 2.2 of def="});

    auto const silent = converse({{{asks({"NTLM"}), asks({"NTLM abc="})}}, {{opened}}}, with({ntlm()}));
    CHECK_FALSE(silent.error);
    CHECK(silent.said == said{"1: -", "1: NTLM 1.1", "1: NTLM 1.2 of abc=", "2: NTLM 2.1"});
}

TEST_CASE("connect conversation: a proxy that never lets a bound scheme come to its end is left in the end")
{
    connections const closing(9, {{asks({"NTLM abc="}, "Connection: close\r\n")}});
    auto const end = converse(closing, with({ntlm()}));
    CHECK(end.error == errc::too_many_attempts);
    CHECK(end.made == 6);
}

TEST_CASE("connect conversation: a bound scheme that is rejected gives way on the same connection")
{
    auto const end =
        converse({{{asks({"NTLM", "Basic"}), asks({"NTLM abc="}), asks({"NTLM", "Basic"}), opened}}},
                 with({ntlm(), basic()}));
    CHECK_FALSE(end.error);
    CHECK(end.said == said{"1: -", "1: NTLM 1.1", "1: NTLM 1.2 of abc=", "1: Basic 1.1"});
    auto const rejected = converse({{{asks({"NTLM"}), asks({"NTLM"})}}}, with({ntlm()}));
    CHECK(rejected.error == errc::proxy_auth_rejected);
}

TEST_CASE("connect conversation: a bound scheme may begin unasked")
{
    auto const eager = with(with({ntlm()}), [](auto& o) { o.auth->begin_with(o.auth->schemes().front()); });
    CHECK(converse({{{asks({"NTLM abc="}), opened}}}, eager).said ==
          said{"1: NTLM 1.1", "1: NTLM 1.2 of abc="});
    CHECK(converse({{{opened}}}, eager).said == said{"1: NTLM 1.1"});
}
