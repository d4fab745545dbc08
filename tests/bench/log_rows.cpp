#include "log_rows.hpp"

#include "allocations.hpp"
#include <viaduct/log/async_sink.hpp>
#include <viaduct/log/envoy_format.hpp>
#include <viaduct/log/file_line_sink.hpp>
#include <viaduct/log/formatted_log.hpp>
#include <viaduct/log/haproxy_tcp.hpp>
#include <viaduct/log/json_lines.hpp>
#include <viaduct/log/null_line_sink.hpp>
#include <viaduct/log/squid_formats.hpp>
#include <viaduct/log/squid_logformat.hpp>
#include <viaduct/log/squid_native.hpp>
#include <viaduct/log/tunnel_record.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <utility>

namespace bench {
namespace {

using namespace std::chrono_literals;
using viaduct::full_queue;
using viaduct::tunnel_record;

/// Some records of usual tunnels, no two alike.
[[nodiscard]] std::array<tunnel_record, 16> make_records()
{
    std::array<tunnel_record, 16> records;
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto& r = records[i];
        r.id = 0x9e3779b97f4a7c15U * (i + 1);
        r.client = "172.30.109." + std::to_string(80 + i);
        r.client_port = static_cast<std::uint16_t>(40000 + i);
        r.connection = r.client;
        r.connection_port = r.client_port;
        r.method = "CONNECT";
        r.target = "en" + std::to_string(i * 7) + ".wikipedia.org:443";
        r.request_fields.add("User-Agent", "curl/8.11.0");
        r.user = i % 4 == 0 ? "alice" : "";
        r.outcome = viaduct::request_outcome::tunnel;
        r.phase = viaduct::request_phase::tunnel;
        r.ended_by = viaduct::tunnel_party::client;
        r.status = 200;
        r.peer = "91.198.174." + std::to_string(190 + i);
        r.peer_port = 443;
        r.hierarchy = "HIER_DIRECT";
        r.bytes_to_client = 87633 + i * 1009;
        r.bytes_from_client = 702 + i * 13;
        r.ended = std::chrono::system_clock::time_point{1544160065248ms + i * 17ms};
        r.elapsed = 228ms + i * 31ms;
        r.times.head = 1ms;
        r.times.decided = 2ms;
        r.times.connected = 12ms;
        r.times.answered = 12ms;
        r.times.first_from_client = 13ms;
        r.times.first_from_upstream = 15ms;
    }
    return records;
}

std::array<tunnel_record, 16> const records = make_records();

/// Wall clock, CPU and heap of what happens while it lives.
class meter
{
public:
    [[nodiscard]] double wall_ns() const
    {
        return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin_).count();
    }
    [[nodiscard]] double cpu_ns() const { return cpu() - cpu_; }
    [[nodiscard]] double allocations() const { return static_cast<double>(heap_so_far().calls - heap_); }

private:
    [[nodiscard]] static double cpu()
    {
        timespec time{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
    }

    std::uint64_t heap_ = heap_so_far().calls;
    double cpu_ = cpu();
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Times `count` calls of `write(record)`, and then `settle()`.
template <class Write, class Settle>
[[nodiscard]] log_cost timed(std::size_t count, Write write, Settle settle)
{
    for (auto const& each : records)
        write(each); // what is warm stays warm
    settle();
    auto const n = static_cast<double>(count);
    log_cost cost;
    meter const all;
    for (std::size_t i = 0; i < count; ++i)
        write(records[i % records.size()]);
    cost.writer_ns = all.wall_ns() / n;
    settle();
    cost.all_ns = all.wall_ns() / n;
    cost.cpu_ns = all.cpu_ns() / n;
    cost.allocations = all.allocations() / n;
    return cost;
}

[[nodiscard]] log_row format_row(std::string name, viaduct::record_format_ptr format)
{
    return {std::move(name), "format", [format](std::size_t count) {
                std::string line;
                std::size_t octets = 0;
                auto cost = timed(
                    count,
                    [&](tunnel_record const& record) {
                        line.clear();
                        format->append(record, line);
                        octets += line.size();
                    },
                    [] {});
                cost.octets = static_cast<double>(octets) / static_cast<double>(count + records.size());
                return cost;
            }};
}

/// Squid's line into a place that `make` makes.
template <class Make>
[[nodiscard]] log_row sink_row(std::string name, Make make)
{
    return {std::move(name), "sink", [make](std::size_t count) {
                auto const place = make();
                viaduct::formatted_log log{viaduct::squid_native(), place};
                auto cost = timed(
                    count, [&](tunnel_record const& record) { log.write(record); }, [&] { log.flush(); });
                cost.lost = static_cast<double>(log.lost());
                return cost;
            }};
}

[[nodiscard]] viaduct::line_sink_ptr queued(viaduct::line_sink_ptr place)
{
    viaduct::async_sink_options options;
    options.when_full = full_queue::block;
    return std::make_shared<viaduct::async_sink>(std::move(place), options);
}

/// The same line by spdlog's own formatting.
void write(spdlog::logger& log, tunnel_record const& r)
{
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    auto const ended = duration_cast<milliseconds>(r.ended.time_since_epoch()).count();
    log.info("{:9}.{:03} {:6} {} {}/{:03} {} {} {} {} {}/{} {}", ended / 1000, ended % 1000,
             duration_cast<milliseconds>(r.elapsed).count(), r.client, "TCP_TUNNEL", r.status,
             r.bytes_to_client, r.method, r.target, r.user.empty() ? "-" : r.user, r.hierarchy, r.peer, "-");
}

[[nodiscard]] log_row spdlog_row(std::string name, std::string path, bool queue)
{
    return {std::move(name), "sink", [path, queue](std::size_t count) {
                auto const file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path, true);
                std::shared_ptr<spdlog::logger> log;
                log_cost cost;
                {
                    auto const pool = std::make_shared<spdlog::details::thread_pool>(8192, 1);
                    if (queue)
                        log = std::make_shared<spdlog::async_logger>("log", file, pool,
                                                                     spdlog::async_overflow_policy::block);
                    else
                        log = std::make_shared<spdlog::logger>("log", file);
                    log->set_pattern("%v");
                    // A flush of the asynchronous one waits for nothing; the queue is empty when its pool
                    // says so.
                    auto const settle = [&] {
                        log->flush();
                        while (queue && pool->queue_size() != 0)
                            std::this_thread::yield();
                    };
                    cost = timed(
                        count, [&](tunnel_record const& record) { write(*log, record); }, settle);
                    log.reset();
                }
                std::remove(path.c_str());
                return cost;
            }};
}

} // namespace

