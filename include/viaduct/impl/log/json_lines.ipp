#ifndef VIADUCT_IMPL_LOG_JSON_LINES_IPP
#define VIADUCT_IMPL_LOG_JSON_LINES_IPP

#include <viaduct/impl/log/ecs_format.hpp>
#include <viaduct/impl/log/json_summary.hpp>
#include <viaduct/impl/log/otlp_format.hpp>
#include <viaduct/log/json_lines.hpp>

namespace viaduct {
namespace detail {

class flat_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        line.append(R"({"time":")").append(view_of(internet_time(record.ended)));
        line.append(R"(","event":")").append(word_of(record.event)) += '"';
        if (record.trace) {
            trace_id_.text(line, record.trace->trace_id);
            span_id_.text(line, record.trace->parent_id);
            line += record.trace->sampled ? R"(,"sampled":true)" : R"(,"sampled":false)";
        }
        members_.append(record, line);
        elapsed_.milliseconds(line, record.elapsed);
        line += "}\n";
    }

    void append_loss(std::uint64_t lost, std::string& line) const override
    {
        fmt::format_to(std::back_inserter(line), "{{\"event\":\"loss\",\"lost\":{}}}\n", lost);
    }

    [[nodiscard]] record_wishes wishes() const noexcept override { return every_record_wish; }

private:
    [[nodiscard]] static json_key key(std::string_view name, json_type type = json_type::text)
    {
        return {json_dialect::flat, type, {name, {}, {}}};
    }

    json_members members_{json_dialect::flat};
    json_key trace_id_ = key("trace_id");
    json_key span_id_ = key("span_id");
    json_key elapsed_ = key("elapsed_ms", json_type::milliseconds);
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
