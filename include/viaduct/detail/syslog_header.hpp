#ifndef VIADUCT_DETAIL_SYSLOG_HEADER_HPP
#define VIADUCT_DETAIL_SYSLOG_HEADER_HPP

#include <viaduct/detail/config.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// What stands before the text of a syslog message; all but the time is made once.
class syslog_header
{
public:
    /// As libc writes it to the local daemon, with the local time and without a host: RFC 3164 section 4.1.
    [[nodiscard]] VIADUCT_DECL static syslog_header rfc3164(int priority, std::string_view tag,
                                                            std::string_view procid);

    /// RFC 5424 section 6, without a message's name or structured data.
    [[nodiscard]] VIADUCT_DECL static syslog_header
    rfc5424(int priority, std::string_view hostname, std::string_view app_name, std::string_view procid);

    VIADUCT_DECL void append(std::string& out, std::chrono::system_clock::time_point now) const;

private:
    std::string before_; // the time
    std::string behind_;
    bool is_rfc3164_ = false;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/syslog_header.ipp>
#endif

#endif
