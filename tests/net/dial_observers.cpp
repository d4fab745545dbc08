#include "event_loop.hpp"
#include "listening_proxy.hpp"
#include <viaduct/client/client_handshake.hpp>
#include <viaduct/client/dial_spans.hpp> // the header is self-contained
#include <viaduct/client/dial_trace.hpp> // and so is this one
#include <viaduct/client/dialer.hpp>
#include <viaduct/testing/recording_sink.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace fixture;
using viaduct::authority;
using viaduct::dial_spans;
using viaduct::dial_trace;
using viaduct::dialer_options;
using viaduct::errc;
using viaduct::error_code;
using viaduct::testing::recording_lines;
using peer = listening_proxy::peer;

namespace {

authority const target{"broker.example", 8883};
std::string const established = "HTTP/1.1 200 Connection established\r\n\r\n";
std::string const basic_wanted =
    "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x y\"\r\nContent-Length: 0\r\n\r\n";
std::string const secret = "dXNlcjpzd29yZGZpc2g="; // user:swordfish

/// Every occurrence, replaced.
[[nodiscard]] std::string replaced(std::string text, std::string_view what, std::string_view by)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

struct observed_fixture : event_loop
{
    /// Dials; what is not the same each time is replaced by names.
    template <class Observer>
    error_code run(std::shared_ptr<Observer> observer, std::vector<viaduct::proxy_url> ways,
                   bool known = true)
    {
        dialer_options options;
        viaduct::proxy_list list;
        for (auto& way : ways) {
            if (known) way.who = viaduct::credentials{"user", "swordfish"};
            list.push_back({way});
        }
        options.proxies = {list};
        options.observer = std::move(observer);
        options.connect.user_agent = "test";
        options.connect.proxy_fields.add("X-Api-Key", "swordfish");
        viaduct::dialer{executor(), options}.async_dial(target, end.handler());
        REQUIRE(run_until([&] { return end.done(); }));
        return end.error;
    }

    [[nodiscard]] std::string port() { return std::to_string(proxy.acceptor().local_endpoint().port()); }

    [[nodiscard]] std::string told()
    {
        std::string text;
        for (auto const& line : lines->lines())
            text += line;
        for (auto const* const hidden : {"swordfish", secret.c_str(), "dXNlcj"})
            CHECK_MESSAGE(text.find(hidden) == std::string::npos, text);
        auto const local = std::to_string(end.value().report().local.port());
        return replaced(replaced(text, from + port(), from + "PORT"), from + local, from + "LOCAL");
    }

    /// The same for spans: without their numbers and times, and without what all children have.
    [[nodiscard]] std::string spans()
    {
        auto text = replaced(replaced(told(), "\"" + port() + "\"", "PORT"), "127.0.0.1", "ME");
        for (std::string_view const name : {"\"traceId\":\"", "SpanId\":\"", "spanId\":\"", "UnixNano\":\""})
            for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
                auto const begin = at + name.size();
                text.replace(begin, text.find('"', begin) - begin, "#");
            }
        text = replaced(text, "\"traceId\":\"#\",\"spanId\":\"#\"", "IDS");
        text = replaced(text, "\"startTimeUnixNano\":\"#\",\"endTimeUnixNano\":\"#\"", "TIMES");
        text = replaced(text, "{\"key\":\"viaduct.proxy\",\"value\":{\"stringValue\":\"http://ME:PORT\"}}",
                        "PROXY");
        text = replaced(text, "\"value\":{\"intValue\":", "{");
        return replaced(text, "\"value\":{\"stringValue\":", "{");
    }

    std::string const from = "127.0.0.1:";
    listening_proxy proxy{context};
    completion<viaduct::tunnel> end;
    std::shared_ptr<recording_lines> lines = std::make_shared<recording_lines>();
};

void challenges(peer& p)
{
    p.expect_until("\r\n\r\n")
        .reply("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x y\"\r\nContent-Length: 2\r\n\r\nno")
        .expect_until("\r\n\r\n")
        .reply(established);
}

