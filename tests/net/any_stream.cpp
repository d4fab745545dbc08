#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/client/tunnel.hpp>
#include <viaduct/net/any_stream.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using viaduct::any_stream;
using viaduct::errc;
using viaduct::error_code;
using viaduct::tunnel;
using tcp = viaduct::net::ip::tcp;

namespace {

/// A stream of no known kind, and the socket at its other end.
struct any_fixture : event_loop
{
    any_fixture()
    {
        auto both = over_tcp::pair(executor());
        near = any_stream{std::move(both.first)};
        far = std::move(both.second);
    }

    error_code finish()
    {
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        return end.error;
    }

    any_stream near;
    tcp::socket far{context};
    completion<std::size_t> end;
};

/// Buffers of one octet each for all of it from `begin` on.
template <class Buffer>
[[nodiscard]] std::vector<Buffer> cut(std::string& text, std::size_t begin = 0)
{
    std::vector<Buffer> result;
    for (std::size_t i = begin; i < text.size(); ++i)
        result.emplace_back(text.data() + i, 1);
    return result;
}

} // namespace

TEST_CASE("any stream: what is written comes out, what comes in is read, both at once")
{
    any_fixture f;
    std::string into(16, '\0');
    f.near.async_read_some(net::buffer(into), f.end.handler());
    completion<std::size_t> written;
    f.near.async_write_some(net::buffer("question", 8), written.handler());
    CHECK(f.end.calls + written.calls == 0);
    REQUIRE(f.run_until([&] { return written.done(); }));
    CHECK(written.value() == 8);
    net::write(f.far, net::buffer("answer", 6));
    CHECK_FALSE(f.finish());
    CHECK(into.substr(0, f.end.value()) == "answer");
    CHECK(f.far.read_some(net::buffer(into)) == 8);

    f.far.close();
    completion<std::size_t> last;
    f.near.async_read_some(net::buffer(into), last.handler());
    REQUIRE(f.run_until([&] { return last.done(); }));
    CHECK(last.error == net::error::eof);
}

TEST_CASE("any stream: blocking calls, and their errors as exceptions")
{
    any_fixture f;
    std::string into(16, '\0');
    CHECK(f.near.write_some(net::buffer("question", 8)) == 8);
    CHECK(f.far.read_some(net::buffer(into)) == 8);
    net::write(f.far, net::buffer("answer", 6));
    f.far.close();
    CHECK(f.near.read_some(net::buffer(into)) == 6);
    CHECK_THROWS_AS(f.near.read_some(net::buffer(into)), viaduct::system_error);
    error_code ec;
    CHECK(f.near.read_some(net::buffer(into), ec) == 0);
    CHECK(ec == net::error::eof);
    f.near.close(ec);
    CHECK_FALSE(ec);
    CHECK_THROWS_AS(f.near.write_some(net::buffer(into)), viaduct::system_error);
}

TEST_CASE("any stream: a buffer sequence of any length is read and written, bit by bit if it is long")
{
    for (std::size_t const count : {1U, 8U, 9U, 100U}) {
        any_fixture f;
        std::string out;
        for (std::size_t i = 0; i < count; ++i)
            out += static_cast<char>('a' + i % 26);
        std::string in(count, '\0');
        net::write(f.near, cut<net::const_buffer>(out));
        for (std::size_t n = 0; n < count;)
            n += f.far.read_some(net::buffer(in.data() + n, count - n));
        CHECK(in == out);

        in.assign(count, '\0');
        net::write(f.far, net::buffer(out));
        f.near.async_read_some(cut<net::mutable_buffer>(in), f.end.handler());
        CHECK_FALSE(f.finish());
        CHECK(f.end.value() == std::min<std::size_t>(count, 8));
        for (auto n = f.end.value(); n < count;)
            n += f.near.read_some(cut<net::mutable_buffer>(in, n));
        CHECK(in == out);
    }
}

TEST_CASE("any stream: empty buffers wait for nothing, and those among others are passed over")
{
    any_fixture f;
    char octet = 0;
    std::vector<net::mutable_buffer> const nothing(20);
    f.near.async_read_some(nothing, f.end.handler());
    CHECK(f.end.calls == 0);
    CHECK_FALSE(f.finish());
    CHECK(f.end.value() == 0);
    CHECK(f.near.read_some(nothing) == 0);
    CHECK(f.near.write_some(nothing) == 0);

    auto with_one = nothing;
    with_one.emplace_back(&octet, 1);
    net::write(f.far, net::buffer("x", 1));
    CHECK(f.near.read_some(with_one) == 1);
    CHECK(octet == 'x');
}

