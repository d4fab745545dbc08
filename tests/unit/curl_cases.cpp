#include "conversation_player.hpp"
#include <viaduct/auth/basic_authenticator.hpp>

#include <ostream>
#include <string>
#include <vector>

// What curl's public tests of CONNECT go through (their numbers are in front of each case), as octets of our
// own. The answers are often odd: proxies are.

using namespace fixture;
using namespace std::literals;

namespace {

struct curl_case
{
    char const* about;
    talker who;
    connections line;
    said requests;
    error_code error{};
    std::string left{};
    std::string body{};
};

[[nodiscard]] talker nobody()
{
    return {[] { return connect_options{}; }};
}

/// With credentials that go out unasked, which is curl's way with Basic.
[[nodiscard]] talker basic_unasked()
{
    return {[] { return connect_options{.who = viaduct::credentials{"user", "pass"}}; }};
}

/// With Basic for whom is asked.
[[nodiscard]] talker basic_asked()
{
    return {[] {
        std::vector<viaduct::proxy_auth::scheme_ptr> schemes{
            std::make_shared<viaduct::basic_authenticator>(viaduct::credentials{"user", "pass"})};
        return connect_options{.auth = std::make_shared<viaduct::proxy_auth>(std::move(schemes))};
    }};
}

[[nodiscard]] talker digest()
{
    return with({{.name = "Digest"}});
}

/// All that curl does for `--proxy-anyauth`, the strongest first.
[[nodiscard]] talker any_scheme()
{
    return with({{.name = "Digest"}, ntlm(), basic()});
}

[[nodiscard]] std::string content(std::string const& octets)
{
    return "Content-Length: " + std::to_string(octets.size()) + "\r\n\r\n" + octets;
}

/// A 407 with content; `lines` holds its challenges and whatever else.
[[nodiscard]] std::string asking(std::string const& lines, std::string const& octets)
{
    return "HTTP/1.1 407 Who are you\r\n" + lines + content(octets);
}

/// The same with content in chunks of eight octets.
[[nodiscard]] std::string asking_in_chunks(std::string const& lines, std::string const& octets)
{
    auto text = "HTTP/1.1 407 Who are you\r\n" + lines + "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < octets.size(); at += 8) {
        auto const piece = octets.substr(at, 8);
        text += std::to_string(piece.size()) + "\r\n" + piece + "\r\n";
    }
    return text + "0\r\n\r\n";
}