/// The value behind each occurrence of a name.
[[nodiscard]] std::vector<std::string> values_of(std::string const& json, std::string const& name)
{
    std::vector<std::string> found;
    auto const key = '"' + name + "\":\"";
    for (auto at = json.find(key); at != std::string::npos; at = json.find(key, at + 1))
        found.push_back(json.substr(at + key.size(), json.find('"', at + key.size()) - at - key.size()));
    return found;
}

} // namespace

TEST_CASE("dial trace: a dial with a challenge, in curl's layout, without the password")
{
    observed_fixture f;
    f.proxy.expect(challenges);
    CHECK_FALSE(f.run(std::make_shared<dial_trace>(f.lines), {f.proxy.url()}));
    CHECK(f.told() == "* Dialling broker.example:8883\n"
                      "* Addresses: 127.0.0.1\n"
                      "*   Trying 127.0.0.1:PORT...\n"
                      "* Connected to 127.0.0.1:PORT from 127.0.0.1:LOCAL (http://127.0.0.1:PORT)\n"
                      "* Establishing HTTP proxy tunnel to broker.example:8883\n"
                      "> CONNECT broker.example:8883 HTTP/1.1\n"
                      "> Host: broker.example:8883\n"
                      "> User-Agent: test\n"
                      "> Proxy-Connection: Keep-Alive\n"
                      "> X-Api-Key: ***\n"
                      ">\n"
                      "< HTTP/1.1 407 No\n"
                      "< Proxy-Authenticate: Basic realm=\"x y\"\n"
                      "< Content-Length: 2\n"
                      "<\n"
                      "* Proxy auth using Basic\n"
                      "> CONNECT broker.example:8883 HTTP/1.1\n"
                      "> Host: broker.example:8883\n"
                      "> Proxy-Authorization: Basic ***\n"
                      "> User-Agent: test\n"
                      "> Proxy-Connection: Keep-Alive\n"
                      "> X-Api-Key: ***\n"
                      ">\n"
                      "< HTTP/1.1 200 Connection established\n"
                      "<\n"
                      "* CONNECT tunnel established, response 200\n");
}

TEST_CASE("dial trace: what could not be reached, and the refusal of the next one")
{
    observed_fixture f;
    listening_proxy gone{f.context};
    auto const first = gone.url();
    gone.close();
    f.proxy.expect([](peer& p) { p.expect_until("\r\n\r\n").reply("HTTP/1.1 403 No\r\n\r\n").close(); });
    CHECK(f.run(std::make_shared<dial_trace>(f.lines, true), {first, f.proxy.url()}, false) ==
          errc::proxy_denied);
    auto const lines = f.lines->lines();
    auto const begin = lines.at(0).substr(0, lines.at(0).find(' '));
    auto const refused = error_code{net::error::connection_refused}.message();
    CHECK(begin.starts_with("["));
    CHECK(lines.at(0) == begin + " * Dialling broker.example:8883\n");
    CHECK(lines.at(3) == begin + " * connect to " + first.endpoint.text() + " failed: " + refused + "\n");
    CHECK(lines.back() == begin + " * No tunnel: http://127.0.0.1:" + f.port() +
                              " answered 403 No: the proxy does not permit the tunnel\n");
    for (auto const& line : lines)
        CHECK(line.starts_with(begin + " "));
}

TEST_CASE("dial trace: a proxy that sends credentials back, tickets and strange octets")
{
    observed_fixture f;
    f.proxy.expect([](peer& p) {
        p.expect_until("\r\n\r\n")
            .reply(basic_wanted)
            .expect_until("\r\n\r\n")
            .reply("HTTP/1.1 403 Basic " + secret +
                   " \xc3\xbc\\ \r\n"
                   "proxy-authorization: Basic " +
                   secret + "\r\nX-Echo: you sent \"Proxy-Authorization: bAsIc  " + secret +
                   "\"\r\n"
                   "Proxy-Authenticate: Basic\r\n \t" +
                   secret +
                   "\r\n"
                   "Proxy-Authenticate: Negotiate oYG2MIGz/, Basic realm = \"NTLM\", NTLM TlRMTVNT==\r\n"
                   "Set-Cookie: session=swordfish\r\n"
                   "Proxy-Authentication-Info: Negotiate\r\n  swordfish\r\n\r\n");
    });
    CHECK(f.run(std::make_shared<dial_trace>(f.lines), {f.proxy.url()}) == errc::proxy_denied);
    auto const told = f.told();
    auto const last = told.substr(told.find("< HTTP/1.1 403"));
    CHECK(last ==
          "< HTTP/1.1 403 Basic ***= \\xC3\\xBC\\\\ \n"
          "< proxy-authorization: ***\n"
          "< X-Echo: you sent \"Proxy-Authorization: bAsIc  ***=\"\n"
          "< Proxy-Authenticate: Basic \\t***=\n"
          "< Proxy-Authenticate: Negotiate ***, Basic realm = \"NTLM\", NTLM ***==\n"
          "< Set-Cookie: ***\n"
          "< Proxy-Authentication-Info: ***\n"
          "<\n"
          "* No tunnel: http://127.0.0.1:PORT answered 403 Basic ***= ??\\\\ : the proxy does not permit "
          "the tunnel (offered: Basic Negotiate NTLM)\n");
}

