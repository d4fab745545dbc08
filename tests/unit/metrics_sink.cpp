#include <viaduct/detail/asio.hpp>
#include <viaduct/log/metrics_sink.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <ostream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::metrics_sink;
using viaduct::request_outcome;
using viaduct::tunnel_party;
using viaduct::tunnel_record;
namespace net = viaduct::net;

namespace {

[[nodiscard]] bool has_line(metrics_sink const& sink, std::string const& line)
{
    return ('\n' + sink.text()).find('\n' + line + '\n') != std::string::npos;
}

/// All lines of metrics that are not zero, without their histograms' buckets.
[[nodiscard]] std::string sums(std::string const& text)
{
    std::string found;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        auto const line = text.substr(at, end - at);
        bool const passed_over =
            line.starts_with('#') || line.ends_with(" 0") || line.find("_bucket") != std::string::npos;
        if (!passed_over) found += line.substr(8) + '\n'; // without viaduct_
    }
    return found;
}

[[nodiscard]] tunnel_record a_tunnel()
{
    tunnel_record record;
    record.outcome = request_outcome::tunnel;
    record.status = 200;
    record.user = "ada";
    record.scheme = "Digest";
    record.attempts = 3;
    record.times.head = 2ms;
    record.times.decided = 3ms;
    record.times.lookup = 4ms;
    record.times.connect = 32ms;
    record.times.connected = 48ms;
    record.times.answered = 500ms;
    record.elapsed = 60s;
    record.answer_size = 39;
    record.bytes_to_client = 39 + 5000;
    record.bytes_from_client = 1024;
    record.ended_by = tunnel_party::client;
    return record;
}

} // namespace

TEST_CASE("metrics: a tunnel is counted in every respect")
{
    metrics_sink sink;
    sink.write(a_tunnel());
    CHECK(sums(sink.text()) == "authentications_total{scheme=\"Digest\"} 1\n"
                               "client_bytes_total{direction=\"from_client\"} 1024\n"
                               "client_bytes_total{direction=\"to_client\"} 5039\n"
                               "connect_attempts_total 3\n"
                               "connect_failures_total 2\n"
                               "connect_seconds_count 1\n"
                               "connect_seconds_sum 0.032\n"
                               "decision_seconds_count 1\n"
                               "decision_seconds_sum 0.001\n"
                               "lookup_seconds_count 1\n"
                               "lookup_seconds_sum 0.004\n"
                               "request_head_seconds_count 1\n"
                               "request_head_seconds_sum 0.002\n"
                               "requests_total{outcome=\"tunnel\",status=\"200\"} 1\n"
                               "setup_seconds_count 1\n"
                               "setup_seconds_sum 0.5\n"
                               "tunnel_bytes_count{direction=\"from_client\"} 1\n"
                               "tunnel_bytes_sum{direction=\"from_client\"} 1024\n"
                               "tunnel_bytes_count{direction=\"to_client\"} 1\n"
                               "tunnel_bytes_sum{direction=\"to_client\"} 5000\n"
                               "tunnel_seconds_count 1\n"
                               "tunnel_seconds_sum 59.5\n"
                               "tunnels_ended_total{by=\"client\",reason=\"close\"} 1\n"
                               "tunnels_opened_total 1\n");
    CHECK(has_line(sink, "viaduct_tunnel_bytes_bucket{direction=\"from_client\",le=\"1024\"} 1"));
    CHECK(has_line(sink, "viaduct_tunnel_bytes_bucket{direction=\"to_client\",le=\"4096\"} 0"));
    CHECK(has_line(sink, "viaduct_tunnel_bytes_bucket{direction=\"to_client\",le=\"16384\"} 1"));
    CHECK(has_line(sink, "viaduct_connect_seconds_bucket{le=\"0.025\"} 0"));
    CHECK(has_line(sink, "viaduct_connect_seconds_bucket{le=\"0.05\"} 1"));
    CHECK(has_line(sink, "viaduct_connect_seconds_bucket{le=\"+Inf\"} 1"));
    CHECK(has_line(sink, "# TYPE viaduct_connect_seconds histogram"));
    CHECK(has_line(sink, "# HELP viaduct_tunnels_opened_total Tunnels that were open, and are over."));
}

