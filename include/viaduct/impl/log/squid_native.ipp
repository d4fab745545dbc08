#ifndef VIADUCT_IMPL_LOG_SQUID_NATIVE_IPP
#define VIADUCT_IMPL_LOG_SQUID_NATIVE_IPP

#include <viaduct/impl/log/squid_times.hpp>
#include <viaduct/log/escape.hpp>
#include <viaduct/log/squid_native.hpp>

#include <string_view>

namespace viaduct {
namespace detail {

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
    detail::append_squid_time(line, record.ended);
    line += ' ';
    detail::append_digits(line, detail::to_microseconds(detail::squid_elapsed(record)) / 1000, 6, ' ');
    line += ' ';
    detail::append_or_dash(line, record.client);
    line.append(1, ' ').append(detail::squid_tag(record.outcome)) += '/';
    detail::append_digits(line, record.status, 3);
    line += ' ';
    detail::append_digits(line, record.bytes_to_client);
    line += ' ';
    escape::column(line, record.method);
    line += ' ';
    escape::column(line, detail::squid_target{record}.text());
    line += ' ';
    detail::append_squid_user(line, record.user);
    line.append(1, ' ').append(detail::squid_hierarchy(record)) += '/';
    detail::append_or_dash(line, record.peer);
    line += ' ';
    detail::append_or_dash(line, record.content_type);
    line += '\n';
}

VIADUCT_DECL record_format_ptr squid_native()
{
    return std::make_shared<detail::squid_native_format>();
}

} // namespace viaduct

#endif
