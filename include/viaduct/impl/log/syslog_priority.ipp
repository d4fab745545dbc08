#ifndef VIADUCT_IMPL_LOG_SYSLOG_PRIORITY_IPP
#define VIADUCT_IMPL_LOG_SYSLOG_PRIORITY_IPP

#include <viaduct/log/syslog_priority.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace viaduct {
namespace detail {

template <class Value>
using syslog_name = std::pair<std::string_view, Value>;

inline constexpr std::array<syslog_name<syslog_facility>, 20> facility_names{{
    {"kern", syslog_facility::kern},         {"user", syslog_facility::user},
    {"mail", syslog_facility::mail},         {"daemon", syslog_facility::daemon},
    {"auth", syslog_facility::auth},         {"syslog", syslog_facility::syslog},
    {"lpr", syslog_facility::lpr},           {"news", syslog_facility::news},
    {"uucp", syslog_facility::uucp},         {"cron", syslog_facility::cron},
    {"authpriv", syslog_facility::authpriv}, {"ftp", syslog_facility::ftp},
    {"local0", syslog_facility::local0},     {"local1", syslog_facility::local1},
    {"local2", syslog_facility::local2},     {"local3", syslog_facility::local3},
    {"local4", syslog_facility::local4},     {"local5", syslog_facility::local5},
    {"local6", syslog_facility::local6},     {"local7", syslog_facility::local7},
}};

inline constexpr std::array<syslog_name<syslog_severity>, 11> severity_names{{
    {"emerg", syslog_severity::emerg},
    {"panic", syslog_severity::emerg},
    {"alert", syslog_severity::alert},
    {"crit", syslog_severity::crit},
    {"err", syslog_severity::err},
    {"error", syslog_severity::err},
    {"warning", syslog_severity::warning},
    {"warn", syslog_severity::warning},
    {"notice", syslog_severity::notice},
    {"info", syslog_severity::info},
    {"debug", syslog_severity::debug},
}};

template <class Names>
[[nodiscard]] auto find_syslog_name(Names const& names, std::string_view word)
    -> std::optional<std::remove_cvref_t<decltype(names[0].second)>>
{
    for (auto const& [name, value] : names)
        if (name == word) return value;
    return std::nullopt;
}

/// In lower case, and without the prefix that the names have in C.
[[nodiscard]] inline std::string plain_syslog_word(std::string_view word)
{
    std::string plain;
    for (char const c : word)
        plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return plain.rfind("log_", 0) == 0 ? plain.substr(4) : plain;
}

} // namespace detail

VIADUCT_DECL syslog_priority parse_syslog_priority(std::string_view text)
{
    std::optional<syslog_facility> facility;
    std::optional<syslog_severity> severity;
    for (std::size_t begin = 0; begin < text.size();) {
        auto const end = std::min(text.find_first_of(".|", begin), text.size());
        auto const word = detail::plain_syslog_word(text.substr(begin, end - begin));
        auto const problem = [&](char const* what, char const* hint) {
            return format_problem{begin + 1, what + (" '" + word + '\''), hint};
        };
        if (auto const found = detail::find_syslog_name(detail::facility_names, word)) {
            if (facility)
                throw problem("a second facility", "one of the two is a priority, as in local4.info");
            facility = *found;
        } else if (auto const level = detail::find_syslog_name(detail::severity_names, word)) {
            if (severity)
                throw problem("a second priority", "one of the two is a facility, as in local4.info");
            severity = *level;
        } else
            throw problem("unknown facility or priority",
                          "facilities are authpriv, daemon, local0 to local7, user and the like, and "
                          "priorities err, warning, notice, info and debug");
        begin = end + 1;
    }
    return {facility.value_or(syslog_priority{}.facility), severity.value_or(syslog_priority{}.severity)};
}

} // namespace viaduct

#endif
