#ifndef VIADUCT_IMPL_LOG_OTLP_FORMAT_HPP
#define VIADUCT_IMPL_LOG_OTLP_FORMAT_HPP

#include <viaduct/impl/log/json_summary.hpp>
#include <viaduct/log/record_format.hpp>

namespace viaduct::detail {

inline void append_nanoseconds(std::string& line, log_time moment)
{
    append_number(line, std::chrono::nanoseconds{moment.time_since_epoch()}.count());
}

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
        if (!record.method.empty()) protocol_.word(line, "http");
        auto const target = split_target(record.target);
        host_.text(line, target.host);
        port_.count(line, target.port);
        members_.append(record, line);
        elapsed_.milliseconds(line, record.elapsed);
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
    [[nodiscard]] static json_key key(std::string_view name, json_type type = json_type::text)
    {
        return {json_dialect::otlp, type, {{}, {}, name}};
    }

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

    json_members members_{json_dialect::otlp};
    json_key protocol_ = key("network.protocol.name");
    json_key host_ = key("server.address");
    json_key port_ = key("server.port", json_type::number);
    json_key elapsed_ = key("viaduct.elapsed_ms", json_type::milliseconds);
};

} // namespace viaduct::detail

#endif
