#include <viaduct/relay/socket_direction.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <ostream> // before error codes are printed
#include <string>

using viaduct::socket_direction;
using viaduct::transfer_mode;
using step = socket_direction::step;
using outcome = socket_direction::outcome;

namespace {

constexpr std::size_t room = socket_direction::room;

/// Does what two sockets would do that hold and take what the test says, and notes every step.
struct script
{
    /// Runs from the step that comes next until the direction waits, yields or ends.
    void run(step next)
    {
        for (;;) {
            steps += name(next);
            last = next;
            if (next != step::receive && next != step::send && next != step::splice_in &&
                next != step::splice_out)
                return;
            auto const result = how(next);
            next = rule.resume(result, moved(next));
        }
    }

    void resume() { run(rule.resume(outcome::ok, 0)); }

    outcome how(step s) const
    {
        bool const taking = s == step::receive || s == step::splice_in;
        return (taking ? held : takes) == 0 && !(taking && ended) ? outcome::would_block : outcome::ok;
    }

    std::size_t moved(step s)
    {
        auto const move = [](std::size_t& from, std::size_t most) {
            auto const n = std::min(from, most);
            from -= n;
            return n;
        };
        switch (s) {
        case step::receive: return move(held, room);
        case step::splice_in: return move(held, pipe);
        default: return move(takes, rule.pending());
        }
    }

    static char const* name(step s)
    {
        switch (s) {
        case step::wait_read: return "R ";
        case step::receive: return "recv ";
        case step::send: return "send ";
        case step::splice_in: return "in ";
        case step::splice_out: return "out ";
        case step::wait_write: return "W ";
        case step::yield: return "yield ";
        case step::shutdown: return "end ";
        default: return "done ";
        }
    }

    socket_direction rule;
    std::size_t held = 0;                // in the source
    std::size_t takes = std::size_t(-1); // what the destination has room for
    std::size_t pipe = 8 * room;
    bool ended = false; // the source
    std::string steps;
    step last = step::done;
};

} // namespace

TEST_CASE("socket direction: a message costs one receive and one send, and nothing is held while it waits")
{
    script s;
    s.run(s.rule.start());
    s.held = 64;
    s.resume();
    CHECK(s.steps == "R recv send R ");
    CHECK(s.rule.transferred() == 64);
    CHECK(s.rule.pending() == 0);
}

TEST_CASE("socket direction: a destination that takes a part is waited for with the rest kept")
{
    script s;
    s.held = 100;
    s.takes = 30;
    s.run(s.rule.start());
    s.resume();
    CHECK(s.last == step::wait_write);
    CHECK(s.rule.pending() == 70);
    CHECK(s.rule.transferred() == 30);

    s.takes = 1000;
    s.resume();
    CHECK(s.steps == "R recv send W send R ");
    CHECK(s.rule.transferred() == 100);
}

TEST_CASE("socket direction: full reads in a row change to splicing, and small splices back")
{
    script s;
    s.held = 10 * room;
    s.run(s.rule.start());
    s.resume();
    CHECK(s.steps == "R recv send recv send in out in R ");

    for (int i = 0; i < transfer_mode::small_splices_to_copy; ++i) {
        s.steps.clear();
        s.held = 10;
        s.resume();
    }
    CHECK(s.steps == "in out recv R "); // the last one was one too many
    CHECK(s.rule.transferred() == 10 * room + 40);
}

TEST_CASE("socket direction: what lies in a pipe leaves through the pipe, whatever the mode is by then")
{
    script s;
    s.held = 2 * room + 10; // copies twice, then splices ten octets
    s.takes = 2 * room + 4;
    s.run(s.rule.start());
    s.resume();
    CHECK(s.steps == "R recv send recv send in out out W ");
    CHECK(s.rule.in_pipe());
    CHECK(s.rule.pending() == 6);
    s.takes = 100;
    s.resume();
    CHECK(s.rule.transferred() == 2 * room + 10);
}

TEST_CASE("socket direction: sockets that cannot be spliced are copied for ever")
{
    script s;
    s.held = 2 * room;
    s.run(s.rule.start());
    CHECK(s.rule.resume(outcome::ok, 0) == step::receive);
    for (int i = 0; i < transfer_mode::full_reads_to_splice; ++i) {
        CHECK(s.rule.resume(outcome::ok, room) == step::send);
        s.last = s.rule.resume(outcome::ok, room);
    }
    CHECK(s.last == step::splice_in);
    CHECK(s.rule.resume(outcome::unsupported, 0) == step::receive);
    for (int i = 0; i < 10; ++i) {
        CHECK(s.rule.resume(outcome::ok, room) == step::send);
        CHECK(s.rule.resume(outcome::ok, room) == step::receive);
    }
}

TEST_CASE("socket direction: a source that never pauses lets others run")
{
    script s;
    s.held = std::size_t(-1);
    s.run(s.rule.start());
    s.resume();
    CHECK(s.last == step::yield);
    CHECK(s.rule.transferred() < 4 * 1024 * 1024);
    s.resume();
    CHECK(s.last == step::yield);
}

TEST_CASE("socket direction: the end of the source is passed on after everything before it")
{
    script s;
    s.held = 5;
    s.ended = true;
    s.run(s.rule.start());
    s.resume(); // five octets: the buffer was not full, so it waits, and is woken at once by the end
    s.resume();
    CHECK(s.steps == "R recv send R recv end ");
    CHECK(s.rule.resume(outcome::ok, 0) == step::done);
    CHECK(!s.rule.error());
}

TEST_CASE("socket direction: an error tells which side failed")
{
    auto const error = viaduct::make_error_code(viaduct::errc::proxy_closed); // any
    script reading;
    reading.run(reading.rule.start());
    CHECK(reading.rule.fail(error) == step::done);
    CHECK(!reading.rule.failed_writing());

    script writing;
    writing.held = 5;
    writing.takes = 0;
    writing.run(writing.rule.start());
    writing.resume();
    CHECK(writing.last == step::wait_write);
    CHECK(writing.rule.fail(error) == step::done);
    CHECK(writing.rule.failed_writing());
    CHECK(writing.rule.error() == error);
}
