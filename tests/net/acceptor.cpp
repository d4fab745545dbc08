#include "acceptor_fixture.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <ostream>
#include <string>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::acceptor;
using viaduct::errc;
using viaduct::refusal_for;
using viaduct::request;

TEST_CASE("acceptor: hands out valid requests, unanswered, with everything that is known of them")
{
    acceptor_fixture f;
    auto& next = f.accept();
    auto& c = f.connect("CONNECT A.example:443 HTTP/1.1\r\nHost: x\r\nX: y\r\n\r\n");
    REQUIRE(f.run(next));
    CHECK_FALSE(next.error);
    REQUIRE(next.value());
    CHECK(next.value().target().text() == "a.example:443");
    CHECK(next.value().head().fields.find("X") == "y");
    CHECK(next.value().client() == c.address());
    f.settle();
    CHECK(c.heard() == "");
    CHECK_FALSE(c.ended());
    CHECK(f.log.records().empty());
}

TEST_CASE("acceptor: a silent client, and one that sends octet by octet, hold up nobody but themselves")
{
    acceptor_fixture f;
    auto& first = f.accept();
    f.connect();
    auto& slow = f.connect("C");
    auto const rest = connect_to("slow.example:443").substr(1);
    for (char const c : rest.substr(0, rest.size() - 1)) {
        f.run_steps(1, [] { return false; });
        slow.say(std::string{c});
    }
    f.connect(connect_to("fast.example:443"));
    REQUIRE(f.run(first));
    CHECK(first.value().target().host() == "fast.example");

    auto& second = f.accept();
    slow.say("\n");
    REQUIRE(f.run(second));
    CHECK(second.value().target().host() == "slow.example");
}

TEST_CASE("acceptor: several may wait at once, and are served in their order")
{
    acceptor_fixture f;
    auto& first = f.accept();
    auto& second = f.accept();
    f.connect(connect_to("one.example:1"));
    REQUIRE(f.run(first));
    CHECK(first.value().target().host() == "one.example");
    CHECK_FALSE(second.done());
    f.connect(connect_to("two.example:2"));
    REQUIRE(f.run(second));
    CHECK(second.value().target().host() == "two.example");
}

TEST_CASE("acceptor: what is no valid request is answered, recorded, and closed without a reset")
{
    struct
    {
        std::string text;
        errc why;
        unsigned status;
        std::string target;
    } const cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", errc::method_not_connect, 405, "/"},
        {"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", errc::port_missing, 400, "a"},
        {"CONNECT a:443 HTTP/1.1\r\n\r\n", errc::host_field_missing, 400, "a:443"},
        {"\x16\x03\x01 hello", errc::invalid_character_in_head, 400, ""},
        {"CONNECT " + std::string(20000, 'x'), errc::start_line_too_long, 414, ""},
    };
    for (auto const& c : cases) {
        acceptor_fixture f;
        auto& next = f.accept();
        auto& client = f.connect(c.text + std::string(100000, 'y')); // which nobody will read
        REQUIRE(f.run_until([&] { return client.ended(); }));
        CHECK(client.ended_well());
        CHECK(client.heard() == refusal_for(c.why).text());
        CHECK_FALSE(next.done());
        REQUIRE(f.log.records().size() == 1);
        auto const record = f.log.records()[0];
        CHECK(record.status == c.status);
        CHECK(record.error == c.why);
        CHECK(record.target == c.target);
        CHECK(record.client == "127.0.0.1");
        CHECK(record.client_port == client.address().port());
        CHECK(record.bytes_to_client == client.heard().size());
        CHECK(record.proxy_error == viaduct::proxy_error_of(c.why));
        CHECK(record.content_type == "text/plain");
        CHECK(record.elapsed.count() > 0);
    }
}

TEST_CASE("acceptor: a client that is too slow hears 408 when the head clock has run out")
{
    acceptor_fixture f{{.request = {.head_timeout = 20ms}}};
    f.accept();
    auto& c = f.connect("CONNECT a.example:443 HT");
    REQUIRE(f.run_until([&] { return c.ended(); }));
    CHECK(c.ended_well());
    CHECK(c.heard() == refusal_for(errc::head_timeout).text());
    REQUIRE(f.log.records().size() == 1);
    CHECK(f.log.records()[0].status == 408);
    CHECK(f.log.records()[0].error == errc::head_timeout);
}

TEST_CASE("acceptor: a client that comes and goes is recorded, and gets no answer")
{
    acceptor_fixture f;
    f.accept();
    auto& c = f.connect();
    c.end();
    REQUIRE(f.run_until([&] { return c.ended(); }));
    CHECK(c.heard() == "");
    REQUIRE(f.log.records().size() == 1);
    CHECK(f.log.records()[0].error == errc::client_closed_before_head);
    CHECK(f.log.records()[0].status == 0);
}

