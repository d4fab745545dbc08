#include <viaduct/client/socks4_handshake.hpp>
#include <viaduct/client/socks5_handshake.hpp> // the header is self-contained
#include <viaduct/testing/rule_script.hpp>

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::authority;
using viaduct::credentials;
using viaduct::errc;
using viaduct::error_code;
using viaduct::socks4_handshake;
using viaduct::socks5_handshake;
using viaduct::testing::rule_script;

namespace {

authority const target{"broker.example", 8883};
auto const greeting = "\x05\x01\x00"sv;
auto const login_greeting = "\x05\x02\x00\x02"sv;
auto const login = "\x01\x04user\x06secret"sv;
auto const request = "\x05\x01\x00\x03\x0e"
                     "broker.example\x22\xb3"sv;
auto const opened = "\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38"sv;
std::optional<credentials> const user{credentials{"user", "secret"}};

rule_script without_login(std::string_view reply)
{
    return rule_script{}.expect_write(greeting).feed("\x05\x00"sv).expect_write(request).feed(reply);
}

rule_script with_login(std::string_view reply)
{
    return rule_script{}
        .expect_write(login_greeting)
        .feed("\x05\x02"sv)
        .expect_write(login)
        .feed("\x01\x00"sv)
        .expect_write(request)
        .feed(reply);
}

/// Plays a script whole and cut at every octet, which must give the same.
template <class Rule>
error_code play_rule(rule_script const& script, Rule const& fresh, std::string_view surplus = {})
{
    auto const whole = script.run(Rule{fresh});
    CHECK(whole.problem == "");
    CHECK(script.run(Rule{fresh}, {.pieces_of = 1}).error == whole.error);
    for (std::size_t at = 1; at < script.size(); ++at) {
        INFO(at);
        auto const result = script.run(Rule{fresh}, {.cut_at = at});
        CHECK(result.problem == "");
        CHECK(result.error == whole.error);
    }
    if (!whole.error) CHECK(whole.surplus == surplus);
    return whole.error;
}

error_code play(rule_script const& script, std::optional<credentials> const& who = {},
                std::string_view surplus = {})
{
    return play_rule(script, socks5_handshake{target, who}, surplus);
}

} // namespace

TEST_CASE("socks5: without credentials the greeting offers nothing but to go without")
{
    CHECK_FALSE(play(without_login(opened)));
    CHECK_FALSE(play(without_login(opened), credentials{"", "secret"})); // an empty user name is nobody's
}

TEST_CASE("socks5: with credentials both methods are offered, and the proxy chooses")
{
    CHECK_FALSE(play(with_login(opened), user));
    auto const none =
        rule_script{}.expect_write(login_greeting).feed("\x05\x00"sv).expect_write(request).feed(opened);
    CHECK_FALSE(play(none, user));
}

TEST_CASE("socks5: the proxy tells an address of any type, and the tunnel begins right behind its port")
{
    auto const long_name = "\x05\x00\x00\x03\xff"s + std::string(255 + 2, 'x');
    for (auto const& reply : {std::string{opened}, "\x05\x00\x00\x04"s + std::string(16 + 2, '\0'),
                              "\x05\x00\x00\x03\x00pp"s, "\x05\x00\x00\x03\x01npp"s, long_name,
                              "\x05\x00\xff\x01"
                              "aaaapp"s}) {
        CAPTURE(reply.size());
        CHECK_FALSE(play(without_login(reply + "SSH-2.0"), {}, "SSH-2.0"));
        socks5_handshake rule{target};
        CHECK_FALSE(without_login(reply).run(rule).error);
        CHECK(rule.reply_code() == 0u);
    }
}

