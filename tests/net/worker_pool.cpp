#include "proxy_fixture.hpp"
#include <viaduct/server/worker_pool.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <set>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::worker_pool;

namespace {

/// Notes which threads have written records; safe from all of them.
class counting_sink final : public viaduct::log_sink
{
public:
    void write(viaduct::tunnel_record const& record) noexcept override
    {
        std::lock_guard const lock{mutex_};
        threads_.insert(std::this_thread::get_id());
        ++records_;
        if (record.error == errc::shutdown_timeout) ++ended_by_shutdown_;
        if (record.error == errc::ended_by_operator) ++ended_by_operator_;
    }

    [[nodiscard]] std::size_t records() const
    {
        std::lock_guard const lock{mutex_};
        return records_;
    }
    [[nodiscard]] std::size_t threads() const
    {
        std::lock_guard const lock{mutex_};
        return threads_.size();
    }
    [[nodiscard]] std::size_t ended_by_shutdown() const
    {
        std::lock_guard const lock{mutex_};
        return ended_by_shutdown_;
    }
    [[nodiscard]] std::size_t ended_by_operator() const
    {
        std::lock_guard const lock{mutex_};
        return ended_by_operator_;
    }

private:
    mutable std::mutex mutex_;
    std::set<std::thread::id> threads_;
    std::size_t records_ = 0;
    std::size_t ended_by_shutdown_ = 0;
    std::size_t ended_by_operator_ = 0;
};

tcp::endpoint const somewhere{net::ip::address_v4::loopback(), 0};

struct pool_fixture : event_loop
{
    explicit pool_fixture(std::size_t workers, viaduct::port_sharing sharing = viaduct::default_port_sharing)
        : pool{context, workers, options(), sharing}
    {
        pool.start();
    }

    [[nodiscard]] viaduct::service_options options()
    {
        viaduct::service_options o;
        o.listen = {{net::ip::address_v4::loopback(), 0}};
        o.way.ports.permit_all();
        o.way.guard.allow_all();
        o.accept.log = &log;
        return o;
    }

    [[nodiscard]] client& connect()
    {
        clients.push_back(std::make_unique<client>(executor(), pool.endpoints().front()));
        clients.back()->say(connect_to(far.target()));
        return *clients.back();
    }

    [[nodiscard]] bool all_established()
    {
        return run_until([&] {
            return far.connections() == clients.size() &&
                   std::all_of(clients.begin(), clients.end(),
                               [](auto& c) { return c->heard() == established; });
        });
    }

    /// Asks for a tunnel until every worker must have said no: the last eight answers are refusals.
    [[nodiscard]] bool refused()
    {
        auto const& last = *clients.back();
        if (last.heard().empty()) return false;
        in_a_row = last.heard().starts_with("HTTP/1.1 403") ? in_a_row + 1 : 0;
        if (in_a_row < 8) std::ignore = connect();
        return in_a_row >= 8; // asked once more when it is true
    }

    int in_a_row = 0;
    counting_sink log; // outlives the pool
    origin far{executor()};
    worker_pool pool;
    std::vector<std::unique_ptr<client>> clients;
};

} // namespace

TEST_CASE(
    "worker pool: the system spreads the tunnels over the workers, and all of them are counted and drained")
{
    pool_fixture f{3};
    for (int i = 0; i < 64; ++i) // that one worker of three gets none of them happens once in 10^11 runs
        std::ignore = f.connect();
    REQUIRE(f.all_established());
    CHECK(f.pool.active() == 64);

    completion<> drained;
    f.pool.async_drain(1h, drained.handler());
    f.clients.clear();
    f.far.visitor().end(); // the earlier ones have been closed as the next came
    REQUIRE(f.run_until([&] { return drained.done(); }));
    CHECK_FALSE(drained.error);
    CHECK(f.pool.active() == 0);
    CHECK(f.log.records() == 64);
    CHECK(f.log.threads() == 3);
}

TEST_CASE("worker pool: the tunnels of all workers are listed together, and each can be ended from outside")
{
    pool_fixture f{3};
    for (int i = 0; i < 40; ++i)
        std::ignore = f.connect();
    REQUIRE(f.all_established());
    std::vector<viaduct::tunnel_record> all;
    int answers = 0;
    auto const list = [&](std::size_t limit) {
        f.pool.async_tunnels(limit, [&](std::vector<viaduct::tunnel_record> found) {
            all = std::move(found);
            ++answers;
        });
        CHECK(answers == 0); // not from within
        REQUIRE(f.run_until([&] { return answers == 1; }));
        answers = 0;
    };
    list(39);
    CHECK(all.size() == 39);
    list(1000);
    REQUIRE(all.size() == 40);
    CHECK(std::is_sorted(all.begin(), all.end(), [](auto& a, auto& b) { return a.elapsed > b.elapsed; }));
    CHECK(all[7].target == f.far.target());
    CHECK(all[7].phase == viaduct::request_phase::tunnel);

    CHECK(f.pool.open_tunnels() == 40);
    std::optional<viaduct::tunnel_record> one;
    f.pool.async_find_tunnel(all[7].id, [&](auto found) { one = std::move(found); });
    REQUIRE(f.run_until([&] { return one.has_value(); }));
    CHECK(one->client_port == all[7].client_port);

    net::io_context other; // has nothing else to do
    f.pool.async_find_tunnel(1, net::bind_executor(other.get_executor(), [&](auto const&) { ++answers; }));
    REQUIRE(f.run_until([&] { return other.poll() != 0 || other.stopped(); }));
    CHECK(answers == 1);
    CHECK(other.stopped());
    answers = 0;

    int ended = 0;
    auto const count = [&](bool was_there) { ended += was_there ? 1 : 100; };
    for (auto const& each : all)
        f.pool.async_end_tunnel(each.id, count);
    REQUIRE(f.run_until([&] { return ended == 40; }));
    REQUIRE(f.run_until([&] { return f.log.records() == 40; }));
    CHECK(f.log.ended_by_operator() == 40);
    f.pool.async_end_tunnel(all[7].id, count); // it is over
    REQUIRE(f.run_until([&] { return ended == 140; }));
    list(1000);
    CHECK(all.empty());
}

