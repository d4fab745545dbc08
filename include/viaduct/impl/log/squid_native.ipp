#ifndef VIADUCT_IMPL_LOG_SQUID_NATIVE_IPP
#define VIADUCT_IMPL_LOG_SQUID_NATIVE_IPP

#include <viaduct/log/escape.hpp>
#include <viaduct/log/squid_native.hpp>

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace viaduct {
namespace detail {

[[nodiscard]] constexpr std::string_view squid_tag(request_outcome outcome) noexcept
{
    switch (outcome) {
    case request_outcome::tunnel: return "TCP_TUNNEL";
    case request_outcome::denied: return "TCP_DENIED";
    default: return "NONE_NONE";
    }
}

[[nodiscard]] inline std::string_view squid_target(tunnel_record const& record) noexcept
{
    if (!record.target.empty()) return record.target;
    return record.status == 0 ? "error:transaction-end-before-headers" : "error:invalid-request";
}

[[nodiscard]] inline std::string_view squid_hierarchy(tunnel_record const& record) noexcept
{
    if (record.peer.empty()) return "HIER_NONE";
    if (record.hierarchy.empty()) return "HIER_DIRECT";
    return record.hierarchy; // not by ?:, which would copy it into a string that is gone by then
}

class squid_native_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        format_squid_native(record, line);
    }
};

} // namespace detail

VIADUCT_DECL void format_squid_native(tunnel_record const& record, std::string& line)
{
    using std::chrono::milliseconds;
    auto const ended = std::chrono::duration_cast<milliseconds>(record.ended.time_since_epoch()).count();
    auto const elapsed = std::chrono::duration_cast<milliseconds>(record.elapsed).count();
    fmt::format_to(std::back_inserter(line), "{:9}.{:03} {:6} {} {}/{:03} {} ", ended / 1000, ended % 1000,
                   elapsed, record.client.empty() ? "-" : record.client, detail::squid_tag(record.outcome),
                   record.status, record.bytes_to_client);
    escape::column(line, record.method);
    line += ' ';
    escape::column(line, detail::squid_target(record));
    line += ' ';
    escape::column(line, record.user);
    fmt::format_to(std::back_inserter(line), " {}/{} {}\n", detail::squid_hierarchy(record),
                   record.peer.empty() ? "-" : record.peer,
                   record.content_type.empty() ? "-" : record.content_type);
}

VIADUCT_DECL record_format_ptr squid_native()
{
    return std::make_shared<detail::squid_native_format>();
}

} // namespace viaduct

#endif
