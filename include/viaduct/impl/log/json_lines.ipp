#ifndef VIADUCT_IMPL_LOG_JSON_LINES_IPP
#define VIADUCT_IMPL_LOG_JSON_LINES_IPP

#include <viaduct/http/status.hpp>
#include <viaduct/impl/log/json_members.hpp>
#include <viaduct/log/json_lines.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace viaduct {
namespace detail {

struct log_severity
{
    unsigned number; ///< As OpenTelemetry numbers them.
    std::string_view name;
    std::string_view level; ///< As ECS writes them.
};

[[nodiscard]] inline log_severity severity_of(tunnel_record const& record) noexcept
{
    auto const by = termination_state(record).front();
    if (by == '-') return {9, "INFO", "info"};
    return by == 'R' ? log_severity{17, "ERROR", "error"} : log_severity{13, "WARN", "warn"};
}

/// `CONNECT host:443 200`, without the quotes around.
inline void append_summary(std::string& line, tunnel_record const& record)
{
    escape::json(line, record.method.empty() ? "-" : std::string_view{record.method});
    line += ' ';
    escape::json(line, record.target.empty() ? "-" : std::string_view{record.target});
    line += ' ';
    append_number(line, record.status);
}

/// `12 records were lost here`.
inline void append_loss_text(std::string& line, std::uint64_t lost)
{
    fmt::format_to(std::back_inserter(line), "{} {} lost here", lost,
                   lost == 1 ? "record was" : "records were");
}

inline void append_nanoseconds(std::string& line, log_time moment)
{
    append_number(line, std::chrono::nanoseconds{moment.time_since_epoch()}.count());
}

class flat_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        line.append(R"({"time":")").append(view_of(internet_time(record.ended))) += '"';
        json_writer out{line, json_dialect::flat};
        out.text({"event", "", ""}, word_of(record.event));
        if (record.trace) {
            out.text({"trace_id", "", ""}, record.trace->trace_id);
            out.text({"span_id", "", ""}, record.trace->parent_id);
            line += record.trace->sampled ? R"(,"sampled":true)" : R"(,"sampled":false)";
        }
        write_members(out, record);
        out.milliseconds({"elapsed_ms", "", ""}, record.elapsed);
        line += "}\n";
    }

    void append_loss(std::uint64_t lost, std::string& line) const override
    {
        fmt::format_to(std::back_inserter(line), "{{\"event\":\"loss\",\"lost\":{}}}\n", lost);
    }

    [[nodiscard]] record_wishes wishes() const noexcept override { return every_record_wish; }
};

class ecs_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        auto const written = internet_time(record.ended);
        line.append(R"({"@timestamp":")").append(view_of(written));
        line.append(R"(","log.level":")").append(severity_of(record).level);
        line += R"(","message":")";
        append_summary(line, record);
        line += R"(","ecs.version":"8.11.0","event.kind":"event","event.category":["network"],"event.type":)";
        line += types_of(record);
        line += R"(,"event.module":"viaduct","event.dataset":"viaduct.access","observer.type":"proxy")";
        line += R"(,"observer.product":"Viaduct","network.transport":"tcp","network.protocol":"http")";
        json_writer out{line, json_dialect::ecs};
        append_event(out, record);
        append_destination(out, record);
        write_members(out, record);
        line += "}\n";
    }

    void append_loss(std::uint64_t lost, std::string& line) const override
    {
        line += R"({"log.level":"warn","message":")";
        append_loss_text(line, lost);
        line += R"(","ecs.version":"8.11.0","event.kind":"pipeline_error","event.module":"viaduct",)";
        fmt::format_to(std::back_inserter(line),
                       "\"event.dataset\":\"viaduct.access\",\"viaduct.lost\":{}}}\n", lost);
    }

    [[nodiscard]] record_wishes wishes() const noexcept override { return every_record_wish; }

