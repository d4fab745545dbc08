// One record is one line, whatever is in it: in every format, and behind every framing.

#include "any_record.hpp"
#include "one_json.hpp"
#include "target.hpp"
#include <viaduct/detail/message_text.hpp>
#include <viaduct/log/envoy_format.hpp>
#include <viaduct/log/haproxy_tcp.hpp>
#include <viaduct/log/json_lines.hpp>
#include <viaduct/log/squid_formats.hpp>
#include <viaduct/log/squid_logformat.hpp>
#include <viaduct/log/squid_native.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz::log_line_target {
namespace {

enum class kind
{
    text,
    json
};

struct form
{
    char const* name;
    kind what;
    viaduct::record_format_ptr format;
};

/// Every column that a client or a proxy can have a say in, in every quoting but the raw one.
constexpr std::string_view every_quoting =
    R"(%>a %rm %ru %un "%>h" [%[{User-Agent}>h] %'{User-Agent}>h %#{Referer}>h %/ru "%"{User-Agent}>h" %mt %Sh %err_code %sn)";
constexpr std::string_view every_command =
    "%REQ(USER-AGENT)% \"%REQ(:AUTHORITY)%\" %REQUESTED_SERVER_NAME% %RESPONSE_CODE_DETAILS% "
    "%UPSTREAM_TRANSPORT_FAILURE_REASON% %CONNECTION_TERMINATION_DETAILS% %DOWNSTREAM_PEER_SUBJECT% "
    "%RESPONSE_FLAGS%\n";

std::vector<form> const& forms()
{
    static std::vector<form> const all{
        {"squid", kind::text, viaduct::squid_native()},
        {"common", kind::text, viaduct::squid_common()},
        {"combined", kind::text, viaduct::squid_combined()},
        {"referrer", kind::text, viaduct::squid_referrer()},
        {"useragent", kind::text, viaduct::squid_useragent()},
        {"logformat", kind::text, std::make_shared<viaduct::squid_logformat>(every_quoting)},
        {"envoy", kind::text, viaduct::envoy_default()},
        {"istio", kind::text, viaduct::istio_default()},
        {"envoy string", kind::text, std::make_shared<viaduct::envoy_format>(every_command)},
        {"haproxy", kind::text, viaduct::haproxy_tcp()},
        {"json", kind::json, viaduct::json_flat()},
        {"ecs", kind::json, viaduct::json_ecs()},
        {"otlp", kind::json, viaduct::json_otlp()},
    };
    return all;
}

[[nodiscard]] bool is_control(char c) noexcept
{
    auto const octet = static_cast<unsigned char>(c);
    return octet < 0x20U || octet == 0x7fU;
}

[[nodiscard]] bool is_one_line(std::string_view line)
{
    if (line.empty() || line.back() != '\n') return false;
    line.remove_suffix(1);
    return std::none_of(line.begin(), line.end(), is_control);
}

/// Formats for columns leave nothing beyond ASCII as it is.
[[nodiscard]] bool is_ascii(std::string_view line)
{
    return std::all_of(line.begin(), line.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
}

/// And it has no control in two octets, which terminals obey as well (RFC 3629: C2 80 to C2 9F).
[[nodiscard]] bool is_one_object(std::string_view line)
{
    auto const last = line.size() - 1; // its line feed
    for (std::size_t at = line.find('\xc2'); at < last; at = line.find('\xc2', at + 1))
        if (static_cast<unsigned char>(line[at + 1]) < 0xa0U) return false;
    return fuzz::is_one_json_object(line.substr(0, last));
}

/// What goes to a syslog daemon for a line that nobody has formatted: one message, whatever the line is.
[[nodiscard]] bool is_one_message(std::string_view line)
{
    constexpr std::size_t most = 512;
    std::string message;
    viaduct::detail::append_message_text(message, viaduct::detail::without_line_feed(line), most, false);
    return message.size() <= most && std::none_of(message.begin(), message.end(), is_control);
}

void check(std::string_view input)
{
    must(is_one_message(input), "one message for syslog", input);
    auto const record = fuzz::any_record(input);
    std::string line;
    for (auto const& [name, what, format] : forms()) {
        line.clear();
        format->append(record, line);
        bool const good = is_one_line(line) && (what == kind::text ? is_ascii(line) : is_one_object(line));
        must(good, name, line);
    }
}

target const self{"log_line", check};

} // namespace
} // namespace fuzz::log_line_target
