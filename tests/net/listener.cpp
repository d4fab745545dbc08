#include "acceptor_fixture.hpp"
#include "veil.hpp"
#include <viaduct/net/proxy_protocol.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <sys/resource.h>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::accept_options;
using viaduct::any_stream;
using viaduct::errc;
using viaduct::error_code;
using viaduct::proxy_protocol_version;
using viaduct::request;

namespace {

[[nodiscard]] viaduct::address_block block(std::string_view text)
{
    error_code ec;
    auto const b = viaduct::address_block::parse(text, ec);
    REQUIRE_FALSE(ec);
    return b;
}

[[nodiscard]] accept_options behind_balancer(std::string_view trusted = "127.0.0.0/8", bool required = true)
{
    return {.proxy_protocol = viaduct::proxy_protocol_in{.trusted = {block(trusted)}, .required = required}};
}

[[nodiscard]] accept_options with_tls()
{
    return {.name = "secure", .tls = std::make_shared<veil_acceptor>()};
}

tcp::endpoint const source{net::ip::make_address("192.0.2.1"), 1234};
tcp::endpoint const destination{net::ip::make_address("192.0.2.2"), 3128};

[[nodiscard]] std::string header(proxy_protocol_version version)
{
    return viaduct::proxy_protocol_header(version, source, destination);
}

/// One record of a connection that got no answer.
void check_unanswered(acceptor_fixture& f, client& c, errc why)
{
    REQUIRE(f.run_until([&] { return c.ended() && f.log.records().size() == 1; }));
    CHECK(c.heard() == "");
    auto const record = f.log.records()[0];
    CHECK(record.error == why);
    CHECK(record.status == 0);
    CHECK(record.client == "127.0.0.1");
    CHECK(record.client_port == c.address().port());
}

/// Lets nobody open a descriptor as long as it lives.
class no_descriptors
{
public:
    no_descriptors()
    {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        auto const next = ::dup(STDIN_FILENO);
        REQUIRE(next >= 0);
        ::close(next);
        rlimit const none{static_cast<rlim_t>(next), before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    no_descriptors(no_descriptors const&) = delete;
    no_descriptors& operator=(no_descriptors const&) = delete;
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

} // namespace

TEST_CASE("listener: a trusted PROXY protocol header says whose connection it is, wherever it is cut")
{
    using viaduct::proxy_protocol_local;
    struct
    {
        std::string header;
        bool local;
    } const cases[] = {
        {header(proxy_protocol_version::v1), false},
        {header(proxy_protocol_version::v2), false},
        {proxy_protocol_local(proxy_protocol_version::v1), true},
        {proxy_protocol_local(proxy_protocol_version::v2), true},
    };
    acceptor_fixture f{behind_balancer()};
    for (auto const& c : cases) {
        auto const text = c.header + connect_to("a.example:443") + "early";
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            CAPTURE(cut);
            auto& next = f.accept();
            auto& client = f.connect();
            client.say(text.substr(0, cut));
            f.run_steps(3, [&] { return next.done(); });
            client.say(text.substr(cut));
            REQUIRE(f.run(next));
            auto const& facts = next.value().connection();
            CHECK(facts.client == (c.local ? client.address() : source));
            CHECK(facts.local == (c.local ? client.peer() : destination));
            CHECK(facts.peer == client.address());
            CHECK(next.value().client() == facts.client);
            CHECK(facts.listener == nullptr);
            std::optional<fixture::client> tunnel;
            next.value().async_accept_tunnel(
                [&](error_code, any_stream stream) { tunnel.emplace(stream.release_socket()); });
            REQUIRE(f.run_until([&] { return tunnel && tunnel->heard() == "early"; }));
            f.clients.clear();
            f.ends.clear();
        }
    }
    CHECK(f.log.records().empty());
}

TEST_CASE("listener: from an address that is not trusted no PROXY protocol header is taken")
{
    {
        acceptor_fixture f{behind_balancer("192.0.2.0/24")};
        f.accept();
        check_unanswered(f, f.connect(header(proxy_protocol_version::v1) + connect_to("a.example:443")),
                         errc::proxy_header_untrusted);
    }
    acceptor_fixture f{behind_balancer("192.0.2.0/24", false)};
    auto& next = f.accept();
    auto& pretends = f.connect(header(proxy_protocol_version::v1) + connect_to("a.example:443"));
    REQUIRE(f.run_until([&] { return pretends.ended(); }));
    CHECK(pretends.heard().starts_with("HTTP/1.1 400 "));
    auto& plain = f.connect(connect_to("a.example:443"));
    REQUIRE(f.run(next));
    CHECK(next.value().client() == plain.address());
}

TEST_CASE("listener: a balancer's address mapped to IPv6 is trusted too")
{
    acceptor_fixture f;
    try {
        f.listening.emplace(f.executor(), tcp::endpoint{tcp::v6(), 0}, behind_balancer());
    } catch (viaduct::system_error const& e) {
        MESSAGE("no IPv6 on this machine: ", e.what());
        return;
    }
    auto const port = f.listening->local_endpoint().port();
    auto& next = f.accept();
    fixture::client c{f.executor(), {net::ip::address_v4::loopback(), port}};
    c.say(header(proxy_protocol_version::v2) + connect_to("a.example:443"));
    REQUIRE(f.run(next));
    CHECK(next.value().client() == source);
}

TEST_CASE("listener: a trusted sender without a header gets no answer")
{
    for (std::string const text : {"GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 1.2.3.4\r\n", "\x16\x03\x01"}) {
        acceptor_fixture f{behind_balancer()};
        f.accept();
        check_unanswered(f, f.connect(text), errc::proxy_header_malformed);
    }
    acceptor_fixture f{behind_balancer()};
    f.accept();
    auto& looks = f.connect("PROX"); // whether the port is open
    looks.end();
    check_unanswered(f, looks, errc::client_closed_before_head);
}

TEST_CASE("listener: a slow header is cut off, and holds up nobody")
{
    auto options = behind_balancer();
    options.proxy_protocol->timeout = 50ms;
    acceptor_fixture f{options};
    auto& next = f.accept();
    auto& slow = f.connect("PROXY TCP4 ");
    f.connect(header(proxy_protocol_version::v1) + connect_to("fast.example:443"));
    REQUIRE(f.run(next));
    CHECK(next.value().target().host() == "fast.example");
    check_unanswered(f, slow, errc::proxy_header_timeout);
}

TEST_CASE("listener: behind a TLS handshake everything is as it is without")
{
    acceptor_fixture f{with_tls()};
    auto& next = f.accept();
    auto& c = f.connect("T");
    f.run_steps(3, [&] { return next.done(); });
    c.say(connect_to("a.example:443") + "early");
    REQUIRE(f.run(next));
    auto const& facts = next.value().connection();
    REQUIRE(facts.tls);
    CHECK(facts.tls->user == "ann");
    REQUIRE(facts.listener);
    CHECK(*facts.listener == "secure");
    CHECK(facts.client == c.address());
    CHECK(facts.local == f.listening->local_endpoint());
    any_stream tunnel;
    next.value().async_accept_tunnel([&](error_code, any_stream stream) { tunnel = std::move(stream); });
    REQUIRE(f.run_until([&] { return tunnel.is_open() && c.heard() == established; }));
    CHECK_FALSE(tunnel.is_plain());
    collector rest{tunnel};
    c.end();
    REQUIRE(f.run_until([&] { return rest.end.has_value(); }));
    CHECK(rest.text == "early");
}

TEST_CASE("listener: a refusal over TLS is followed by TLS's own end")
{
    acceptor_fixture f{with_tls()};
    f.accept();
    auto& invalid = f.connect("TGET / HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(10000, 'x'));
    REQUIRE(f.run_until([&] { return invalid.ended(); }));
    CHECK(invalid.ended_well());
    CHECK(invalid.heard() == viaduct::refusal_for(errc::method_not_connect).text() + "bye");

    auto& next = f.accept();
    auto& denied = f.connect("T" + connect_to("a.example:443"));
    REQUIRE(f.run(f.ends[0]));
    f.ends[0].value().async_reject(403, [](error_code, std::size_t) {});
    REQUIRE(f.run_until([&] { return denied.ended(); }));
    CHECK(denied.heard() == viaduct::refusal{.status = 403}.text() + "bye");

    auto& asked = f.connect("T" + connect_to("a.example:443"));
    REQUIRE(f.run(next));
    completion<std::size_t, request> second;
    next.value().async_challenge({.status = 407}, second.handler());
    REQUIRE(f.run_until([&] { return !asked.heard().empty(); }));
    asked.say(connect_to("b.example:443"));
    REQUIRE(f.run_until([&] { return second.done(); }));
    REQUIRE(std::get<1>(second.values));
    CHECK(std::get<1>(second.values).target().host() == "b.example");
    CHECK(std::get<1>(second.values).connection().tls->user == "ann");
}

TEST_CASE("listener: a TLS handshake that fails or takes too long is recorded, and holds up nobody")
{
    auto options = with_tls();
    options.tls_timeout = 50ms;
    for (bool const slow : {false, true}) {
        acceptor_fixture f{options};
        auto& next = f.accept();
        auto& bad = f.connect(slow ? "" : "CONNECT");
        f.connect("T" + connect_to("a.example:443"));
        REQUIRE(f.run(next));
        check_unanswered(f, bad, slow ? errc::client_tls_timeout : errc::client_tls_failed);
    }
}

TEST_CASE("listener: a PROXY protocol header comes before TLS")
{
    auto options = behind_balancer();
    options.tls = std::make_shared<veil_acceptor>();
    acceptor_fixture f{options};
    auto& next = f.accept();
    f.connect(header(proxy_protocol_version::v2) + "T" + connect_to("a.example:443"));
    REQUIRE(f.run(next));
    CHECK(next.value().client() == source);
    CHECK(next.value().connection().tls);
}

TEST_CASE("listener: closing drops what is in its header, its handshake, its head, or is being refused")
{
    auto options = behind_balancer();
    options.tls = std::make_shared<veil_acceptor>();
    auto const begin = header(proxy_protocol_version::v1);
    for (std::size_t steps = 0; steps < 20; ++steps)
        for (bool const destroy : {false, true}) {
            acceptor_fixture f{options};
            auto& waiting = f.accept();
            for (auto const& text :
                 {std::string{"PRO"}, begin, begin + "TCONN", begin + "TGET / HTTP/1.1\r\nHost: a\r\n\r\n"})
                f.connect(text);
            f.run_steps(steps, [] { return false; });
            if (destroy && steps % 2 == 0) continue; // the context goes first
            f.listening.reset();
            REQUIRE(f.run(waiting));
            for (auto& c : f.clients)
                REQUIRE(f.run_until([&] { return c.ended(); }));
        }
}

TEST_CASE("listener: what another has accepted is served as its own")
{
    acceptor_fixture f{{.name = "here"}};
    auto& next = f.accept();
    auto [near, far] = over_tcp::pair(f.executor());
    auto const peer = near.local_endpoint();
    auto const local = far.local_endpoint();
    client adopted{std::move(near)};
    f.listening->adopt(std::move(far));
    adopted.say(connect_to("a.example:443"));
    REQUIRE(f.run(next));
    CHECK(next.value().client() == peer);
    CHECK(next.value().connection().local == local);
    CHECK(*next.value().connection().listener == "here");

    auto late = over_tcp::pair(f.executor());
    client dropped{std::move(late.first)};
    f.listening->close();
    f.listening->adopt(std::move(late.second));
    REQUIRE(f.run_until([&] { return dropped.ended(); }));
}

TEST_CASE("listener: a port that is open already can be gone on with")
{
    acceptor_fixture f;
    tcp::acceptor open{f.executor(), {net::ip::address_v4::loopback(), 0}};
    auto const where = open.local_endpoint();
    f.listening.emplace(std::move(open));
    CHECK(f.listening->local_endpoint() == where);
    auto& next = f.accept();
    f.connect(connect_to("a.example:443"));
    REQUIRE(f.run(next));
    CHECK(next.value().connection().local == where);
}

TEST_CASE("listener: one that is retired reads what has come, and has ended when nothing may come back")
{
    acceptor_fixture f;
    auto& first = f.accept();
    auto& second = f.accept();
    auto& slow = f.connect("CONNECT a.example:443");
    f.context.poll(); // it has been accepted
    auto const where = f.listening->local_endpoint();
    f.connect(connect_to("b.example:443")); // this one waits in the system's queue
    f.listening->retire();
    CHECK_THROWS_AS((client{f.executor(), where}), viaduct::system_error);
    REQUIRE(f.run(first));
    CHECK(first.value().target().host() == "b.example");
    slow.say(" HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(f.run(second));
    CHECK_FALSE(f.listening->has_ended()); // either may be asked for more
    first.value() = {};
    second.value() = {};
    REQUIRE(f.run_until([&] { return f.listening->has_ended(); }));
    CHECK(f.log.records().empty());
}

TEST_CASE("listener: who hands its port over in a shortage tells that it lacks nothing more")
{
    std::vector<error_code> told;
    acceptor_fixture f{
        {.pause_when_exhausted = 1h, .on_exhausted = [&](error_code ec) { told.push_back(ec); }}};
    std::ignore = &f.accept();
    f.connect(connect_to("one.example:443"));
    {
        no_descriptors const shortage;
        REQUIRE(f.run_until([&] { return !told.empty(); }));
    }
    viaduct::acceptor next{tcp::acceptor{f.executor()}};
    next.take_over(*f.listening);
    REQUIRE(f.run_until([&] { return told.size() == 2; }));
    CHECK_FALSE(told[1]);
    CHECK(f.listening->has_ended());
    completion<request> goes_on;
    next.async_accept(goes_on.handler());
    REQUIRE(f.run_until([&] { return goes_on.done(); }));
    CHECK(goes_on.value().target().host() == "one.example");
}

TEST_CASE("listener: a shortage of descriptors is told once, and so is its end")
{
    std::vector<error_code> told;
    acceptor_fixture f{
        {.pause_when_exhausted = 50ms, .on_exhausted = [&](error_code ec) { told.push_back(ec); }}};
    auto& first = f.accept();
    auto& second = f.accept();
    f.connect(connect_to("one.example:443"));
    {
        no_descriptors const shortage;
        REQUIRE(f.run_until([&] { return !told.empty(); }));
        net::steady_timer two_pauses{f.executor(), 120ms};
        completion<> over;
        two_pauses.async_wait(over.handler());
        REQUIRE(f.run_until([&] { return over.done(); }));
    }
    CHECK(told == std::vector<error_code>{net::error::no_descriptors});
    REQUIRE(f.run(first)); // it has waited in the system's queue
    REQUIRE(f.run_until([&] { return told.size() == 2; }));
    CHECK_FALSE(told[1]);
    f.connect(connect_to("two.example:443"));
    REQUIRE(f.run(second));
    CHECK(told.size() == 2);
}

TEST_CASE("listener: in a shortage that lasts, who waits is told")
{
    acceptor_fixture f{{.pause_when_exhausted = 1ms}};
    auto& next = f.accept();
    std::array<client*, 3> const waiting{&f.connect(connect_to("a.example:443")), &f.connect(),
                                         &f.connect(connect_to("b.example:443"))};
    {
        no_descriptors const shortage;
        for (auto const* c : waiting)
            REQUIRE(f.run_until([&] { return c->ended(); }));
    }
    auto const answer = viaduct::refusal_for(errc::too_many_tunnels).text();
    for (auto const* c : waiting) {
        CHECK(c->ended_well());
        CHECK(c->heard() == answer);
    }
    REQUIRE(f.log.records().size() == waiting.size());
    CHECK(f.log.records()[0].status == 503);
    CHECK(f.log.records()[0].client_port == waiting[0]->address().port());
    CHECK(f.log.records()[0].bytes_to_client == answer.size());
    f.connect(connect_to("c.example:443"));
    REQUIRE(f.run(next));
    CHECK(next.value().target().host() == "c.example");
}

TEST_CASE("listener: what follows a challenge is under the head clock, and recorded")
{
    acceptor_fixture f{{.request = {.head_timeout = 50ms, .name = "proxy"}}};
    auto& next = f.accept();
    auto& c = f.connect(connect_to("a.example:443"));
    REQUIRE(f.run(next));
    completion<std::size_t, request> end;
    next.value().async_challenge({.status = 407}, end.handler());
    REQUIRE(f.run_until([&] { return c.ended(); }));
    auto const challenge = viaduct::refusal{.status = 407}.text("proxy", viaduct::after_answer::keep_alive);
    CHECK(c.heard() == challenge + viaduct::refusal_for(errc::head_timeout).text("proxy"));
    c.close();
    REQUIRE(f.run_until([&] { return end.done(); }));
    CHECK(end.error == errc::head_timeout);
    REQUIRE(f.log.records().size() == 1); // the one for the 407 is up to whoever sent it
    CHECK(f.log.records()[0].status == 408);
}
