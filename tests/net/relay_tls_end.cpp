#include "relay_fixture.hpp"
#include "tls_streams.hpp"
#include <viaduct/relay/tls_stream_end.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>

using namespace fixture;
using viaduct::relay_end;
using viaduct::relay_side;

#define TLS_TEST(name)                                                                                       \
    TEST_CASE_TEMPLATE(name, fix_type, relay_fixture<over_tcp, false, over_tls>,                             \
                       relay_fixture<over_memory, true, over_tls>, relay_fixture<over_tls, false>,           \
                       relay_fixture<over_tcp, false, over_tls_12>)

TLS_TEST("relay, TLS: a transport that ends without an alert was cut off, and the other side is reset")
{
    fix_type f;
    collector at_client{f.client};
    f.start();
    f.send(f.origin, "half of it");
    REQUIRE(f.run_until([&] { return at_client.text == "half of it"; }));
    far_end<net::ip::tcp::socket>::end_sending(f.origin.next_layer());
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.end == net::error::connection_reset);
    CHECK(f.error == net::ssl::error::stream_truncated);
    CHECK(f.result.end == relay_end::reset);
    CHECK(f.result.first_to_end == relay_side::b);
    CHECK(f.result.b_to_a == 10);
}

TLS_TEST("relay, TLS: so was one that ends after it has been told of the other side's end")
{
    fix_type f;
    collector at_client{f.client};
    collector at_origin{f.origin};
    f.start();
    f.end_sending(f.client);
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    CHECK(at_origin.end == net::error::eof); // by an alert, or else it were truncated
    far_end<net::ip::tcp::socket>::end_sending(f.origin.next_layer());
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.end == net::error::connection_reset);
    CHECK(f.result.end == relay_end::reset);
    CHECK(f.result.first_to_end == relay_side::a);
}

TLS_TEST("relay, TLS: a transport that ends behind the alert has ended in good order")
{
    fix_type f;
    collector at_client{f.client};
    f.start();
    f.send_and_end(f.origin, "all of it");
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.end == net::error::eof);
    far_end<net::ip::tcp::socket>::end_sending(f.origin.next_layer());
    f.send_and_end(f.client, "thanks");
    REQUIRE(f.run_to_end());
    CHECK(!f.error);
    CHECK(f.result.end == relay_end::closed);
    CHECK(f.result.a_to_b == 6);
}

TLS_TEST("relay, TLS: a program that shuts its session down as most do finds its counterpart")
{
    // It sends its alert, and waits for the one of the other side.
    fix_type f;
    collector at_client{f.client};
    completion<> shut_down;
    f.start();
    f.send(f.origin, "an answer");
    REQUIRE(f.run_until([&] { return at_client.text == "an answer"; }));
    f.origin.async_shutdown(shut_down.handler());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK(at_client.end == net::error::eof);
    CHECK(!shut_down.done());
    f.end_sending(f.client);
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return shut_down.done(); }));
    CHECK_FALSE(shut_down.error);
    CHECK(!f.error);
}

TLS_TEST("relay, TLS: the session can be read for long after it has sent its alert")
{
    fix_type f;
    collector at_client{f.client};
    collector at_origin{f.origin};
    f.start();
    f.send_and_end(f.client, "tell me everything");
    REQUIRE(f.run_until([&] { return at_origin.end.has_value(); }));
    CHECK(at_origin.text == "tell me everything");
    std::string const everything(3 << 20, 'e');
    f.send_and_end(f.origin, everything);
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end.has_value(); }));
    CHECK((at_client.text == everything));
    CHECK(at_client.end == net::error::eof);
    CHECK(!f.error);
}

TEST_CASE("relay, TLS: new keys in the middle of it change nothing")
{
    relay_fixture<over_tcp, false, over_tls> f;
    collector at_client{f.client};
    collector at_origin{f.origin};
    f.start();
    std::string sent;
    for (int i = 0; i < 10; ++i) {
        REQUIRE(SSL_key_update(f.origin.native_handle(), SSL_KEY_UPDATE_REQUESTED) == 1);
        f.send(f.origin, "a word");
        f.send(f.client, "a word");
        sent += "a word";
        REQUIRE(f.run_until([&] { return at_client.text == sent && at_origin.text == sent; }));
    }
    REQUIRE(SSL_key_update(f.origin.native_handle(), SSL_KEY_UPDATE_REQUESTED) == 1);
    f.send_and_end(f.origin, "the last");
    f.end_sending(f.client);
    REQUIRE(f.run_to_end());
    REQUIRE(f.run_until([&] { return at_client.end && at_origin.end; }));
    CHECK(at_client.text == sent + "the last");
    CHECK(at_origin.end == net::error::eof);
    CHECK(!f.error);
}

TEST_CASE("close_notify: a session sends it once, and has nothing more to say")
{
    event_loop loop;
    auto both = over_tls::pair(loop.executor());
    CHECK_FALSE(viaduct::detail::close_notify(both.first.native_handle()).empty());
    CHECK(viaduct::detail::close_notify(both.first.native_handle()).empty());
}
