#ifndef VIADUCT_LOG_SYSLOG_PRIORITY_HPP
#define VIADUCT_LOG_SYSLOG_PRIORITY_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/format_problem.hpp>

#include <string_view>

namespace viaduct {

/// Which part of a system speaks (RFC 5424 section 6.2.1), by the names of `syslog.conf`.
enum class syslog_facility : unsigned char
{
    kern = 0,
    user,
    mail,
    daemon,
    auth,
    syslog,
    lpr,
    news,
    uucp,
    cron,
    authpriv,
    ftp,
    local0 = 16,
    local1,
    local2,
    local3,
    local4,
    local5,
    local6,
    local7
};

/// How bad it is (RFC 5424 section 6.2.1).
enum class syslog_severity : unsigned char
{
    emerg = 0,
    alert,
    crit,
    err,
    warning,
    notice,
    info,
    debug
};

/// Both, as syslog wants to have them with each message.
struct syslog_priority
{
    syslog_facility facility = syslog_facility::user;
    syslog_severity severity = syslog_severity::info;

    /// The number between the angle brackets.
    [[nodiscard]] constexpr int value() const noexcept
    {
        return static_cast<int>(facility) * 8 + static_cast<int>(severity);
    }

    friend bool operator==(syslog_priority const&, syslog_priority const&) = default;
};

/// Reads `local4.info`, as Squid's `syslog:` module does.
/**
 * What is left out is as in a `syslog_priority{}`; nothing at all, too. Squid's other ways of writing it are
 * taken as well: `LOG_LOCAL4|LOG_INFO`, in any case and order. So are `error`, `warn` and `panic`, as
 * `syslog.conf` knows them.
 *
 * @throws format_problem which names what is wrong.
 */
[[nodiscard]] VIADUCT_DECL syslog_priority parse_syslog_priority(std::string_view text);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/syslog_priority.ipp>
#endif

#endif
