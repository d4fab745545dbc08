#include "random_octets.hpp"
#include "relay_kinds.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <type_traits>

using namespace fixture;
using viaduct::testing::duplex_stream;

namespace {

constexpr viaduct::relay_options no_clocks{.idle_timeout = std::chrono::milliseconds{0},
                                           .half_close_timeout = std::chrono::milliseconds{0}};

/// Writes a text by pieces, and counts what it got rid of.
template <class Stream>
class piecemeal_writer
{
public:
    piecemeal_writer(Stream& stream, std::string const& text) : stream_{stream}, text_{text} { write(); }
    piecemeal_writer(piecemeal_writer const&) = delete;
    piecemeal_writer& operator=(piecemeal_writer const&) = delete;

    std::size_t sent = 0;

private:
    void write()
    {
        auto const n = std::min<std::size_t>(4096, text_.size() - sent);
        stream_.async_write_some(net::buffer(text_.data() + sent, n),
                                 [this](viaduct::error_code ec, std::size_t taken) {
                                     sent += taken;
                                     if (!ec && sent != text_.size()) write();
                                 });
    }

    Stream& stream_;
    std::string const& text_;
};

template <class Stream>
constexpr bool is_memory = std::is_same_v<Stream, duplex_stream>;

/// What may be under way from a writer to a reader that stands still, by kind of stream.
/** On both connections: what memory holds, or a generous bound of what the system does with the buffers
 * below. Between them: what the relay's options say it holds. */
template <class Fixture>
constexpr std::size_t most_under_way(std::size_t buffer_size)
{
    using left = typename Fixture::left_stream;
    using right = typename Fixture::right_stream;
    constexpr std::size_t in_system = 512 * 1024;
    constexpr bool sockets = requires
    {
        typename left::protocol_type;
        typename right::protocol_type;
    };
    return (is_memory<left> ? 1000 : in_system) + (is_memory<right> ? 1000 : in_system) +
           (sockets ? 512 * 1024 : buffer_size);
}

} // namespace

RELAY_TEST("relay: a reader that stands still pushes back its writer, and misses nothing when it reads on")
{
    std::mt19937_64 random{20261124};
    std::string const text = random_octets(4 << 20, random);
    for (bool from_client : {true, false}) {
        CAPTURE(from_client);
        fix_type f;
        f.limit_buffers(16 * 1024, 64 * 1024);
        auto options = no_clocks;
        options.buffer_size = 10'000;
        f.start(options);
        auto const stand_still_and_read_on = [&](auto& from, auto& to) {
            piecemeal_writer writer{from, text};
            f.run_until_quiet();
            CHECK(writer.sent > 0);
            CHECK(writer.sent <= most_under_way<fix_type>(options.buffer_size));
            CHECK(!f.ended);

            collector reader{to};
            REQUIRE(f.run_until([&] { return reader.text.size() >= text.size(); }));
            CHECK((reader.text == text));
        };
        if (from_client)
            stand_still_and_read_on(f.client, f.origin);
        else
            stand_still_and_read_on(f.origin, f.client);
        CHECK(!f.ended);
    }
}

RELAY_TEST("relay: octets that were read before it go first, and count")
{
    std::mt19937_64 random{20261125};
    for (std::size_t from_a : {0u, 5u, 200'000u}) // more than is ever held of what is read
        for (std::size_t from_b : {0u, 5u, 200'000u}) {
            CAPTURE(from_a);
            CAPTURE(from_b);
            fix_type f;
            f.limit_buffers(16 * 1024, 64 * 1024);
            collector at_origin{f.origin};
            collector at_client{f.client};
            auto early_a = random_octets(from_a, random);
            auto early_b = random_octets(from_b, random);
            auto const question = early_a + "and the rest of the question";
            auto const answer = early_b + "and the rest of the answer";
            f.start({early_a, early_b}, {});
            early_a.assign(from_a, '#'); // it has copied them
            early_b.assign(from_b, '#');
            f.send_and_end(f.client, question.substr(from_a));
            f.send_and_end(f.origin, answer.substr(from_b));
            REQUIRE(f.run_until([&] { return f.ended && at_origin.end && at_client.end; }));
            CHECK((at_origin.text == question));
            CHECK((at_client.text == answer));
            CHECK(f.result.a_to_b == question.size());
            CHECK(f.result.b_to_a == answer.size());
            CHECK(!f.error);
        }
}

RELAY_TEST("relay: octets that were read before it are delivered also where nothing follows them")
{
    fix_type f;
    collector at_origin{f.origin};
    collector at_client{f.client};
    f.end_sending(f.client);
    f.end_sending(f.origin);
    f.start({"the client's last words", "the origin's"}, {});
    REQUIRE(f.run_until([&] { return f.ended && at_origin.end && at_client.end; }));
    CHECK(at_origin.text == "the client's last words");
    CHECK(at_client.text == "the origin's");
    CHECK(at_origin.end == net::error::eof);
    CHECK(at_client.end == net::error::eof);
    CHECK(!f.error);
}