std::vector<log_row> log_rows(std::string const& directory)
{
    auto const path = directory + "/access.log";
    auto const file = [path](std::size_t buffer) {
        std::remove(path.c_str());
        viaduct::file_sink_options options;
        options.buffer_size = buffer;
        return std::make_shared<viaduct::file_line_sink>(path, options);
    };
    constexpr std::size_t gathered = 64 * 1024;
    return {
        format_row("Squid's own line", viaduct::squid_native()),
        format_row("the same by logformat",
                   std::make_shared<viaduct::squid_logformat>(
                       "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %un %Sh/%<a %mt")),
        format_row("common", viaduct::squid_common()),
        format_row("combined", viaduct::squid_combined()),
        format_row("Envoy's default", viaduct::envoy_default()),
        format_row("Istio's default", viaduct::istio_default()),
        format_row("HAProxy, TCP", viaduct::haproxy_tcp()),
        format_row("JSON, flat", viaduct::json_flat()),
        format_row("JSON, ECS", viaduct::json_ecs()),
        format_row("JSON, OTLP", viaduct::json_otlp()),
        sink_row("nowhere", [] { return std::make_shared<viaduct::null_line_sink>(); }),
        sink_row("a file, each line at once", [file] { return file(0); }),
        sink_row("a file, gathered", [file] { return file(gathered); }),
        sink_row("a queue, nowhere", [] { return queued(std::make_shared<viaduct::null_line_sink>()); }),
        sink_row("a queue, a file", [file] { return queued(file(0)); }),
        spdlog_row("spdlog, a file", directory + "/spdlog.log", false),
        spdlog_row("spdlog, asynchronous, a file", directory + "/spdlog.log", true),
    };
}

} // namespace bench
