#include "relay_kinds.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <ostream>
#include <string>

using namespace fixture;
using viaduct::relay_end;

namespace {

/// What a relay may be in the middle of.
enum class state
{
    started,           // no handler has run yet
    waiting,           // for either side to talk
    write_stuck,       // a reader stands still
    half_closed,       // waits for the other side only
    half_closed_stuck, // and that side's reader stands still
    paused,            // by a rate limit, with octets to read
    bulk               // far more under way than has arrived; between sockets it is spliced by now
};

constexpr state every_state[] = {state::started,     state::waiting,           state::write_stuck,
                                 state::half_closed, state::half_closed_stuck, state::paused,
                                 state::bulk};

/// A relay that is brought into one of these states.
template <class Fixture>
struct relay_in_state : Fixture
{
    void enter(state s)
    {
        switch (s) {
        case state::started: this->start(); return;
        case state::waiting: return start_and_talk();
        case state::write_stuck:
            this->start();
            this->send(this->client, std::string(8 << 20, 'x'));
            return this->run_until_quiet();
        case state::half_closed:
            start_and_talk();
            this->end_sending(this->client);
            REQUIRE(this->run_until([&] { return at_origin->end.has_value(); }));
            return;
        case state::half_closed_stuck:
            read_at_origin();
            this->start();
            this->end_sending(this->client);
            REQUIRE(this->run_until([&] { return at_origin->end.has_value(); }));
            this->send(this->origin, std::string(8 << 20, 'x'));
            return this->run_until_quiet();
        case state::paused:
            read_at_origin();
            this->start({.limit_a_to_b = {.octets_per_second = 1, .burst = 1}});
            this->send(this->client, "abc");
            REQUIRE(this->run_until([&] { return at_origin->text.size() == 1; }));
            return this->run_until_quiet();
        case state::bulk:
            read_at_origin();
            this->start();
            this->send(this->client, std::string(16 << 20, 'x'));
            REQUIRE(this->run_until([&] { return at_origin->text.size() > (2 << 20); }));
            return;
        }
    }

private:
    void read_at_origin() { at_origin.emplace(this->origin); }

    void start_and_talk()
    {
        read_at_origin();
        at_client.emplace(this->client);
        this->start();
        this->send(this->client, "hello");
        this->send(this->origin, "hello");
        REQUIRE(this->run_until([&] { return !at_origin->text.empty() && !at_client->text.empty(); }));
    }

    std::optional<collector<typename Fixture::right_stream>> at_origin;
    std::optional<collector<typename Fixture::left_stream>> at_client;
};

} // namespace

RELAY_TEST("relay: every type of cancellation ends it at once, whatever it is in the middle of")
{
    for (auto s : every_state)
        for (auto type : every_cancellation) {
            CAPTURE(static_cast<int>(s));
            CAPTURE(static_cast<int>(type));
            relay_in_state<fix_type> f;
            f.enter(s);
            f.cancel.emit(type);
            CHECK(f.calls == 0); // never from within
            REQUIRE(f.run_to_end());
            CHECK(f.error == net::error::operation_aborted);
            CHECK(f.result.end == relay_end::cancelled);
            f.cancel.emit(type); // too late for anything
            f.run_until_quiet();
            CHECK(f.calls == 1);
        }
}

RELAY_TEST("relay: a context that goes away takes it along, whatever it is in the middle of")
{
    for (auto s : every_state)
        for (bool owned : {false, true}) { // by the relay's handler, and so destroyed with the context
            CAPTURE(static_cast<int>(s));
            CAPTURE(owned);
            std::weak_ptr<typename fix_type::connections> streams;
            {
                relay_in_state<fix_type> f;
                f.owned_by_relay = owned;
                streams = f.streams();
                f.enter(s);
                CHECK(f.calls == 0);
            }
            CHECK(streams.expired());
        }
}

RELAY_TEST("relay: streams that their owner closes end it, whatever it is in the middle of")
{
    for (auto s : every_state) {
        CAPTURE(static_cast<int>(s));
        relay_in_state<fix_type> f;
        f.enter(s);
        f.reset(f.a);
        f.reset(f.b);
        REQUIRE(f.run_to_end());
        CHECK(f.error);
        CHECK(f.calls == 1);
    }
}