TEST_CASE("dial trace: whatever it is told, a line stays a line, and is no longer than it should be")
{
    auto const lines = std::make_shared<recording_lines>();
    dial_trace trace{lines};
    std::string every;
    for (int octet = 0; octet < 256; ++octet)
        every += static_cast<char>(octet);
    trace.on_answer({}, every + "\r\nA: " + std::string(5000, 'x') + "\n", {}, {});
    viaduct::tls_facts facts;
    facts.subject = every;
    trace.on_secured({}, facts, {});
    trace.on_answer({}, "", {}, errc::proxy_closed);
    for (auto const& line : lines->lines()) {
        auto const text = line.substr(0, line.size() - 1);
        CHECK(line.ends_with('\n'));
        CHECK(line.size() < 4 * 1024 + 10);
        CHECK(text.find_first_not_of("\" !#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
              std::string::npos);
    }
    CHECK(lines->lines().back() == "* No answer: " + make_error_code(errc::proxy_closed).message() + "\n");
}

TEST_CASE("dial observers: a SOCKS proxy is asked by the version that it has")
{
    using viaduct::proxy_scheme;
    struct
    {
        proxy_scheme scheme;
        std::string name;
        std::string answers;
    } const cases[] = {
        {proxy_scheme::socks5h, "SOCKS5", {"\x05\x00\x05\x00\x00\x01iiiipp", 12}},
        {proxy_scheme::socks4a, "SOCKS4", {"\x00\x5appiiii", 8}},
    };
    for (auto const& c : cases) {
        observed_fixture traced, spanned;
        for (auto* const f : {&traced, &spanned})
            f->proxy.expect([&c](peer& p) { p.reply(c.answers); });
        CHECK_FALSE(
            traced.run(std::make_shared<dial_trace>(traced.lines), {traced.proxy.url(c.scheme)}, false));
        CHECK(traced.told().find("* " + c.name + " connect to broker.example:8883\n") != std::string::npos);
        CHECK_FALSE(
            spanned.run(std::make_shared<dial_spans>(spanned.lines), {spanned.proxy.url(c.scheme)}, false));
        auto const line = spanned.lines->lines().at(0);
        CHECK(values_of(line, "name") == std::vector<std::string>{"viaduct", "dial", "connect", c.name});
        CHECK(values_of(line, "endTimeUnixNano").size() == 3); // it has ended, too
    }
}

TEST_CASE("dial spans: a dial with a challenge is one line of OTLP, without the password")
{
    observed_fixture f;
    f.proxy.expect(challenges);
    CHECK_FALSE(f.run(std::make_shared<dial_spans>(f.lines), {f.proxy.url()}));
    std::string const server =
        R"({"key":"server.address",{"broker.example"}},{"key":"server.port",{"8883"}})";
    std::string const peer_of = R"({"key":"network.peer.address",{"ME"}},{"key":"network.peer.port",{PORT}})";
    CHECK(
        f.spans() ==
        R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name",{"viaduct"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"viaduct"},"spans":[)"
        R"({IDS,"name":"dial","kind":3,TIMES,"attributes":[)" +
            server + "," + peer_of +
            R"(,{"key":"http.response.status_code",{"200"}},PROXY,{"key":"viaduct.way",{"0"}}],"status":{}},)"
            R"({IDS,"parentSpanId":"#","name":"connect","kind":1,TIMES,"attributes":[PROXY,)"
            R"({"key":"network.transport",{"tcp"}},{"key":"network.type",{"ipv4"}},)" +
            peer_of +
            R"(],"status":{}},)"
            R"({IDS,"parentSpanId":"#","name":"CONNECT","kind":3,TIMES,"attributes":[PROXY,)"
            R"({"key":"http.request.method",{"CONNECT"}},)" +
            server +
            R"(,{"key":"http.response.status_code",{"407"}},{"key":"error.type",{"407"}}],"status":{"code":2,"message":")" +
            make_error_code(errc::proxy_auth_required).message() +
            R"("}},)"
            R"({IDS,"parentSpanId":"#","name":"CONNECT","kind":3,TIMES,"attributes":[PROXY,)"
            R"({"key":"http.request.method",{"CONNECT"}},)" +
            server +
            R"(,{"key":"http.request.resend_count",{"1"}},{"key":"viaduct.auth.scheme",{"Basic"}},)"
            R"({"key":"http.response.status_code",{"200"}}],"status":{}})"
            "]}]}]}\n");

    auto const line = f.lines->lines().at(0);
    auto const traces = values_of(line, "traceId");
    auto const spans = values_of(line, "spanId");
    auto const parents = values_of(line, "parentSpanId");
    auto const begins = values_of(line, "startTimeUnixNano");
    auto const ends = values_of(line, "endTimeUnixNano");
    CHECK(traces == std::vector<std::string>(4, traces.at(0)));
    CHECK(traces[0].size() == 32);
    CHECK(spans.at(0).size() == 16);
    CHECK(spans.at(1) != spans.at(2));
    CHECK(parents == std::vector<std::string>(3, spans.at(0)));
    for (std::size_t n = 0; n < 4; ++n) {
        CHECK(begins.at(0) <= begins.at(n)); // of 19 digits until the year 2286
        CHECK(begins.at(n) <= ends.at(n));
        CHECK(ends.at(n) <= ends.at(0));
        CHECK(ends.at(n).size() == 19);
    }
}

