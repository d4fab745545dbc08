#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/server/read_request.hpp> // the header is self-contained
#include <viaduct/server/refusal.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::connect_request;
using viaduct::errc;
using viaduct::error_code;
using viaduct::refusal_for;
using viaduct::request_options;

namespace {

std::string const valid = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n";

/// A server on one end of a connection, and a client on the other.
template <class Kind>
struct request_fixture : event_loop
{
    using stream = decltype(Kind::pair(std::declval<net::any_io_executor>()).first);

    void start(request_options const& options = {})
    {
        async_read_request(near, options, end.handler());
        CHECK(end.calls == 0);
    }
    error_code finish()
    {
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        return end.error;
    }

    std::pair<stream, stream> both{Kind::pair(executor())};
    stream& near = both.first;
    stream& far = both.second;
    completion<connect_request> end;
};

#define REQUEST_TEST(name)                                                                                   \
    TEST_CASE_TEMPLATE(name, fix_type, request_fixture<over_tcp>, request_fixture<over_memory>)

} // namespace

REQUEST_TEST("read request: what a client sends early stays in the stream, wherever it is cut")
{
    auto const text = valid + "\x16\x03\x01 early";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        fix_type f;
        f.start();
        send(f.far, text.substr(0, cut));
        f.run_steps(4, [&] { return f.end.done(); });
        send(f.far, text.substr(cut));
        CHECK_FALSE(f.finish());
        REQUIRE(f.end.value().target);
        CHECK(f.end.value().target->text() == "a.example:443");
        collector rest{f.near};
        REQUIRE(f.run_until([&] { return rest.text.size() == 9; }));
        CHECK(rest.text == "\x16\x03\x01 early");
    }
}

REQUEST_TEST("read request: what is no valid CONNECT is answered, once, and described for the log")
{
    fix_type f;
    f.start({.name = "proxy"});
    collector at_client{f.far};
    send(f.far, "CONNECT a.example HTTP/1.1\r\nHost: a.example\r\n\r\n");
    CHECK(f.finish() == errc::port_missing);
    auto const answer = refusal_for(errc::port_missing).text("proxy");
    REQUIRE(f.run_until([&] { return at_client.text.size() >= answer.size(); }));
    CHECK(at_client.text == answer);
    CHECK(f.end.value().method == "CONNECT");
    CHECK(f.end.value().target_text == "a.example");
    CHECK_FALSE(f.end.value().target);
    CHECK(f.end.value().answered_status == 400);
    CHECK(f.end.value().answer_size == answer.size());
    CHECK(f.end.value().answer_content == answer.size() - answer.find("\r\n\r\n") - 4);
}

REQUEST_TEST("read request: a client that takes too long hears 408, and nothing of its request is lost")
{
    for (std::string const part : {"", "CONNECT a.example:443 HTTP/1.1\r\nHo"}) {
        fix_type f;
        send(f.far, part);
        f.start({.head_timeout = 20ms});
        collector at_client{f.far};
        CHECK(f.finish() == errc::head_timeout);
        auto const answer = refusal_for(errc::head_timeout).text();
        REQUIRE(f.run_until([&] { return at_client.text.size() >= answer.size(); }));
        CHECK(at_client.text == answer);
        CHECK(f.end.value().answered_status == 408);
        CHECK(f.end.value().target_text == (part.empty() ? "" : "a.example:443"));
    }
}

REQUEST_TEST("read request: a client that leaves gets no answer")
{
    for (bool const reset : {false, true}) {
        fix_type f;
        f.start();
        error_code ignored;
        if (reset) f.far.set_option(net::socket_base::linger{true, 0}, ignored);
        f.far.close(ignored);
        CHECK(f.finish() == (reset ? error_code{net::error::connection_reset}
                                   : error_code{errc::client_closed_before_head}));
        CHECK(f.end.value().answered_status == 0);
    }
}

TEST_CASE("read request: whichever read or write fails, there is one outcome and at most one answer")
{
    bool got_through = false;
    for (std::size_t n = 0; !got_through; ++n) {
        REQUIRE(n < 1000);
        request_fixture<over_memory> f;
        f.near.behaviour().fail_at = n;
        f.near.behaviour().error = net::error::host_unreachable;
        send(f.far, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        f.start();
        auto const ec = f.finish();
        bool const answered = f.end.value().answered_status != 0;
        got_through = f.near.operations() <= n;
        CHECK(ec ==
              (answered ? error_code{errc::method_not_connect} : error_code{net::error::host_unreachable}));
    }
}
