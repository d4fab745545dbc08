#ifndef VIADUCT_IMPL_LOG_METRICS_SINK_IPP
#define VIADUCT_IMPL_LOG_METRICS_SINK_IPP

#include <viaduct/detail/metric_labels.hpp>
#include <viaduct/detail/metric_maker.hpp>
#include <viaduct/http/status.hpp>
#include <viaduct/log/metrics_sink.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <prometheus/check_names.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <stdexcept>
#include <utility>
#include <vector>

namespace viaduct {
namespace detail {

// Upper ends, in seconds and in octets.
inline constexpr std::array set_up_buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                           0.25,  0.5,    1.0,   2.5,  5.0,   10.0, 30.0};
inline constexpr std::array tunnel_buckets{0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0};
inline constexpr std::array octet_buckets{0x1p10, 0x1p12, 0x1p14, 0x1p16, 0x1p18, 0x1p20,
                                          0x1p22, 0x1p24, 0x1p26, 0x1p28, 0x1p30, 0x1p32};

/// A number that is asked for when the text is made.
struct watched_number
{
    prometheus::MetricFamily family; // all but the value
    std::function<double()> value;
};

[[nodiscard]] inline bool is_same_series(prometheus::MetricFamily const& a, prometheus::MetricFamily const& b)
{
    return a.name == b.name && a.metric.front().label == b.metric.front().label;
}

/// Seconds; nothing for what did not happen.
inline void observe(prometheus::Histogram& histogram, request_times::duration time)
{
    if (time >= time.zero()) histogram.Observe(std::chrono::duration<double>(time).count());
}

/// From one moment to another; `never` if one of them did not come.
[[nodiscard]] inline request_times::duration between(request_times::duration from, request_times::duration to)
{
    return from < from.zero() || to < from ? request_times::never : to - from;
}

inline void add(prometheus::Counter& counter, std::uint64_t octets)
{
    counter.Increment(static_cast<double>(octets));
}

} // namespace detail

struct metrics_sink::metrics
{
    using counter = prometheus::Counter&;
    using histogram = prometheus::Histogram&;