TEST_CASE("metrics: what became of requests, and how tunnels ended")
{
    struct
    {
        void (*change)(tunnel_record&);
        char const* line;
    } const cases[] = {
        {[](auto& r) { r.status = 403, r.outcome = request_outcome::denied; },
         "viaduct_requests_total{outcome=\"denied\",status=\"403\"} 1"},
        {[](auto& r) { r.status = 0; }, "viaduct_requests_total{outcome=\"tunnel\",status=\"none\"} 1"},
        {[](auto& r) { r.status = 0; }, "viaduct_tunnels_opened_total 0"},
        {[](auto& r) { r.times.answered = r.times.never; }, "viaduct_tunnels_opened_total 0"},
        {[](auto& r) { r.status = 400, r.outcome = request_outcome::unread; },
         "viaduct_requests_total{outcome=\"unread\",status=\"400\"} 1"},
        {[](auto& r) { r.status = 599; }, "viaduct_requests_total{outcome=\"tunnel\",status=\"other\"} 1"},
        {[](auto& r) { r.status = 1200; }, "viaduct_requests_total{outcome=\"tunnel\",status=\"other\"} 1"},
        {[](auto& r) { r.status = 504, r.proxy_error = "dns_timeout"; },
         "viaduct_proxy_errors_total{error=\"dns_timeout\"} 1"},
        {[](auto& r) { r.status = 504, r.proxy_error = "x\"\n"; },
         "viaduct_proxy_errors_total{error=\"other\"} 1"},
        {[](auto& r) { r.status = 502, r.times.connected = r.times.never; },
         "viaduct_connect_failures_total 3"},
        {[](auto& r) { r.attempts = 0; }, "viaduct_connect_failures_total 0"},
        {[](auto& r) { r.status = 407; }, "viaduct_tunnel_seconds_count 0"},
        {[](auto& r) { r.status = 407; }, "viaduct_setup_seconds_count 0"},
        {[](auto& r) { r.scheme = "TLS"; }, "viaduct_authentications_total{scheme=\"TLS\"} 1"},
        {[](auto& r) { r.scheme = "Pigeon"; }, "viaduct_authentications_total{scheme=\"other\"} 1"},
        {[](auto& r) { r.user = ""; }, "viaduct_authentications_total{scheme=\"Digest\"} 0"},
        {[](auto& r) { r.times = {}; }, "viaduct_request_head_seconds_count 0"},
        {[](auto& r) { r.times = {}; }, "viaduct_tunnel_seconds_count 0"},
        {[](auto& r) { r.times.decided = 1ms; }, "viaduct_decision_seconds_count 0"},
        {[](auto& r) { r.answer_size = 9000; }, "viaduct_tunnel_bytes_sum{direction=\"to_client\"} 0"},
        {[](auto& r) { r.error = errc::idle_timeout, r.ended_by = tunnel_party::proxy; },
         "viaduct_tunnels_ended_total{by=\"proxy\",reason=\"idle\"} 1"},
        {[](auto& r) { r.error = net::error::connection_reset, r.ended_by = tunnel_party::upstream; },
         "viaduct_tunnels_ended_total{by=\"upstream\",reason=\"reset\"} 1"},
        {[](auto& r) { r.error = errc::half_close_timeout; },
         "viaduct_tunnels_ended_total{by=\"client\",reason=\"half_close\"} 1"},
        {[](auto& r) { r.error = errc::lifetime_exceeded; },
         "viaduct_tunnels_ended_total{by=\"client\",reason=\"lifetime\"} 1"},
        {[](auto& r) { r.error = errc::quota_exceeded; },
         "viaduct_tunnels_ended_total{by=\"client\",reason=\"quota\"} 1"},
        {[](auto& r) { r.error = errc::shutdown_timeout; },
         "viaduct_tunnels_ended_total{by=\"client\",reason=\"shutdown\"} 1"},
        {[](auto& r) { r.error = errc::ended_by_operator, r.ended_by = tunnel_party::proxy; },
         "viaduct_tunnels_ended_total{by=\"proxy\",reason=\"operator\"} 1"},
        {[](auto& r) { r.outcome = request_outcome::page; },
         "viaduct_requests_total{outcome=\"page\",status=\"200\"} 1"},
        {[](auto& r) { r.outcome = request_outcome::page; }, "viaduct_tunnels_opened_total 0"},
        {[](auto& r) { r.error = net::error::host_unreachable; },
         "viaduct_tunnels_ended_total{by=\"client\",reason=\"error\"} 1"},
        {[](auto& r) { r.event = viaduct::record_event::start; }, "viaduct_tunnels_opened_total 0"},
        {[](auto& r) { r.event = viaduct::record_event::progress; }, "viaduct_connect_attempts_total 0"},
    };
    for (auto const& c : cases) {
        metrics_sink sink;
        auto record = a_tunnel();
        c.change(record);
        sink.write(record);
        CAPTURE(sink.text());
        CAPTURE(c.line);
        CHECK(has_line(sink, c.line));
    }
}