TEST_CASE("acceptor: a client that has reset its connection is still known by its address")
{
    acceptor_fixture f;
    auto& c = f.connect();
    auto const address = c.address();
    c.reset(); // before it is accepted
    f.accept();
    REQUIRE(f.run_until([&] { return f.log.records().size() == 1; }));
    CHECK(f.log.records()[0].client == "127.0.0.1");
    CHECK(f.log.records()[0].client_port == address.port());
}

TEST_CASE("acceptor: reading begins with the first accept, and connections that came before are not lost")
{
    acceptor_fixture f;
    f.connect(connect_to("early.example:443"));
    auto& next = f.accept();
    REQUIRE(f.run(next));
    CHECK(next.value().target().host() == "early.example");
}

TEST_CASE("acceptor: a cancelled accept loses no request")
{
    for (auto const type : every_cancellation) {
        acceptor_fixture f;
        auto& first = f.accept();
        f.connect(connect_to("a.example:443"));
        first.cancel.emit(type);
        REQUIRE(f.run(first));
        CHECK(first.error == net::error::operation_aborted);
        CHECK_FALSE(first.value());
        auto& second = f.accept();
        REQUIRE(f.run(second));
        CHECK(second.value().target().host() == "a.example");
    }
}

TEST_CASE("acceptor: closing ends every accept, and drops the heads that are being read")
{
    for (bool const destroy : {false, true}) {
        acceptor_fixture f;
        std::array<completion<request>*, 3> const waiting{&f.accept(), &f.accept(), &f.accept()};
        auto& half = f.connect("CONNECT ");
        f.settle();
        if (destroy)
            f.listening.reset();
        else
            f.listening->close();
        for (auto* end : waiting) {
            CHECK(end->calls == 0);
            REQUIRE(f.run(*end));
            CHECK(end->error == net::error::operation_aborted);
            CHECK_FALSE(end->value());
        }
        REQUIRE(f.run_until([&] { return half.ended(); }));
        CHECK(half.heard() == "");
        if (destroy) continue;
        auto& late = f.accept();
        REQUIRE(f.run(late));
        CHECK(late.error == net::error::operation_aborted);
    }
}

TEST_CASE("acceptor: closing also closes the connections whose requests nobody has taken")
{
    acceptor_fixture f;
    auto& first = f.accept();
    std::array<client*, 4> connected{};
    for (auto& c : connected)
        c = &f.connect(connect_to("a.example:443"));
    REQUIRE(f.run(first));
    f.settle();
    f.listening->close();
    for (std::size_t i = 1; i < connected.size(); ++i)
        REQUIRE(f.run_until([&] { return connected[i]->ended(); }));
}

TEST_CASE("acceptor: above the limit of heads, connections wait until one is done")
{
    acceptor_fixture f{{.max_heads = 1}};
    auto& next = f.accept();
    auto& silent = f.connect();
    f.settle();
    f.connect(connect_to("waits.example:443"));
    f.settle();
    CHECK_FALSE(next.done());
    silent.close();
    REQUIRE(f.run(next));
    CHECK(next.value().target().host() == "waits.example");
}

TEST_CASE("acceptor: above the limit of requests that wait, no more connections are accepted")
{
    acceptor_fixture f{{.max_waiting = 1}};
    auto& first = f.accept();
    f.connect(connect_to("one.example:443"));
    REQUIRE(f.run(first));
    for (std::string const host : {"two", "three"}) { // the second of them was being accepted all the time
        f.connect(connect_to(host + ".example:443"));
        f.settle();
    }
    auto& waits = f.connect("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    f.settle();
    CHECK(waits.heard() == "");
    for (std::string const host : {"two", "three"}) {
        auto& next = f.accept();
        REQUIRE(f.run(next));
        CHECK(next.value().target().host() == host + ".example");
    }
    REQUIRE(f.run_until([&] { return waits.ended(); }));
    CHECK(waits.heard().starts_with("HTTP/1.1 405 "));
}

TEST_CASE("acceptor: an address that is taken is an error at once")
{
    acceptor_fixture f;
    CHECK_THROWS_AS((acceptor{f.executor(), f.listening->local_endpoint()}), viaduct::system_error);
}

TEST_CASE("acceptor: a context may be destroyed at every step")
{
    for (std::size_t steps = 0; steps < 40; ++steps) {
        auto f = std::make_unique<acceptor_fixture>();
        f->accept();
        f->accept();
        f->connect(connect_to("a.example:443"));
        f->connect("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        f->connect("CONN");
        f->run_steps(std::min<std::size_t>(steps, 20), [] { return false; });
        if (steps % 2 == 0) f->listening->close();
    }
}
