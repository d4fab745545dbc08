#include "service_fixture.hpp"
#include <viaduct/server/tunnel_facts.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::record_event;
using viaduct::record_wishes;
using viaduct::request_phase;
using viaduct::request_times;
using viaduct::tunnel_party;
using viaduct::tunnel_record;

namespace {

constexpr char const* trace = "0af7651916cd43dd8448eb211c80319c";

std::string connect_with_fields(std::string const& target)
{
    return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: probe/1\r\n" +
           "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\nTraceparent: 00-" + trace +
           "-b7ad6b7169203331-01\r\n\r\n";
}

/// A log that wants to know only this much.
class modest_log final : public viaduct::log_sink
{
public:
    explicit modest_log(record_wishes wishes) : wishes_{wishes} {}

    void write(tunnel_record const& record) noexcept override { kept.write(record); }
    [[nodiscard]] record_wishes wishes() const noexcept override { return wishes_; }

    viaduct::testing::recording_sink kept;

private:
    record_wishes wishes_;
};

} // namespace

TEST_CASE("a record of a tunnel: who, when, which way, and who ended it")
{
    service_fixture f;
    f.start();
    auto const head = connect_with_fields(f.at_origin.target());
    auto& c = f.connect_and_say(head);
    REQUIRE(f.opens(c));
    c.say("question");
    REQUIRE(f.run_until([&] { return f.at_origin.visitor().heard() == "question"; }));
    f.at_origin.visitor().say("answer");
    REQUIRE(f.run_until([&] { return c.heard() == established + "answer"; }));
    f.at_origin.visitor().end();
    REQUIRE(f.run_until([&] { return c.ended(); }));
    c.end();

    auto const r = f.record();
    CHECK(r.event == record_event::end);
    CHECK(r.phase == request_phase::tunnel);
    CHECK(r.ended_by == tunnel_party::upstream);
    CHECK(r.id != 0);
    REQUIRE(r.trace);
    CHECK(r.trace->trace_id == trace);
    CHECK(r.trace->sampled);
    CHECK(r.connection == "127.0.0.1");
    CHECK(r.connection_port == r.client_port);
    CHECK(r.local == "127.0.0.1");
    CHECK(r.local_port == f.proxy->endpoints().at(0).port());
    CHECK(r.head_size == head.size());
    CHECK(r.request_fields.find("user-agent") == "probe/1");
    CHECK(r.request_fields.find("proxy-authorization") == "Basic ***");
    CHECK(r.attempts == 1);
    CHECK(r.tried == std::vector<std::string>{"127.0.0.1"});
    CHECK(f.at_origin.target() == r.peer + ':' + std::to_string(r.peer_port));
    CHECK(r.answer_size == established.size());

    auto const& t = r.times;
    auto const in_order = {request_times::duration::zero(),
                           t.head,
                           t.decided,
                           t.connected,
                           t.answered,
                           t.first_from_client,
                           t.first_from_upstream,
                           t.last_octet,
                           r.elapsed};
    CHECK(std::is_sorted(in_order.begin(), in_order.end()));
    CHECK(t.connect != request_times::never);
    CHECK(t.lookup == request_times::never); // it was an address
}

TEST_CASE("a record keeps what its log wants to know, and no more")
{
    for (bool const wants : {false, true}) {
        modest_log log{record_wishes{wants, wants, wants}};
        service_fixture f;
        auto options = f.open_to_all();
        options.accept.log = &log;
        f.start(std::move(options));
        auto const target = f.at_origin.target();
        auto& c =
            f.connect_and_say(connect_with_fields("localhost" + target.substr(target.find(':'))) + "early");
        REQUIRE(f.opens(c));
        c.end();
        f.at_origin.visitor().end();
        REQUIRE(f.run_until([&] { return log.kept.records().size() == 1; }));
        auto const r = log.kept.records().back();
        CHECK(r.request_fields.empty() == !wants);
        CHECK(r.resolved.empty() == !wants);
        CHECK(r.local.empty() == !wants);
        CHECK(r.early_bytes == (wants ? 5U : 0U));
        CHECK(r.bytes_from_client == 5);
        CHECK(r.times.lookup != request_times::never);
        CHECK(r.trace);
    }
}

