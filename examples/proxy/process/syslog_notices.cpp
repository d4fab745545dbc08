#include "syslog_notices.hpp"

#include "../say.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>
#include <sys/stat.h>
#include <syslog.h>
#include <utility>

namespace viaduct_proxy {
namespace {

constexpr std::pair<char const*, int> facilities[] = {
    {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},     {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6},     {"local7", LOG_LOCAL7},
    {"daemon", LOG_DAEMON}, {"user", LOG_USER},     {"authpriv", LOG_AUTHPRIV},
};

[[nodiscard]] int to_facility(std::string const& text)
{
    for (auto const& [name, number] : facilities)
        if (text == name) return number;
    throw std::runtime_error(
        fmt::format("-l '{}': write local0 to local7, daemon, user or authpriv", printable(text)));
}

/// systemd says so in $JOURNAL_STREAM: the device and the number of what it gave as output.
[[nodiscard]] bool is_in_journal()
{
    char const* const journal = std::getenv("JOURNAL_STREAM");
    struct stat output
    {};
    return journal && ::fstat(STDERR_FILENO, &output) == 0 &&
           fmt::format("{}:{}", output.st_dev, output.st_ino) == journal;
}

void to_syslog(char const* line)
{
    ::syslog(LOG_NOTICE, "%s", line);
}

} // namespace

void tell_syslog(std::string const& facility)
{
    int const number = to_facility(facility);
    if (is_in_journal()) return;
    ::openlog("viaduct-proxy", LOG_PID | LOG_NDELAY, number);
    second_listener() = &to_syslog;
}

} // namespace viaduct_proxy