    void write(tunnel_record const& record);
    void write_times(tunnel_record const& record, bool opened);
    void write_tunnel(tunnel_record const& record);
    void watch(detail::watched_number number);
    [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

    prometheus::Registry registry{};
    detail::metric_maker make{registry};

    detail::metric_counters requests = make.table(
        "viaduct_requests_total", "Requests that are over, by what became of them and the status sent.",
        "outcome", detail::metric_outcomes, "status", detail::metric_statuses);
    detail::metric_counters errors =
        make.counters("viaduct_proxy_errors_total", "Refusals, by the error type of RFC 9209 that was sent.",
                      "error", detail::metric_errors);
    detail::metric_counters authentications =
        make.counters("viaduct_authentications_total", "Requests whose user has proved who he is.", "scheme",
                      detail::metric_schemes);
    counter attempts =
        make.counter("viaduct_connect_attempts_total", "Connections towards targets that were tried.");
    counter failures =
        make.counter("viaduct_connect_failures_total",
                     "Connections towards targets that failed, or were given up for another one.");
    counter opened = make.counter("viaduct_tunnels_opened_total", "Tunnels that were open, and are over.");
    detail::metric_counters ended =
        make.table("viaduct_tunnels_ended_total", "How tunnels ended, and by whom.", "by",
                   detail::metric_parties, "reason", detail::metric_reasons);
    detail::metric_counters octets =
        make.counters("viaduct_client_bytes_total",
                      "Octets sent to clients, answers among them, and received from them in tunnels.",
                      "direction", detail::metric_directions);

    histogram head =
        make.histogram("viaduct_request_head_seconds",
                       "From the accepted connection to the complete request head.", detail::set_up_buckets);
    histogram decision =
        make.histogram("viaduct_decision_seconds", "From the request head to the decision about it.",
                       detail::set_up_buckets);
    histogram lookup =
        make.histogram("viaduct_lookup_seconds", "How long names were looked up.", detail::set_up_buckets);
    histogram connect = make.histogram(
        "viaduct_connect_seconds", "How long connecting took, successful or not.", detail::set_up_buckets);
    histogram set_up = make.histogram("viaduct_setup_seconds",
                                      "From the accepted connection to the answer that opened the tunnel.",
                                      detail::set_up_buckets);
    histogram tunnel =
        make.histogram("viaduct_tunnel_seconds", "How long tunnels were open.", detail::tunnel_buckets);
    histogram to_client = octets_of_tunnel("to_client");
    histogram from_client = octets_of_tunnel("from_client");

    std::mutex mutable mutex{}; // of what follows
    std::vector<detail::watched_number> watched{};

private:
    [[nodiscard]] histogram octets_of_tunnel(char const* direction)
    {
        return make.histogram("viaduct_tunnel_bytes", "Octets that a tunnel carried.", detail::octet_buckets,
                              {{"direction", direction}});
    }
};

VIADUCT_DECL void metrics_sink::metrics::write(tunnel_record const& record)
{
    using namespace detail;
    auto const outcome = std::min(static_cast<std::size_t>(record.outcome), metric_outcomes.size() - 1);
    requests[outcome * metric_statuses.size() + status_place(record.status)]->Increment();
    if (!record.proxy_error.empty()) errors[place_in(metric_errors, record.proxy_error)]->Increment();
    if (!record.user.empty() && !record.scheme.empty())
        authentications[place_in(metric_schemes, record.scheme)]->Increment();
    bool const was_open = record.outcome == request_outcome::tunnel && is_success(record.status) &&
                          record.times.answered >= request_times::duration::zero(); // it got through
    bool const connected = was_open || record.times.connected >= request_times::duration::zero();
    attempts.Increment(record.attempts);
    failures.Increment(connected && record.attempts != 0 ? record.attempts - 1 : record.attempts);
    add(*octets[0], record.bytes_to_client);
    add(*octets[1], record.bytes_from_client);
    write_times(record, was_open);
    if (was_open) write_tunnel(record);
}

VIADUCT_DECL void metrics_sink::metrics::write_times(tunnel_record const& record, bool was_open)
{
    auto const& times = record.times;
    detail::observe(head, times.head);
    detail::observe(decision, detail::between(times.head, times.decided));
    detail::observe(lookup, times.lookup);
    detail::observe(connect, times.connect);
    if (was_open) detail::observe(set_up, times.answered);
}

VIADUCT_DECL void metrics_sink::metrics::write_tunnel(tunnel_record const& record)
{
    using namespace detail;
    opened.Increment();
    auto const by = std::min(static_cast<std::size_t>(record.ended_by), metric_parties.size() - 1);
    ended[by * metric_reasons.size() + reason_place(record.error)]->Increment();
    observe(tunnel, between(record.times.answered, record.elapsed));
    auto const answer = std::min(record.answer_size, record.bytes_to_client);
    to_client.Observe(static_cast<double>(record.bytes_to_client - answer));
    from_client.Observe(static_cast<double>(record.bytes_from_client));
}

VIADUCT_DECL void metrics_sink::metrics::watch(detail::watched_number number)
{
    auto const& family = number.family;
    if (!prometheus::CheckMetricName(family.name))
        throw std::invalid_argument{"not a name for a metric: " + family.name};
    for (auto const& own : registry.Collect())
        if (own.name == family.name)
            throw std::invalid_argument{"there is such a metric already: " + family.name};
    std::lock_guard const lock{mutex};
    for (auto const& other : watched)
        if (detail::is_same_series(other.family, family))
            throw std::invalid_argument{"there is such a metric already: " + family.name};
    watched.push_back(std::move(number));
}

VIADUCT_DECL std::vector<prometheus::MetricFamily> metrics_sink::metrics::collect() const
{
    auto all = registry.Collect();
    auto const numbers = [this] {
        std::lock_guard const lock{mutex};
        return watched;
    }();
    for (auto const& [family, value] : numbers) { // without the lock: it is somebody else's function
        auto made = family;
        made.metric.front().counter.value = made.metric.front().gauge.value = value();
        auto const same = [&](auto const& each) { return each.name == made.name; };
        auto const at = std::find_if(all.begin(), all.end(), same);
        if (at == all.end())
            all.push_back(std::move(made));
        else
            at->metric.push_back(std::move(made.metric.front()));
    }
    std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    for (auto& family : all)
        std::sort(family.metric.begin(), family.metric.end(),
                  [](auto const& a, auto const& b) { return a.label < b.label; });
    return all;
}

VIADUCT_DECL metrics_sink::metrics_sink() : metrics_{std::make_unique<metrics>()} {}

VIADUCT_DECL metrics_sink::~metrics_sink() = default;

VIADUCT_DECL void metrics_sink::write(tunnel_record const& record) noexcept
{
    if (record.event == record_event::end) metrics_->write(record);
}

VIADUCT_DECL void metrics_sink::add_gauge(std::string const& name, std::string const& help,
                                          std::function<double()> value)
{
    metrics_->watch({{name, help, prometheus::MetricType::Gauge, {{}}}, std::move(value)});
}

VIADUCT_DECL void metrics_sink::add_log(std::string const& log, std::function<std::uint64_t()> lost)
{
    prometheus::ClientMetric metric;
    metric.label.push_back({"log", log});
    metrics_->watch({{"viaduct_log_records_lost_total",
                      "Records that a log has lost.",
                      prometheus::MetricType::Counter,
                      {std::move(metric)}},
                     [lost = std::move(lost)] { return static_cast<double>(lost()); }});
}

VIADUCT_DECL std::string metrics_sink::text() const
{
    return prometheus::TextSerializer{}.Serialize(metrics_->collect());
}

} // namespace viaduct

#endif
