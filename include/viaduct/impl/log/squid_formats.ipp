#ifndef VIADUCT_IMPL_LOG_SQUID_FORMATS_IPP
#define VIADUCT_IMPL_LOG_SQUID_FORMATS_IPP

#include <viaduct/impl/log/squid_encoding.hpp>
#include <viaduct/impl/log/squid_times.hpp>
#include <viaduct/log/squid_formats.hpp>
#include <viaduct/log/squid_native.hpp>

namespace viaduct {
namespace detail {

/// Appends a field of the request for a place between quotes, with the quotes.
inline void append_quoted_field(std::string& line, tunnel_record const& record, std::string_view name)
{
    auto const value = record.request_fields.find(name).value_or(std::string_view{});
    line += '"';
    if (value.empty()) line += '-';
    escape::quoted(line, value);
    line += '"';
}

/// `CLIENT - USER [TIME] "METHOD TARGET HTTP/1.1" STATUS BYTES `
inline void append_common(std::string& line, tunnel_record const& record)
{
    append_or_dash(line, record.client);
    line.append(" - ");
    append_squid_user(line, record.user);
    line.append(" [");
    line.append(httpd_time{record.ended, true}.text());
    line.append("] \"");
    if (record.method.empty()) line += '-';
    escape::quoted(line, record.method);
    line += ' ';
    escape::quoted(line, squid_target{record}.text());
    line.append(was_silent(record)          ? " NONE/0.0\" "
                : record.minor_version == 0 ? " HTTP/1.0\" "
                                            : " HTTP/1.1\" ");
    append_digits(line, record.status);
    line += ' ';
    append_digits(line, record.bytes_to_client);
    line += ' ';
}

/// `TAG:HIERARCHY` and the end of the line.
inline void append_tag(std::string& line, tunnel_record const& record)
{
    line.append(squid_tag(record.outcome)).append(1, ':').append(squid_hierarchy(record)) += '\n';
}

class squid_common_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        append_common(line, record);
        append_tag(line, record);
    }
};

class squid_combined_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        append_common(line, record);
        append_quoted_field(line, record, "Referer");
        line += ' ';
        append_quoted_field(line, record, "User-Agent");
        line += ' ';
        append_tag(line, record);
    }

    [[nodiscard]] record_wishes wishes() const noexcept override { return {.fields = true}; }
};

class squid_referrer_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        auto const referer = record.request_fields.find("Referer").value_or(std::string_view{});
        append_squid_time(line, record.ended);
        line += ' ';
        append_or_dash(line, record.client);
        line += ' ';
        if (referer.empty()) line += '-';
        append_url_encoded(line, referer.substr(0, escape::max_text), false);
        line += ' ';
        escape::column(line, squid_target{record}.text());
        line += '\n';
    }

    [[nodiscard]] record_wishes wishes() const noexcept override { return {.fields = true}; }
};

class squid_useragent_format final : public record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        append_or_dash(line, record.client);
        line.append(" [");
        line.append(httpd_time{record.ended, true}.text());
        line.append("] ");
        append_quoted_field(line, record, "User-Agent");
        line += '\n';
    }

    [[nodiscard]] record_wishes wishes() const noexcept override { return {.fields = true}; }
};

} // namespace detail

VIADUCT_DECL record_format_ptr squid_common()
{
    return std::make_shared<detail::squid_common_format>();
}

VIADUCT_DECL record_format_ptr squid_combined()
{
    return std::make_shared<detail::squid_combined_format>();
}

VIADUCT_DECL record_format_ptr squid_referrer()
{
    return std::make_shared<detail::squid_referrer_format>();
}

VIADUCT_DECL record_format_ptr squid_useragent()
{
    return std::make_shared<detail::squid_useragent_format>();
}

} // namespace viaduct

#endif