TEST_CASE("a record says how far its request had come, and who ended it there")
{
    service_fixture f;
    auto options = f.open_to_all();
    options.accept.request.head_timeout = 100ms;
    options.way.relay.idle_timeout = 100ms;
    f.start(std::move(options));
    tcp::acceptor gone{f.context, somewhere};
    auto const refuses = "127.0.0.1:" + std::to_string(gone.local_endpoint().port());
    gone.close();

    f.last_words(f.connect_and_say("garbage\r\n\r\n"));
    auto r = f.record(1);
    CHECK(r.phase == request_phase::arrival);
    CHECK(r.ended_by == tunnel_party::proxy);

    f.connect_and_say("CONNECT").close();
    r = f.record(2);
    CHECK(r.phase == request_phase::arrival);
    CHECK(r.ended_by == tunnel_party::client);
    CHECK(r.status == 0);

    f.last_words(f.connect_and_say("CONNECT"));
    r = f.record(3);
    CHECK(r.error == errc::head_timeout);
    CHECK(r.ended_by == tunnel_party::proxy);

    f.refused(refuses);
    r = f.record(4);
    CHECK(r.phase == request_phase::connecting);
    CHECK(r.ended_by == tunnel_party::upstream);
    CHECK(r.times.connected == request_times::never);
    CHECK(r.times.connect != request_times::never);

    auto& idle = f.open_tunnel();
    r = f.record(5);
    CHECK(r.error == errc::idle_timeout);
    CHECK(r.phase == request_phase::tunnel);
    CHECK(r.ended_by == tunnel_party::proxy);
    idle.close();

    f.open_tunnel().reset();
    r = f.record(6);
    CHECK(r.ended_by == tunnel_party::client);

    std::set<std::uint64_t> ids;
    for (auto const& each : f.log.records())
        ids.insert(each.id);
    CHECK(ids.size() == 6);
}

TEST_CASE("a record of a refusal: decided by us, and never connected")
{
    service_fixture f;
    f.start({});
    auto const refused = f.refused("127.0.0.1:22");
    auto const r = f.record();
    CHECK(r.phase == request_phase::decision);
    CHECK(r.ended_by == tunnel_party::proxy);
    CHECK(r.answer_size == r.bytes_to_client);
    CHECK(r.answer_head == refused.find("\r\n\r\n") + 4);
    CHECK(r.times.decided != request_times::never);
    CHECK(r.times.answered == r.elapsed); // not the time that the client had to go
    CHECK(r.times.connect == request_times::never);
    CHECK(r.attempts == 0);
}

TEST_CASE("a log may end the service, even with the record of a tunnel's start")
{
    struct : viaduct::log_sink
    {
        void write(tunnel_record const& record) noexcept override
        {
            kept.write(record);
            if (record.event == record_event::start) proxy->stop();
        }
        viaduct::service* proxy = nullptr;
        viaduct::testing::recording_sink kept;
    } log;
    service_fixture f;
    auto options = f.open_to_all();
    options.accept.log = &log;
    options.log_starts = true;
    f.start(std::move(options));
    log.proxy = &*f.proxy;
    auto const& c = f.connect(f.at_origin.target());
    REQUIRE(f.run_until([&] { return c.ended() && f.proxy->active() == 0; }));
    REQUIRE(log.kept.records().size() == 2);
    CHECK(log.kept.records()[1].error == net::error::operation_aborted);
    CHECK(log.kept.records()[1].phase == request_phase::tunnel);
}

TEST_CASE("records of open tunnels: at the start, and then as often as one likes")
{
    service_fixture f;
    auto options = f.open_to_all();
    options.log_starts = true;
    options.log_every = 20ms;
    f.start(std::move(options));
    auto& c = f.open_tunnel();
    auto const start = f.record(1);
    CHECK(start.event == record_event::start);
    CHECK(start.status == 200);
    CHECK(start.bytes_to_client == established.size());
    CHECK_FALSE(start.error);

    c.say("hello");
    REQUIRE(f.run_until([&] { return f.log.records().back().bytes_from_client == 5; }));
    auto const progress = f.log.records().back();
    CHECK(progress.event == record_event::progress);
    CHECK(progress.id == start.id);

    completion<> drained;
    f.drain(drained, 1h); // a tunnel that may go on is still told of
    auto const before = f.log.records().size();
    REQUIRE(f.run_until([&] { return f.log.records().size() > before + 1; }));

    c.end();
    f.at_origin.visitor().end();
    REQUIRE(f.run(drained));
    CHECK(f.log.records().back().event == record_event::end);
    auto const records = f.log.records();
    CHECK(std::count_if(records.begin(), records.end(),
                        [](auto const& each) { return each.event == record_event::end; }) == 1);
}

TEST_CASE(
    "a record of a connection that a shutdown did not wait for, although it had not asked for anything yet")
{
    service_fixture f;
    f.start();
    auto& silent = f.connect_and_say("");
    auto& slow = f.connect_and_say("CONNECT localh");
    auto& open = f.open_tunnel(); // by then the others have been accepted
    f.proxy->stop();
    f.record(3);
    for (auto const& each : f.log.records()) {
        CHECK(each.ended_by == tunnel_party::proxy);
        CHECK(each.error == net::error::operation_aborted);
        CHECK((each.phase == request_phase::tunnel) == (each.status == 200));
    }
    REQUIRE(f.run_until([&] { return silent.ended() && slow.ended() && open.ended(); }));
    CHECK(f.log.records().size() == 3);
}