private:
    [[nodiscard]] static std::string_view types_of(tunnel_record const& record) noexcept
    {
        if (record.outcome == request_outcome::denied) return R"(["connection","denied"])";
        if (record.event == record_event::start) return R"(["connection","allowed","start"])";
        if (record.event == record_event::progress) return R"(["connection","info"])";
        return record.outcome == request_outcome::tunnel ? R"(["connection","allowed","end"])"
                                                         : R"(["connection","error"])";
    }

    [[nodiscard]] static std::string_view action_of(tunnel_record const& record) noexcept
    {
        if (record.outcome == request_outcome::denied) return "request-denied";
        if (record.outcome == request_outcome::unread) return "request-unread";
        if (record.event == record_event::end) return "tunnel-end";
        return record.event == record_event::start ? "tunnel-start" : "tunnel-progress";
    }

    static void append_event(json_writer& out, tunnel_record const& record)
    {
        out.text({"", "event.action", ""}, action_of(record));
        out.text({"", "event.outcome", ""}, is_success(record.status) ? "success" : "failure");
        out.text({"", "event.reason", ""}, error_name(record.error));
        out.text({"", "event.start", ""}, view_of(internet_time(start_of(record))));
        if (record.event == record_event::end)
            out.text({"", "event.end", ""}, view_of(internet_time(record.ended)));
        auto const nanoseconds = std::chrono::nanoseconds{record.elapsed}.count();
        out.number({"", "event.duration", ""},
                   static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0)));
        if (record.trace) {
            out.text({"", "trace.id", ""}, record.trace->trace_id);
            out.text({"", "span.id", ""}, record.trace->parent_id);
        }
    }

    static void append_destination(json_writer& out, tunnel_record const& record)
    {
        auto const target = split_target(record.target);
        bool const is_address = target.host.find_first_not_of("0123456789.") == target.host.npos ||
                                target.host.find(':') != target.host.npos;
        if (!is_address) out.text({"", "destination.domain", ""}, target.host);
        out.count({"", "destination.port", ""}, target.port);
        if (record.parent.empty()) out.text({"", "destination.ip", ""}, record.peer);
        out.text({"", "url.original", ""}, record.target);
        out.text({"", "url.domain", ""}, target.host);
        out.count({"", "url.port", ""}, target.port);
    }
};

class otlp_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        auto const severity = severity_of(record);
        begin(line);
        line += R"("timeUnixNano":")";
        append_nanoseconds(line, record.ended);
        line += R"(","observedTimeUnixNano":")";
        append_nanoseconds(line, record.ended);
        begin_text(line, severity);
        append_summary(line, record);
        line.append(R"("},"eventName":"viaduct.tunnel.)").append(word_of(record.event)) += '"';
        append_trace(line, record);
        line += R"(,"attributes":[{"key":"network.transport","value":{"stringValue":"tcp"}})";
        json_writer out{line, json_dialect::otlp};
        out.text({"", "", "network.protocol.name"}, record.method.empty() ? "" : "http");
        auto const target = split_target(record.target);
        out.text({"", "", "server.address"}, target.host);
        out.count({"", "", "server.port"}, target.port);
        write_members(out, record);
        out.milliseconds({"", "", "viaduct.elapsed_ms"}, record.elapsed);
        line += end;
    }

    void append_loss(std::uint64_t lost, std::string& line) const override
    {
        begin(line);
        line += R"("timeUnixNano":"0)"; // nobody knows when
        begin_text(line, {13, "WARN", "warn"});
        append_loss_text(line, lost);
        line += R"("},"eventName":"viaduct.loss","attributes":[{"key":"viaduct.lost","value":{"intValue":")";
        append_number(line, lost);
        line.append(R"("}})").append(end);
    }

    [[nodiscard]] record_wishes wishes() const noexcept override { return every_record_wish; }

private:
    static constexpr std::string_view end = "]}]}]}]}\n";

    static void begin(std::string& line)
    {
        line += R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":)";
        line +=
            R"({"stringValue":"viaduct"}}]},"scopeLogs":[{"scope":{"name":"viaduct.access"},"logRecords":[{)";
    }

    /// Up to the inside of the body.
    static void begin_text(std::string& line, log_severity severity)
    {
        line += R"(","severityNumber":)";
        append_number(line, severity.number);
        line.append(R"(,"severityText":")").append(severity.name).append(R"(","body":{"stringValue":")");
    }

    static void append_trace(std::string& line, tunnel_record const& record)
    {
        if (!record.trace) return;
        line += R"(,"traceId":")";
        escape::json(line, record.trace->trace_id);
        line += R"(","spanId":")";
        escape::json(line, record.trace->parent_id);
        line += record.trace->sampled ? R"(","flags":1)" : R"(","flags":0)";
    }
};

} // namespace detail

VIADUCT_DECL record_format_ptr json_flat()
{
    return std::make_shared<detail::flat_format>();
}

VIADUCT_DECL record_format_ptr json_ecs()
{
    return std::make_shared<detail::ecs_format>();
}

VIADUCT_DECL record_format_ptr json_otlp()
{
    return std::make_shared<detail::otlp_format>();
}

} // namespace viaduct

#endif