TEST_CASE("dial spans: a failure, as part of a trace that was given")
{
    viaduct::trace_context const mine{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true};
    observed_fixture f;
    auto const gone = f.proxy.url();
    f.proxy.expect([](peer&) {});
    f.proxy.close();
    auto const spans = std::make_shared<dial_spans>(
        f.lines, viaduct::dial_span_options{.parent = mine, .service_name = "my \"app\""});
    CHECK(f.run(spans, {gone}) == net::error::connection_refused);
    REQUIRE(f.lines->lines().size() == 1);
    auto const line = f.lines->lines()[0];
    auto const error = error_code{net::error::connection_refused};
    auto const type = std::string{error.category().name()} + ":" + std::to_string(error.value());
    CHECK(values_of(line, "traceId") == std::vector<std::string>(2, mine.trace_id));
    CHECK(values_of(line, "parentSpanId") ==
          std::vector<std::string>{mine.parent_id, values_of(line, "spanId").at(0)});
    CHECK(values_of(line, "name") == std::vector<std::string>{"viaduct", "dial", "connect"});
    CHECK(values_of(line, "message") == std::vector<std::string>(2, error.message()));
    CHECK(replaced(line, R"({"key":"error.type","value":{"stringValue":")" + type, "!!!").find("!!!") !=
          std::string::npos);
    CHECK(line.find(R"("stringValue":"my \"app\"")") != std::string::npos);
}

TEST_CASE("dial spans: dials at the same time are kept apart")
{
    observed_fixture f;
    listening_proxy refusing{f.context};
    f.proxy.expect([](peer& p) { p.expect_until("\r\n\r\n").reply(established); });
    refusing.expect([](peer& p) { p.expect_until("\r\n\r\n").reply("HTTP/1.1 504 No\r\n\r\n").close(); });
    auto const spans = std::make_shared<dial_spans>(f.lines);
    completion<viaduct::tunnel> first, second;
    dialer_options options{.proxies = {{{f.proxy.url()}}}};
    options.observer = spans;
    viaduct::dialer{f.executor(), options}.async_dial(target, first.handler());
    options.proxies = {{{refusing.url()}}};
    viaduct::dialer{f.executor(), options}.async_dial({"other.example", 1}, second.handler());
    REQUIRE(f.run_until([&] { return first.done() && second.done(); }));
    auto const lines = f.lines->lines();
    REQUIRE(lines.size() == 2);
    CHECK(values_of(lines[0], "traceId").at(0) != values_of(lines[1], "traceId").at(0));
    for (auto const& line : lines) {
        bool const is_first = line.find("broker.example") != std::string::npos;
        CHECK(values_of(line, "spanId").size() == 3);
        CHECK((line.find("other.example") != std::string::npos) != is_first);
        CHECK((line.find(R"("504")") != std::string::npos) != is_first);
    }
}

TEST_CASE("dial spans: a trace that is not sampled has none, and what is no trace is none")
{
    viaduct::trace_context const unwanted{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", false};
    observed_fixture f;
    f.proxy.expect([](peer& p) { p.expect_until("\r\n\r\n").reply(established); });
    auto const spans = std::make_shared<dial_spans>(f.lines, viaduct::dial_span_options{.parent = unwanted});
    CHECK_FALSE(f.run(spans, {f.proxy.url()}));
    CHECK(f.lines->lines().empty());
    viaduct::dial_span_options const wrong{.parent = viaduct::trace_context{"\"", "x", true}};
    CHECK_THROWS_AS((dial_spans{f.lines, wrong}), std::invalid_argument);
}

TEST_CASE("dial spans: lookups, what another attempt has overtaken, TLS, and what a failure cuts off")
{
    auto const lines = std::make_shared<recording_lines>();
    dial_spans spans{lines};
    viaduct::dial_moment const now{std::chrono::steady_clock::now(), 0, 0, "https://p\x1b:1", 7};
    dial_spans::endpoint const one{net::ip::make_address("::1"), 1};
    dial_spans::endpoint const two{net::ip::make_address("192.0.2.1"), 1};
    spans.on_dialling(now, target);
    spans.on_resolving(now, target);
    spans.on_resolved(now, {one, two}, {});
    spans.on_connecting(now, one);
    spans.on_connecting(now, two);
    spans.on_connected(now, two, one);
    spans.on_securing(now);
    spans.on_secured(now, {"TLSv1.3", "C", "", "CN=\n", 0, ""}, {});
    for (std::size_t n = 0; n < dial_spans::max_spans; ++n)
        spans.on_request(now, viaduct::redacted_request{viaduct::client_handshake{target, {}}});
    CHECK(lines->lines().empty());
    spans.on_failed(now, {errc::dial_timeout, {}});
    spans.on_failed({now.at, 0, 0, "direct", 8}, {net::error::operation_aborted, {}}); // it had not begun
    REQUIRE(lines->lines().size() == 2);
    auto const line = lines->lines()[0];
    auto const has = [&](std::string const& text) { return line.find(text) != std::string::npos; };
    CHECK(has(R"("dns.question.name","value":{"stringValue":"broker.example"}})"));
    CHECK(has(
        R"("dns.answers","value":{"arrayValue":{"values":[{"stringValue":"::1"},{"stringValue":"192.0.2.1"}]}}})"));
    CHECK(values_of(line, "key").size() > 100);
    auto const given_up = line.find("viaduct.given_up");
    CHECK(given_up > line.find(R"("::1"}},{"key":"network.peer.port")"));
    CHECK(given_up == line.rfind("viaduct.given_up"));
    CHECK(has(R"("tls.protocol.version","value":{"stringValue":"1.3"}})"));
    CHECK(has(R"("tls.server.subject","value":{"stringValue":"CN=\n"}})"));
    CHECK(has(R"("stringValue":"https://p\u001B:1")"));
    CHECK(has(R"("error.type","value":{"stringValue":"timeout"}}],"status":{"code":2,)"));
    CHECK(has(R"("viaduct.spans_dropped","value":{"intValue":"5"}})"));
    CHECK(values_of(line, "spanId").size() == dial_spans::max_spans);
    CHECK(line.find('\n') == line.size() - 1);
    CHECK(values_of(lines->lines()[1], "name") == std::vector<std::string>{"viaduct", "dial"});
}