TEST_CASE("worker pool: a drain that takes too long ends the tunnels of every worker")
{
    pool_fixture f{2};
    for (int i = 0; i < 40; ++i)
        std::ignore = f.connect();
    REQUIRE(f.all_established());
    completion<> drained;
    f.pool.async_drain(10ms, drained.handler());
    REQUIRE(f.run_until([&] { return drained.done(); }));
    CHECK(drained.error == errc::shutdown_timeout);
    CHECK(f.log.ended_by_shutdown() == 40);
}

TEST_CASE("worker pool: destroying it ends the tunnels and the threads")
{
    auto f = std::make_unique<pool_fixture>(2);
    for (int i = 0; i < 10; ++i)
        std::ignore = f->connect();
    REQUIRE(f->all_established());
    f.reset();
}

TEST_CASE("worker pool: one that was never started is destroyed as well")
{
    event_loop loop;
    viaduct::service_options options;
    options.listen = {{net::ip::address_v4::loopback(), 0}};
    worker_pool pool{loop.context, 4, options};
    CHECK(pool.endpoints().front().port() != 0);
}

TEST_CASE("worker pool: where the system spreads nothing, all workers accept from one socket")
{
    // That a worker is never the first to come cannot be ruled out, so only that all tunnels are carried
    // counts.
    pool_fixture f{3, viaduct::port_sharing::one_socket};
    for (int i = 0; i < 64; ++i)
        std::ignore = f.connect();
    REQUIRE(f.all_established());
    CHECK(f.pool.active() == 64);
    completion<> drained;
    f.pool.async_drain(1h, drained.handler());
    f.clients.clear();
    f.far.visitor().end();
    REQUIRE(f.run_until([&] { return drained.done(); }));
    CHECK(f.log.records() == 64);
}

TEST_CASE("worker pool: a new way is taken by new tunnels, on every thread, and open ones keep theirs")
{
    pool_fixture f{2};
    std::ignore = f.connect();
    REQUIRE(f.all_established());
    f.pool.reload(viaduct::egress{}); // nothing but port 443 and public addresses
    // A worker changes over when it comes to it: what is asked before that may still get through.
    REQUIRE(f.run_until([&] { return f.refused(); }));
    CHECK(f.clients.front()->heard() == established);
    CHECK_FALSE(f.clients.front()->ended());
}

TEST_CASE("worker pool: a new configuration comes to every worker, and no connection is lost")
{
    for (auto const sharing : {viaduct::port_sharing::by_system, viaduct::port_sharing::one_socket}) {
        pool_fixture f{3, sharing};
        for (int round = 0; round < 20; ++round) {
            for (int i = 0; i < 4; ++i)
                std::ignore = f.connect(); // in the queue, being read, or served
            auto options = f.options();
            auto const here = f.pool.endpoints().front();
            options.listen = {somewhere};
            if (round % 2 == 0)
                options.listen.emplace_back(net::ip::address_v4::loopback(), std::uint16_t{0});
            f.pool.reload(std::move(options));
            CHECK(f.pool.endpoints().front() == here); // the others come, and go
            CHECK(f.pool.endpoints().size() == (round % 2 == 0 ? 2 : 1));
        }
        REQUIRE(f.all_established());
        CHECK(f.pool.active() == 80);
        auto closed = f.options();
        closed.listen = {f.pool.endpoints().front()};
        closed.way = {};
        f.pool.reload(std::move(closed));
        std::ignore = f.connect();
        REQUIRE(f.run_until([&] { return f.refused(); }));
    }
}

TEST_CASE("worker pool: a port that cannot be opened leaves all workers as they were")
{
    for (auto const sharing : {viaduct::port_sharing::by_system, viaduct::port_sharing::one_socket}) {
        pool_fixture f{3, sharing};
        auto const here = f.pool.endpoints();
        tcp::acceptor const taken{f.context, somewhere};
        auto const descriptors = open_descriptors();
        auto options = f.options();
        options.listen = {here.front(), somewhere, taken.local_endpoint()};
        options.way = {};
        CHECK_THROWS_AS(f.pool.reload(options), viaduct::system_error);
        CHECK(f.pool.endpoints() == here);
        CHECK(open_descriptors() == descriptors);
        for (int i = 0; i < 16; ++i)
            std::ignore = f.connect();
        REQUIRE(f.all_established());
    }
}

TEST_CASE("worker pool: sharing a port among workers does not share it with another program")
{
    event_loop loop;
    viaduct::service_options options;
    options.listen = {{net::ip::address_v4::loopback(), 0}};
    worker_pool first{loop.context, 2, options};
    options.listen.assign(1, first.endpoints().front());
    CHECK_THROWS_AS((worker_pool{loop.context, 2, options}), viaduct::system_error);
}