std::string const basic_value = "Basic dXNlcjpwYXNz";
std::string const ask_digest = "Proxy-Authenticate: Digest realm=\"the lift\", nonce=\"n1\"\r\n";
std::string const ask_ntlm = "Proxy-Authenticate: NTLM\r\n";
std::string const ntlm_token = "Proxy-Authenticate: NTLM dG9rZW4=\r\n";
std::string const keep = "Proxy-Connection: Keep-Alive\r\n";
std::string const long_content(2'000, 'x');

[[nodiscard]] std::string long_fields()
{
    std::string lines;
    for (int n = 0; n < 8; ++n)
        lines += "X-Talk-" + std::to_string(n) + ": " + std::string(100, '.') + "\r\n";
    return lines;
}

[[nodiscard]] std::vector<curl_case> curl_cases()
{
    return {
        {"80, 503: Basic unasked, and the tunnel's first octets in the same segment as the head",
         basic_unasked(),
         {{{"HTTP/1.1 200 Go on\r\nServer: lift\r\n\r\nHTTP/1.1 200 OK\r\n"}}},
         {"1: " + basic_value},
         {},
         "HTTP/1.1 200 OK\r\n"},
        {"83, 95, 1288, 1941: a tunnel for whoever asks; what is asked and told inside it is not ours",
         nobody(),
         {{{"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 401 Who?\r\nWWW-Authenticate: Basic\r\n\r\n"}}},
         {"1: -"},
         {},
         "HTTP/1.1 401 Who?\r\nWWW-Authenticate: Basic\r\n\r\n"},
        {"94: a proxy that has never heard of CONNECT",
         basic_unasked(),
         {{{"HTTP/1.1 405 Method Not Allowed\r\nServer: x\r\nConnection: close\r\n"
            "Content-Type: text/html\r\n\r\nnothing of use"},
           true}},
         {"1: " + basic_value},
         errc::proxy_denied,
         "",
         "nothing of use"},
        {"206: Digest on one connection",
         digest(),
         {{{asking(ask_digest, "nothing of use"), opened}}},
         {"1: -", "1: Digest 1.1 of n1"}},
        {"209, 213: NTLM in three legs on one connection",
         with({ntlm()}),
         {{{asking(ask_ntlm, "first"), asking(ntlm_token, "second"), opened + "data"}}},
         {"1: -", "1: NTLM 1.1", "1: NTLM 1.2 of dG9rZW4="},
         {},
         "data"},
        {"217, 287: 405, and nothing of its head is lost",
         nobody(),
         {{{"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n" + content("no")}}},
         {"1: -"},
         errc::proxy_denied,
         "",
         "no"},
        {"749: a request that the proxy does not understand, and a close",
         nobody(),
         {{{"HTTP/1.1 400 Bad request\r\nConnection: close\r\n\r\n"}, true}},
         {"1: -"},
         errc::proxy_refused},
        {"1097: NTLM unasked, for a proxy that wants nothing",
         with(with({ntlm()}), [](auto& o) { o.auth->begin_with(o.auth->schemes().front()); }),
         {{{opened + "data"}}},
         {"1: NTLM 1.1"},
         {},
         "data"},
        {"1008: the content of a 407 in chunks",
         with({ntlm()}),
         {{{asking_in_chunks(ask_ntlm + keep, "one content that is in our way"),
            asking_in_chunks(ntlm_token + keep, "another one"), opened}}},
         {"1: -", "1: NTLM 1.1", "1: NTLM 1.2 of dG9rZW4="}},
        {"1021: any scheme; NTLM is offered with a close in front of it",
         any_scheme(),
         {{{
               asking(ask_ntlm + "Proxy-Authenticate: Basic\r\nConnection: close\r\n", "closing"),
           },
           true},
          {{asking(ntlm_token, "first"), opened}}},
         {"1: -", "2: NTLM 2.1", "2: NTLM 2.2 of dG9rZW4="}},
        {"1059: a proxy that tunnels to some ports only",
         nobody(),
         {{{"HTTP/1.1 501 Not implemented\r\n" + content("only to port 443")}}},
         {"1: -"},
         errc::proxy_refused,
         "",
         "only to port 443"},
        {"1060: a 407 with much in its head and behind it",
         digest(),
         {{{asking(ask_digest + long_fields() + keep, long_content), opened}}},
         {"1: -", "1: Digest 1.1 of n1"}},
        {"1061: the same in chunks",
         digest(),
         {{{asking_in_chunks(ask_digest + long_fields() + keep, long_content), opened}}},
         {"1: -", "1: Digest 1.1 of n1"}},
        {"1078: HTTP/1.0 in both directions",
         with(basic_unasked(), [](auto& o) { o.minor_version = 0; }),
         {{{"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nafter"}}},
         {"1: " + basic_value},
         {},
         "after"},
        {"a folded field and a bare LF in the answer",
         nobody(),
         {{{"HTTP/1.1 200 OK\r\nVia: x,\r\n y\nDate: z\n\nafter"}}},
         {"1: -"},
         {},
         "after"},
        {"1428: fields for the proxy alone",
         with(basic_unasked(), [](auto& o) { o.proxy_fields.add("User-Agent", "lift/1.0"); }),
         {{{opened}}},
         {"1: " + basic_value}},
        {"1715: a length, chunks that are none, and a scheme that nobody knows",
         basic_asked(),
         {{{asking("Proxy-Authenticate: Odd a=b\r\nTransfer-Encoding: chunked\r\n", "bare")}}},
         {"1: -"},
         errc::proxy_auth_unsupported,
         "",
         "bare"},
        {"a 407 with a length and in chunks, whose end cannot be trusted",
         basic_asked(),
         {{{asking("Proxy-Authenticate: Basic realm=x\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")}},
          {{opened}}},
         {"1: -", "2: " + basic_value}},
        {"a 2xx with both, where neither means anything",
         nobody(),
         {{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + content("5\r\nhello")}}},
         {"1: -"},
         {},
         "5\r\nhello"},
        {"1904: 204 is a success",
         nobody(),
         {{{"HTTP/1.1 204 No content\r\nContent-Length: 3\r\n\r\nabc"}}},
         {"1: -"},
         {},
         "abc"},
        {"a refusal behind an accepted challenge, on a connection of its own",
         basic_asked(),
         {{{asking("Proxy-Authenticate: Basic realm=x\r\nProxy-Connection: close\r\n", "")}},
          {{"HTTP/1.1 404 Not found\r\n" + content("no such host")}}},
         {"1: -", "2: " + basic_value},
         errc::target_unreachable,
         "",
         "no such host"},
        {"a 407 that ends with its connection",
         basic_asked(),
         {{{"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\n\r\nto the end"}, true}, {{opened}}},
         {"1: -", "2: " + basic_value}},
        {"wrong credentials, twice refused",
         basic_asked(),
         {{{asking("Proxy-Authenticate: Basic realm=x\r\n", "1"),
            asking("Proxy-Authenticate: Basic realm=x\r\n", "2")}}},
         {"1: -", "1: " + basic_value},
         errc::proxy_auth_rejected,
         "",
         "2"},
        {"a proxy that goes away in its head",
         nobody(),
         {{{"HTTP/1.1 200 OK\r\nVia"}, true}},
         {"1: -"},
         errc::proxy_closed},
        {"a 100 in front of the answer, which curl takes for one",
         nobody(),
         {{{"HTTP/1.1 100 Continue\r\n\r\n" + opened + "x"}}},
         {"1: -"},
         {},
         "x"},
    };
}

} // namespace

TEST_CASE("curl's cases: every conversation goes as it should, however its octets come")
{
    for (auto const& c : curl_cases()) {
        INFO(c.about);
        auto const end = converse(c.line, c.who);
        CHECK(end.error == c.error);
        CHECK(end.said == c.requests);
        CHECK(end.left == c.left);
        CHECK(end.body == c.body);
    }
}