TEST_CASE("any stream: a read is cancelled as one of a socket is, and the stream stays good")
{
    for (auto const type : every_cancellation) {
        any_fixture f;
        std::string into(16, '\0');
        f.near.async_read_some(net::buffer(into), f.end.handler());
        f.context.poll();
        f.end.cancel.emit(type);
        CHECK(f.finish() == net::error::operation_aborted);
        net::write(f.far, net::buffer("answer", 6));
        CHECK(f.near.read_some(net::buffer(into)) == 6);
    }
}

TEST_CASE("any stream: closing ends what is under way, and a context may be destroyed with it")
{
    any_fixture f;
    std::string into(16, '\0');
    f.near.async_read_some(net::buffer(into), f.end.handler());
    error_code ec = net::error::fault;
    f.near.close(ec);
    CHECK_FALSE(ec);
    CHECK_FALSE(f.near.is_open());
    CHECK(f.finish() == net::error::operation_aborted);

    any_fixture g;
    g.near.async_read_some(net::buffer(into), g.end.handler());
}

TEST_CASE("any stream: it moves as the socket does that it has inside")
{
    any_fixture f;
    auto const address = f.near.lowest_layer().local_endpoint();
    auto moved = std::move(f.near);
    CHECK_FALSE(f.near.is_open());
    CHECK(moved.is_open());
    CHECK(moved.lowest_layer().local_endpoint() == address);
    f.near = std::move(moved);
    std::string into(16, '\0');
    f.near.async_read_some(net::buffer(into), f.end.handler());
    net::write(f.far, net::buffer("answer", 6));
    CHECK_FALSE(f.finish());
    CHECK(f.end.value() == 6);
}

TEST_CASE("any stream: a TCP connection is plain, and is its own next layer until it is taken out")
{
    any_fixture f;
    CHECK(f.near.is_plain());
    CHECK(&f.near.next_layer() == &f.near);
    CHECK(f.near.get_executor() == f.executor());
    auto socket = f.near.release_socket();
    CHECK(socket.is_open());
    CHECK_FALSE(f.near.is_open());
    CHECK_FALSE(f.near.is_plain());
    error_code ec = net::error::fault;
    f.near.close(ec); // of nothing
    CHECK_FALSE(ec);
}

TEST_CASE("any stream: it ends its sending as a socket does, and reads on")
{
    any_fixture f;
    CHECK(f.near.end_sending() == "");
    error_code ec;
    std::string into(16, '\0');
    f.far.read_some(net::buffer(into), ec);
    CHECK(ec == net::error::eof);
    net::write(f.far, net::buffer("answer", 6));
    CHECK(f.near.read_some(net::buffer(into)) == 6);
}

TEST_CASE("any stream: the handler runs where its executor says")
{
    any_fixture f;
    net::io_context elsewhere;
    bool ran_there = false;
    std::string into(16, '\0');
    f.near.async_read_some(net::buffer(into), net::bind_executor(elsewhere, [&](error_code, std::size_t) {
                               ran_there = elsewhere.get_executor().running_in_this_thread();
                           }));
    net::write(f.far, net::buffer("answer", 6));
    REQUIRE(f.run_until([&] {
        elsewhere.restart();
        elsewhere.poll();
        return ran_there;
    }));
}

TEST_CASE("tunnel: one that is not open gives no socket away, and says so")
{
    tunnel never;
    error_code ec;
    CHECK_FALSE(never.is_open());
    CHECK_FALSE(never.release(ec).is_open());
    CHECK(ec == net::error::not_connected);
    CHECK_THROWS_AS(static_cast<void>(never.release()), viaduct::system_error);

    any_fixture f;
    tunnel open{std::move(f.near), {}};
    CHECK(open.release(ec).is_open());
    CHECK_FALSE(ec);
    CHECK_FALSE(open.release(ec).is_open());
    CHECK(ec == net::error::not_connected);
}