TEST_CASE("socks5: an address is asked for as one, whether as text or as octets")
{
    auto const asked = [](socks5_handshake rule) {
        auto const script = rule_script{}.expect_write(greeting).feed("\x05\x00"sv);
        return script.run(rule).written.substr(greeting.size());
    };
    auto const v4 = "\x05\x01\x00\x01\x0a\x00\x00\xff\x01\xbb"sv;
    auto const v6 =
        "\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50"sv;
    std::array<unsigned char, 4> const four{10, 0, 0, 255};
    std::array<unsigned char, 16> const sixteen{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    CHECK(asked(socks5_handshake{authority{"10.0.0.255", 443}}) == v4);
    CHECK(asked(socks5_handshake{four, 443}) == v4);
    CHECK(asked(socks5_handshake{authority{"[2001:DB8::1]", 80}}) == v6);
    CHECK(asked(socks5_handshake{sixteen, 80}) == v6);
}

TEST_CASE("socks5: octets and credentials go together")
{
    std::array<unsigned char, 4> const four{10, 0, 0, 255};
    auto const script = rule_script{}.expect_write(login_greeting).feed("\x05\x02"sv).expect_write(login);
    CHECK(script.run(socks5_handshake{four, 443, user}).problem == "step 4: a read behind the end");
}

TEST_CASE("socks5: user name and password may have 255 octets each, and the password none")
{
    auto const longest = std::string(255, 'x');
    for (auto const& who : {credentials{"u", ""}, credentials{longest, longest}}) {
        auto const message = "\x01"s + static_cast<char>(who.user.size()) + who.user +
                             static_cast<char>(who.password.size()) + who.password;
        auto script = rule_script{}.expect_write(login_greeting).feed("\x05\x02"sv).expect_write(message);
        CHECK(script.feed("\x01\x00"sv)
                  .expect_write(request)
                  .feed(opened)
                  .run(socks5_handshake{target, who})
                  .error == error_code{});
    }
}

TEST_CASE("socks5: what has no room fails before anything is sent")
{
    auto const too_long = std::string(256, 'x');
    for (auto const& who : {credentials{too_long, ""}, credentials{"u", too_long}}) {
        auto const result = rule_script{}.run(socks5_handshake{target, who});
        CHECK(result.error == errc::socks_host_too_long);
        CHECK(result.steps == 0);
    }
    auto const longest_name = std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') +
                              '.' + std::string(61, 'd');
    auto const result = rule_script{}
                            .expect_write(greeting)
                            .feed("\x05\x00"sv)
                            .expect_write("\x05\x01\x00\x03\xfd"s + longest_name + "\x01\xbb")
                            .feed(opened)
                            .run(socks5_handshake{authority{longest_name, 443}});
    CHECK(result.problem == "");
    CHECK_FALSE(result.error);
}

TEST_CASE("socks5: a method that was not offered ends it")
{
    for (auto const method : {"\x05\xff"sv, "\x05\x02"sv, "\x05\x01"sv, "\x05\x80"sv})
        CHECK(play(rule_script{}.expect_write(greeting).feed(method)) == errc::socks_auth_unsupported);
    for (auto const method : {"\x05\xff"sv, "\x05\x01"sv})
        CHECK(play(rule_script{}.expect_write(login_greeting).feed(method), user) ==
              errc::socks_auth_unsupported);
}

TEST_CASE("socks5: only the verdict on user name and password counts, not the version before it")
{
    auto const asked = rule_script{}.expect_write(login_greeting).feed("\x05\x02"sv).expect_write(login);
    for (auto const verdict : {"\x01\x01"sv, "\x01\xff"sv, "\x05\x01"sv})
        CHECK(play(rule_script{asked}.feed(verdict), user) == errc::socks_auth_rejected);
    for (auto const verdict : {"\x01\x00"sv, "\x05\x00"sv})
        CHECK_FALSE(play(rule_script{asked}.feed(verdict).expect_write(request).feed(opened), user));
}

TEST_CASE("socks5: each reply code has its error, even when nothing follows the code")
{
    errc const errors[] = {errc::socks_failed,
                           errc::socks_denied,
                           errc::socks_network_unreachable,
                           errc::socks_host_unreachable,
                           errc::socks_connection_refused,
                           errc::socks_ttl_expired,
                           errc::socks_command_unsupported,
                           errc::socks_address_type_unsupported,
                           errc::socks_failed, // 9 and above are not assigned
                           errc::socks_failed};
    for (unsigned code = 1; code <= std::size(errors); ++code) {
        CAPTURE(code);
        auto const start = "\x05"s + static_cast<char>(code);
        CHECK(play(without_login(start).end_of_stream()) == errors[code - 1]);
        CHECK(play(without_login(start + std::string("\0\1\0\0\0\0\0\0", 8))) == errors[code - 1]);
        socks5_handshake rule{target};
        static_cast<void>(without_login(start).run(rule));
        CHECK(rule.reply_code() == code);
    }
    socks5_handshake rule{target};
    CHECK(without_login("\x05\xff").run(rule).error == errc::socks_failed);
    CHECK(rule.reply_code() == 255u);
}

TEST_CASE("socks5: what is no SOCKS5 is told as soon as it shows")
{
    for (auto const answer : {"HTTP/1.1 400 Bad Request\r\n\r\n"sv, "\x04\x00"sv, "\x00\x5a"sv, "\x15"sv})
        CHECK(play(rule_script{}.expect_write(greeting).feed(answer)) == errc::socks_reply_malformed);
    for (auto const reply : {"\x04"sv, "\x00\x5a\x00\x00\x00\x00\x00\x00"sv, "\x05\x00\x00\x00\x00"sv,
                             "\x05\x00\x00\x02\x00"sv, "\x05\x00\x00\x05\x00"sv})
        CHECK(play(without_login(reply)) == errc::socks_reply_malformed);
}

TEST_CASE("socks5: the stream may end at any octet, and it is the proxy that closed")
{
    CHECK(play(rule_script{}.expect_write(greeting).end_of_stream()) == errc::proxy_closed);
    CHECK(play(rule_script{}.expect_write(greeting).feed("\x05").end_of_stream()) == errc::proxy_closed);
    auto const asked = rule_script{}.expect_write(login_greeting).feed("\x05\x02"sv).expect_write(login);
    CHECK(play(rule_script{asked}.end_of_stream(), user) == errc::proxy_closed);
    CHECK(play(rule_script{asked}.feed("\x01").end_of_stream(), user) == errc::proxy_closed);
    for (std::size_t size = 0; size < opened.size(); ++size) {
        CAPTURE(size);
        CHECK(play(without_login(opened.substr(0, size)).end_of_stream()) == errc::proxy_closed);
    }
}

TEST_CASE("socks5: when a step fails, it ends with that error")
{
    auto const script = with_login(opened);
    auto const failure = viaduct::make_error_code(errc::idle_timeout);
    auto const steps = script.run(socks5_handshake{target, user}, {.pieces_of = 1}).steps;
    CHECK(steps == 3 + 2 + 2 + opened.size());
    for (std::size_t n = 1; n <= steps; ++n) {
        auto const result = script.run(socks5_handshake{target, user},
                                       {.pieces_of = 1, .failing_step = n, .failure = failure});
        CHECK(result.error == failure);
    }
    CHECK_FALSE(socks5_handshake{target}.reply_code());
}

TEST_CASE("socks4: an address goes as one, and a name behind the user")
{
    std::array<unsigned char, 4> const four{10, 0, 0, 255};
    struct
    {
        socks4_handshake rule;
        std::string_view request;
    } const cases[] = {
        {socks4_handshake{authority{"10.0.0.255", 443}}, "\x04\x01\x01\xbb\x0a\x00\x00\xff\x00"sv},
        {socks4_handshake{authority{"10.0.0.255", 443}, "user"}, "\x04\x01\x01\xbb\x0a\x00\x00\xff"
                                                                 "user\x00"sv},
        {socks4_handshake{four, 443, "user"}, "\x04\x01\x01\xbb\x0a\x00\x00\xff"
                                              "user\x00"sv},
        {socks4_handshake{target}, "\x04\x01\x22\xb3\x00\x00\x00\x01\x00"
                                   "broker.example\x00"sv},
        {socks4_handshake{target, "user"}, "\x04\x01\x22\xb3\x00\x00\x00\x01"
                                           "user\x00"
                                           "broker.example\x00"sv},
        {socks4_handshake{authority{"[2001:DB8::1]", 80}}, "\x04\x01\x00\x50\x00\x00\x00\x01\x00"
                                                           "2001:db8::1\x00"sv},
        {socks4_handshake{authority{"0.0.0.0", 80}}, "\x04\x01\x00\x50\x00\x00\x00\x00\x00"sv},
    };
    for (auto const& c : cases) {
        // The address in the reply is nobody's business, and the tunnel begins right behind it.
        auto const script = rule_script{}.expect_write(c.request).feed("\x00\x5a\xff\xff\x01\x02\x03\x04"
                                                                       "SSH-2.0"sv);
        CHECK_FALSE(play_rule(script, c.rule, "SSH-2.0"));
        auto rule = c.rule;
        CHECK_FALSE(script.run(rule).error);
        CHECK(rule.reply_code() == socks4_handshake::granted);
    }
}

TEST_CASE("socks4: each reply code has its error, even when nothing follows the code")
{
    socks4_handshake const fresh{target};
    auto const request = "\x04\x01\x22\xb3\x00\x00\x00\x01\x00"
                         "broker.example\x00"sv;
    struct
    {
        unsigned char code;
        errc error;
    } const cases[] = {{0x5b, errc::socks_failed},        {0x5c, errc::socks_auth_rejected},
                       {0x5d, errc::socks_auth_rejected}, {0x5e, errc::socks_failed},
                       {0x00, errc::socks_failed},        {0xff, errc::socks_failed}};
    for (auto const& c : cases) {
        CAPTURE(c.code);
        auto const start = "\0"s + static_cast<char>(c.code);
        CHECK(play_rule(rule_script{}.expect_write(request).feed(start).end_of_stream(), fresh) == c.error);
        CHECK(play_rule(rule_script{}.expect_write(request).feed(start + std::string(6, 'x')), fresh) ==
              c.error);
        auto rule = fresh;
        static_cast<void>(rule_script{}.expect_write(request).feed(start).run(rule));
        CHECK(rule.reply_code() == c.code);
    }
    for (auto const answer : {"\x04\x5a\x00\x00\x00\x00\x00\x00"sv, "\x05\xff"sv, "HTTP/1.1 400 No\r\n"sv})
        CHECK(play_rule(rule_script{}.expect_write(request).feed(answer), fresh) ==
              errc::socks_reply_malformed);
    auto const opened = "\x00\x5a\x00\x00\x00\x00\x00\x00"sv;
    for (std::size_t size = 0; size < opened.size(); ++size)
        CHECK(play_rule(rule_script{}.expect_write(request).feed(opened.substr(0, size)).end_of_stream(),
                        fresh) == errc::proxy_closed);
    auto const script = rule_script{}.expect_write(request).feed(opened);
    auto const failure = viaduct::make_error_code(errc::idle_timeout);
    for (std::size_t n = 1; n <= 1 + opened.size(); ++n)
        CHECK(script.run(socks4_handshake{fresh}, {.pieces_of = 1, .failing_step = n, .failure = failure})
                  .error == failure);
}

TEST_CASE("socks4: what it cannot say fails before anything is sent")
{
    std::array<unsigned char, 4> const announces_a_name{0, 0, 0, 7};
    struct
    {
        socks4_handshake rule;
        errc error;
    } const cases[] = {
        {socks4_handshake{target, std::string(256, 'x')}, errc::socks_host_too_long},
        {socks4_handshake{target, "us\0er"sv}, errc::credentials_invalid},
        {socks4_handshake{announces_a_name, 443}, errc::socks_address_type_unsupported},
        {socks4_handshake{authority{"0.0.0.7", 443}}, errc::socks_address_type_unsupported},
    };
    for (auto const& c : cases) {
        auto const result = rule_script{}.run(socks4_handshake{c.rule});
        CHECK(result.error == c.error);
        CHECK(result.steps == 0);
    }
    auto const longest = std::string(255, 'x');
    auto const request = "\x04\x01\x22\xb3\x00\x00\x00\x01"s + longest +
                         "\x00"
                         "broker.example\x00"s;
    auto const script = rule_script{}.expect_write(request).feed("\x00\x5a\x00\x00\x00\x00\x00\x00"sv);
    CHECK_FALSE(play_rule(script, socks4_handshake{target, longest}));
}