TEST_CASE("metrics: no client can make the number of series grow, or be found in them")
{
    metrics_sink sink;
    auto const count_lines = [&] {
        auto const text = sink.text();
        return std::count(text.begin(), text.end(), '\n');
    };
    auto const before = count_lines();
    std::mt19937 random{1};
    auto const any = [&random](unsigned below) { return static_cast<unsigned>(random() % below); };
    auto const untrusted = [&] { return "evil" + std::to_string(random()); };
    for (int n = 0; n < 10'000; ++n) {
        tunnel_record record;
        record.client = record.connection = record.target = record.user = record.scheme = untrusted();
        record.rule = record.parent = record.peer = record.method = record.listener = untrusted();
        record.proxy_error = untrusted();
        record.outcome = static_cast<request_outcome>(any(3));
        record.status = any(2) == 0 ? 200 : any(70'000);
        record.error = {static_cast<int>(any(200)), viaduct::viaduct_category()};
        record.ended_by = static_cast<tunnel_party>(any(4));
        record.times.head = record.times.lookup = std::chrono::nanoseconds{random()};
        record.bytes_to_client = random();
        sink.write(record);
    }
    CHECK(count_lines() == before);
    CHECK(sink.text().find("evil") == std::string::npos);
    CHECK(has_line(sink, "viaduct_proxy_errors_total{error=\"other\"} 10000"));
}

TEST_CASE("metrics: many threads may write while others ask")
{
    metrics_sink sink;
    sink.add_gauge("viaduct_x", "X.", [] { return 1; });
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i)
                sink.write(a_tunnel());
            CHECK(sink.text().size() > 1000);
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(has_line(sink, "viaduct_tunnels_opened_total 2000"));
    CHECK(has_line(sink, "viaduct_tunnel_seconds_count 2000"));
}

TEST_CASE("metrics: numbers that somebody else knows are asked for when the text is made")
{
    metrics_sink sink;
    int active = 3;
    sink.add_gauge("viaduct_tunnels_active", "Tunnels that are open now.", [&] { return active; });
    sink.add_log("access", [] { return std::uint64_t{7}; });
    sink.add_log("json \"2\"", [] { return std::uint64_t{0}; });
    active = -4;
    CHECK(has_line(sink, "# HELP viaduct_tunnels_active Tunnels that are open now.\n"
                         "# TYPE viaduct_tunnels_active gauge\n"
                         "viaduct_tunnels_active -4"));
    CHECK(has_line(sink, "# TYPE viaduct_log_records_lost_total counter\n"
                         "viaduct_log_records_lost_total{log=\"access\"} 7\n"
                         "viaduct_log_records_lost_total{log=\"json \\\"2\\\"\"} 0"));

    auto const zero = [] { return 0; };
    CHECK_THROWS_AS(sink.add_gauge("viaduct_tunnels_active", "", zero), std::invalid_argument);
    CHECK_THROWS_AS(sink.add_gauge("viaduct_requests_total", "", zero), std::invalid_argument);
    CHECK_THROWS_AS(sink.add_gauge("viaduct-x", "", zero), std::invalid_argument);
    CHECK_THROWS_AS(sink.add_log("access", [] { return std::uint64_t{0}; }), std::invalid_argument);
}
