#ifndef VIADUCT_IMPL_DETAIL_SYSLOG_HEADER_IPP
#define VIADUCT_IMPL_DETAIL_SYSLOG_HEADER_IPP

#include <viaduct/detail/syslog_header.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <ctime>
#include <iterator>

namespace viaduct::detail {

/// One column of a header: printable ASCII without spaces, so long at most, `-` for nothing.
[[nodiscard]] inline std::string syslog_column(std::string_view text, std::size_t most,
                                               std::string_view forbidden = {})
{
    std::string column{text.substr(0, most)};
    for (char& c : column)
        if (c <= ' ' || c >= 0x7f || forbidden.find(c) != std::string_view::npos) c = '_';
    return column.empty() ? "-" : column;
}

VIADUCT_DECL syslog_header syslog_header::rfc3164(int priority, std::string_view tag, std::string_view procid)
{
    syslog_header header;
    header.is_rfc3164_ = true;
    header.before_ = fmt::format("<{}>", priority);
    header.behind_ =
        fmt::format(" {}[{}]: ", syslog_column(tag, 48, "[]:"), syslog_column(procid, 128, "[]:"));
    return header;
}

VIADUCT_DECL syslog_header syslog_header::rfc5424(int priority, std::string_view hostname,
                                                  std::string_view app_name, std::string_view procid)
{
    syslog_header header;
    header.before_ = fmt::format("<{}>1 ", priority);
    header.behind_ = fmt::format(" {} {} {} - - ", syslog_column(hostname, 255), syslog_column(app_name, 48),
                                 syslog_column(procid, 128));
    return header;
}

VIADUCT_DECL void syslog_header::append(std::string& out, std::chrono::system_clock::time_point now) const
{
    static constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const seconds = std::chrono::floor<std::chrono::seconds>(now);
    auto const time = std::chrono::system_clock::to_time_t(seconds);
    std::tm parts{};
    out += before_;
    if (is_rfc3164_) {
        ::localtime_r(&time, &parts);
        fmt::format_to(std::back_inserter(out), "{} {:2} {:02}:{:02}:{:02}", months[parts.tm_mon],
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    } else {
        ::gmtime_r(&time, &parts);
        auto const micros = std::chrono::duration_cast<std::chrono::microseconds>(now - seconds).count();
        fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                       parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                       parts.tm_sec, micros);
    }
    out += behind_;
}

} // namespace viaduct::detail

#endif
