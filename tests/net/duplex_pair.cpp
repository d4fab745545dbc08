#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/testing/duplex_pair.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <array>
#include <ostream>
#include <string>

using namespace fixture;
using viaduct::error_code;
using viaduct::testing::duplex_pair;
using viaduct::testing::duplex_stream;

namespace {

/// Two ends, and one operation whose outcome a test looks at.
struct duplex_fixture : event_loop
{
    explicit duplex_fixture(std::size_t capacity = 10) : both{duplex_pair(executor(), capacity)} {}

    void read() { near.async_read_some(net::buffer(memory), end.handler()); }
    void write(std::string_view text)
    {
        near.async_write_some(net::buffer(text.data(), text.size()), end.handler());
    }
    /// Runs until the operation has ended; its number of octets.
    std::size_t finish()
    {
        REQUIRE(run_until([&] { return end.done(); }));
        end.calls = 0;
        return end.value();
    }
    /// Runs what can be run; whether the operation still waits then.
    bool waits()
    {
        context.restart();
        context.poll();
        return end.calls == 0;
    }
    void write_from_far(std::string text)
    {
        send(far, std::move(text));
        context.restart();
        context.poll();
    }

    std::pair<duplex_stream, duplex_stream> both;
    duplex_stream& near = both.first;
    duplex_stream& far = both.second;
    std::array<char, 100> memory{};
    completion<std::size_t> end;
};

void close(duplex_stream& s, bool reset = false)
{
    error_code ec;
    if (reset) s.set_option(net::socket_base::linger{true, 0}, ec);
    s.close(ec);
    CHECK_FALSE(ec);
}

void end_sending(duplex_stream& s)
{
    error_code ec;
    s.shutdown(duplex_stream::shutdown_send, ec);
    CHECK_FALSE(ec);
}

} // namespace

TEST_CASE("duplex pair: octets come out as they went in, and never inside the initiating function")
{
    duplex_fixture f;
    f.write_from_far("hello");
    f.read();
    CHECK(f.end.calls == 0);
    CHECK(f.finish() == 5);
    CHECK(std::string_view{f.memory.data(), 5} == "hello");
    f.read();
    CHECK(f.waits());
    f.write_from_far("more");
    CHECK(f.finish() == 4);
}

TEST_CASE("duplex pair: a writer waits for its reader when the buffer is full")
{
    duplex_fixture f{10};
    f.write("0123456789abc");
    CHECK(f.finish() == 10);
    f.write("abc");
    CHECK(f.waits());
    collector at_far{f.far};
    CHECK(f.finish() == 3);
    REQUIRE(f.run_until([&] { return at_far.text == "0123456789abc"; }));
}

TEST_CASE("duplex pair: the end of one side is read behind what it wrote, and the other may go on")
{
    duplex_fixture f;
    f.write_from_far("last");
    end_sending(f.far);
    f.read();
    CHECK(f.finish() == 4);
    f.read();
    CHECK(f.finish() == 0);
    CHECK(f.end.error == net::error::eof);
    f.write("still heard");
    CHECK(f.finish() == 10);
    CHECK_FALSE(f.end.error);
    error_code ec;
    f.far.shutdown(duplex_stream::shutdown_send, ec);
    CHECK(ec == net::error::not_connected); // it has ended already
    send(f.far, "too late");
    f.read();
    f.finish();
    CHECK(f.end.error == net::error::eof);
}

TEST_CASE("duplex pair: writing after one's own end is a broken pipe")
{
    duplex_fixture f;
    end_sending(f.near);
    f.write("x");
    CHECK(f.finish() == 0);
    CHECK(f.end.error == net::error::broken_pipe);
}

TEST_CASE("duplex pair: a closed peer is the end for a reader and a broken pipe for a writer")
{
    for (bool const waiting : {false, true}) {
        duplex_fixture f;
        if (!waiting) close(f.far);
        f.read();
        if (waiting) close(f.far);
        f.finish();
        CHECK(f.end.error == net::error::eof);
        f.write("x");
        f.finish();
        CHECK(f.end.error == net::error::broken_pipe);
    }
}

TEST_CASE("duplex pair: a reset takes away what was not read yet, and both sides of it are errors")
{
    for (bool const waiting : {false, true}) {
        duplex_fixture f;
        if (!waiting) f.write_from_far("lost");
        if (!waiting) close(f.far, true);
        f.read();
        if (waiting) close(f.far, true);
        CHECK(f.finish() == 0);
        CHECK(f.end.error == net::error::connection_reset);
        f.write("x");
        f.finish();
        CHECK(f.end.error == net::error::connection_reset);
    }
}

TEST_CASE("duplex pair: closing an end aborts its own operations")
{
    for (bool const reset : {false, true}) {
        duplex_fixture reading;
        reading.read();
        CHECK(reading.waits());
        close(reading.near, reset);
        reading.finish();
        CHECK(reading.end.error == net::error::operation_aborted);

        duplex_fixture writing{0};
        writing.write("x");
        CHECK(writing.waits());
        close(writing.near, reset);
        writing.finish();
        CHECK(writing.end.error == net::error::operation_aborted);
    }
}

TEST_CASE("duplex pair: an end that is destroyed is closed")
{
    duplex_fixture f;
    {
        auto const gone = std::move(f.far);
    }
    f.read();
    f.finish();
    CHECK(f.end.error == net::error::eof);
}

TEST_CASE("duplex pair: a cancelled operation has moved nothing")
{
    for (auto const type : every_cancellation) {
        duplex_fixture reading;
        reading.write_from_far("kept");
        reading.read();
        reading.end.cancel.emit(type); // although it could have gone on
        CHECK(reading.finish() == 0);
        CHECK(reading.end.error == net::error::operation_aborted);
        reading.read();
        CHECK(reading.finish() == 4);

        duplex_fixture writing{0};
        writing.write("x");
        CHECK(writing.waits());
        writing.end.cancel.emit(type);
        CHECK(writing.finish() == 0);
        CHECK(writing.end.error == net::error::operation_aborted);
    }
}

TEST_CASE("duplex pair: segments can be made small")
{
    duplex_fixture f{100};
    f.near.behaviour().max_write = 3;
    f.write("abcdef");
    CHECK(f.finish() == 3);
    f.near.behaviour().max_read = 2;
    f.write_from_far("xyz");
    f.read();
    CHECK(f.finish() == 2);
    f.read();
    CHECK(f.finish() == 1);
}

TEST_CASE("duplex pair: the operation with a number fails, and all later ones")
{
    duplex_fixture f;
    f.near.behaviour().fail_at = 1;
    f.near.behaviour().error = net::error::host_unreachable;
    f.write("a");
    f.finish();
    CHECK_FALSE(f.end.error);
    for (int i = 0; i < 2; ++i) {
        f.write("b");
        f.finish();
        CHECK(f.end.error == net::error::host_unreachable);
    }
    f.read();
    f.finish();
    CHECK(f.end.error == net::error::host_unreachable);
    CHECK(f.near.operations() == 4);
}

TEST_CASE("duplex pair: an empty buffer is ready at once")
{
    duplex_fixture f{0};
    f.near.async_read_some(net::buffer(f.memory, 0), f.end.handler());
    CHECK(f.finish() == 0);
    CHECK_FALSE(f.end.error);
    f.write("");
    CHECK(f.finish() == 0);
    CHECK_FALSE(f.end.error);
}

TEST_CASE("duplex pair: a context may be destroyed while both ends wait")
{
    duplex_fixture f{0};
    f.read();
    send(f.near, "x");
    collector at_far{f.far};
    CHECK(f.waits());
}
