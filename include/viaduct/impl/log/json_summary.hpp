#ifndef VIADUCT_IMPL_LOG_JSON_SUMMARY_HPP
#define VIADUCT_IMPL_LOG_JSON_SUMMARY_HPP

#include <viaduct/impl/log/json_members.hpp>

#include <fmt/format.h>

#include <iterator>

namespace viaduct::detail {

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

} // namespace viaduct::detail

#endif
