#ifndef VIADUCT_IMPL_LOG_ECS_FORMAT_HPP
#define VIADUCT_IMPL_LOG_ECS_FORMAT_HPP

#include <viaduct/http/status.hpp>
#include <viaduct/impl/log/json_summary.hpp>
#include <viaduct/log/record_format.hpp>

#include <algorithm>

namespace viaduct::detail {

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
        append_event(record, line);
        append_destination(record, line);
        members_.append(record, line);
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
    [[nodiscard]] static json_key key(std::string_view name, json_type type = json_type::text)
    {
        return {json_dialect::ecs, type, {{}, name, {}}};
    }

    [[nodiscard]] static std::string_view types_of(tunnel_record const& record) noexcept
    {
        if (record.outcome == request_outcome::denied) return R"(["connection","denied"])";
        if (record.event == record_event::start) return R"(["connection","allowed","start"])";
        if (record.event == record_event::progress) return R"(["connection","info"])";
        return record.outcome == request_outcome::unread ? R"(["connection","error"])"
                                                         : R"(["connection","allowed","end"])";
    }

    [[nodiscard]] static std::string_view action_of(tunnel_record const& record) noexcept
    {
        if (record.outcome == request_outcome::denied) return "request-denied";
        if (record.outcome == request_outcome::unread) return "request-unread";
        if (record.outcome == request_outcome::page) return "page";
        if (record.event == record_event::end) return "tunnel-end";
        return record.event == record_event::start ? "tunnel-start" : "tunnel-progress";
    }

    void append_event(tunnel_record const& record, std::string& line) const
    {
        action_.word(line, action_of(record));
        outcome_.word(line, is_success(record.status) ? "success" : "failure");
        reason_.text(line, error_name(record.error));
        start_.word(line, view_of(internet_time(start_of(record))));
        if (record.event == record_event::end) end_.word(line, view_of(internet_time(record.ended)));
        auto const nanoseconds = std::chrono::nanoseconds{record.elapsed}.count();
        duration_.number(line, static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0)));
        if (!record.trace) return;
        trace_id_.text(line, record.trace->trace_id);
        span_id_.text(line, record.trace->parent_id);
    }

    void append_destination(tunnel_record const& record, std::string& line) const
    {
        auto const target = split_target(record.target);
        bool const is_address = target.host.find_first_not_of("0123456789.") == target.host.npos ||
                                target.host.find(':') != target.host.npos;
        if (!is_address) domain_.text(line, target.host);
        port_.count(line, target.port);
        if (record.parent.empty()) ip_.text(line, record.peer);
        url_.text(line, record.target);
        url_domain_.text(line, target.host);
        url_port_.count(line, target.port);
    }

    json_members members_{json_dialect::ecs};
    json_key action_ = key("event.action");
    json_key outcome_ = key("event.outcome");
    json_key reason_ = key("event.reason");
    json_key start_ = key("event.start");
    json_key end_ = key("event.end");
    json_key duration_ = key("event.duration", json_type::number);
    json_key trace_id_ = key("trace.id");
    json_key span_id_ = key("span.id");
    json_key domain_ = key("destination.domain");
    json_key port_ = key("destination.port", json_type::number);
    json_key ip_ = key("destination.ip");
    json_key url_ = key("url.original");
    json_key url_domain_ = key("url.domain");
    json_key url_port_ = key("url.port", json_type::number);
};

} // namespace viaduct::detail

#endif
