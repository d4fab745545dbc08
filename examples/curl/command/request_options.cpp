#include "command/schemes.hpp"
#include "command/values.hpp"
#include "failure.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <sys/stat.h>

namespace viaduct_curl {
namespace {

void take_head(given& g)
{
    g.now.request.head = g.on;
    g.now.answer.include = g.on;
}

/// The lines of a file, without their ends; empty ones are left out.
void add_lines(std::vector<std::string>& to, std::string_view text)
{
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) to.emplace_back(line);
    }
}

void take_header(given& g)
{
    auto& headers = g.now.request.headers;
    if (g.value.starts_with('@'))
        add_lines(headers, value_or_file(g));
    else
        headers.push_back(g.value);
}

void take_referer(given& g)
{
    auto const end = g.value.find(";auto");
    g.now.request.referer_follows = end != std::string::npos;
    g.now.request.referer = g.value.substr(0, end);
}

void take_range(given& g)
{
    auto range = g.value;
    if (range.find_first_not_of("0123456789-,") != std::string::npos)
        warn(g.now, fmt::format("{}: '{}' is more than digits, '-' and ','; what the server makes of it is "
                                "uncertain",
                                g.shown, range));
    else if (range.find('-') == std::string::npos)
        warn(g.now, fmt::format("{}: a range has a '-'; '{}-' is asked for", g.shown, range)), range += '-';
    g.now.passed.set(CURLOPT_RANGE, g.name, range);
}

/// When a file was last written, if it is there.
[[nodiscard]] std::optional<std::time_t> time_of_file(std::string const& name)
{
    struct stat info = {};
    if (::stat(name.c_str(), &info) != 0) return std::nullopt;
    return info.st_mtime;
}

[[nodiscard]] std::optional<std::time_t> read_date(std::string const& text)
{
    auto const date = curl_getdate(text.c_str(), nullptr);
    return date == -1 ? time_of_file(text) : date;
}

void take_time_condition(given& g)
{
    long condition = CURL_TIMECOND_IFMODSINCE;
    if (g.value.starts_with('-')) condition = CURL_TIMECOND_IFUNMODSINCE;
    if (g.value.starts_with('=')) condition = CURL_TIMECOND_LASTMOD;
    bool const has_sign = !g.value.empty() && std::string_view{"+-="}.find(g.value[0]) != std::string::npos;
    auto const text = g.value.substr(has_sign ? 1 : 0);
    auto const date = read_date(text);
    g.now.passed.set(CURLOPT_TIMECONDITION, g.name,
                     date ? std::int64_t{condition} : std::int64_t{CURL_TIMECOND_NONE});
    g.now.passed.set(CURLOPT_TIMEVALUE_LARGE, g.name, std::int64_t{date.value_or(0)});
    if (!date)
        warn(g.now,
             fmt::format("{}: '{}' is neither a date nor a file; there is no condition", g.shown, text));
}

template <long Version>
void take_version(given& g)
{
    auto const* const before = g.now.passed.find(CURLOPT_HTTP_VERSION);
    if (before && *before != passed_options::value{std::int64_t{Version}})
        warn(g.now, "Overrides previous HTTP version option");
    g.now.passed.set(CURLOPT_HTTP_VERSION, g.name, std::int64_t{Version});
}

void take_http_3(given& g)
{
    bool const known = (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP3) != 0;
    if (!known) misuse(g, "the installed libcurl version doesn't support this");
    g.now.passed.set(CURLOPT_HTTP_VERSION, g.name, std::int64_t{CURL_HTTP_VERSION_3});
}

void take_raw(given& g)
{
    g.now.passed.set(CURLOPT_HTTP_CONTENT_DECODING, g.name, g.on ? 0 : 1);
    g.now.passed.set(CURLOPT_HTTP_TRANSFER_DECODING, g.name, g.on ? 0 : 1);
}

void take_compressed(given& g)
{
    if (g.on)
        g.now.passed.set(CURLOPT_ACCEPT_ENCODING, g.name, ""); // all that libcurl can undo
    else
        g.now.passed.erase(CURLOPT_ACCEPT_ENCODING);
}

void take_rate(given& g)
{
    auto const rate = read_size(g);
    g.now.passed.set(CURLOPT_MAX_RECV_SPEED_LARGE, g.name, rate);
    g.now.passed.set(CURLOPT_MAX_SEND_SPEED_LARGE, g.name, rate);
}

/// Either of -Y and -y brings the other one along.
void take_low_speed(given& g)
{
    g.now.passed.set(CURLOPT_LOW_SPEED_LIMIT, g.name, read_number(g));
    if (!g.now.passed.find(CURLOPT_LOW_SPEED_TIME)) g.now.passed.set(CURLOPT_LOW_SPEED_TIME, g.name, 30);
}

void take_low_speed_time(given& g)
{
    g.now.passed.set(CURLOPT_LOW_SPEED_TIME, g.name, read_number(g));
    if (!g.now.passed.find(CURLOPT_LOW_SPEED_LIMIT)) g.now.passed.set(CURLOPT_LOW_SPEED_LIMIT, g.name, 1);
}

void take_expect_time(given& g)
{
    g.now.passed.set(CURLOPT_EXPECT_100_TIMEOUT_MS, g.name, std::int64_t{read_seconds(g).count()});
}

void take_schemes(given& g)
{
    g.now.request.schemes = read_schemes(g, g.now.request.schemes);
}

void take_default_scheme(given& g)
{
    if (g.value != "http" && g.value != "https")
        throw failure{CURLE_UNSUPPORTED_PROTOCOL,
                      fmt::format("option {}: '{}' is not spoken", g.shown, g.value)};
    g.now.request.default_scheme = g.value;
}

constexpr std::array rows{
    option{"request", 'X', "method", [](given& g) { g.now.request.method = g.value; }, "The method"},
    option{"header", 'H', "field|@file", take_header, "A field for the origin"},
    option{"user-agent", 'A', "text", [](given& g) { g.now.request.user_agent = g.value; },
           "The User-Agent, for proxy and origin"},
    option{"referer", 'e', "url", take_referer, "The Referer; ';auto' behind it: where a redirect came from"},
    option{"head", 'I', "", take_head, "Ask for the head only"},
    option{"request-target", 0, "path", pass_text<CURLOPT_REQUEST_TARGET>,
           "What to ask for, in place of the path"},
    option{"path-as-is", 0, "", [](given& g) { g.now.request.path_as_is = g.on; }, "Leave /../ in the path"},
    option{"range", 'r', "range", take_range, "Ask for some octets only"},
    option{"time-cond", 'z', "time", take_time_condition,
           "Ask for what is newer than a date or a file; '-': older"},
    option{"compressed", 0, "", take_compressed, "Ask for compressed content, and show it unpacked"},
    option{"tr-encoding", 0, "", pass_flag<CURLOPT_TRANSFER_ENCODING>, "Ask for a compressed transfer"},
    option{"raw", 0, "", take_raw, "Show chunks and compressed content as they come"},
    option{"ignore-content-length", 0, "", pass_flag<CURLOPT_IGNORE_CONTENT_LENGTH>,
           "Read to the end of the connection"},
    option{"expect100-timeout", 0, "seconds", take_expect_time, "How long to wait for a 100"},
    option{"max-filesize", 0, "octets", pass_size<CURLOPT_MAXFILESIZE_LARGE>, "Refuse longer answers"},
    option{"limit-rate", 0, "speed", take_rate, "Octets a second at most"},
    option{"speed-limit", 'Y', "speed", take_low_speed, "Give up if it is slower, in octets a second"},
    option{"speed-time", 'y', "seconds", take_low_speed_time, "For how long it may be so slow"},
    option{"http1.0", '0', "", take_version<CURL_HTTP_VERSION_1_0>, "Speak HTTP/1.0"},
    option{"http1.1", 0, "", take_version<CURL_HTTP_VERSION_1_1>, "Speak HTTP/1.1"},
    option{"http2", 0, "", take_version<CURL_HTTP_VERSION_2_0>, "Speak HTTP/2 if the origin does"},
    option{"http2-prior-knowledge", 0, "", take_version<CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE>,
           "Speak HTTP/2 without asking"},
    option{"http3", 0, "", take_http_3, "Speak HTTP/3 if libcurl does"},
    option{"http0.9", 0, "", pass_flag<CURLOPT_HTTP09_ALLOWED>, "Take answers without a head"},
    option{"proto", 0, "schemes", take_schemes, "Schemes that may be used: '=https', '-http'"},
    option{"proto-default", 0, "scheme", take_default_scheme, "That of URLs without one"},
    option{"alt-svc", 0, "file", pass_text<CURLOPT_ALTSVC>, "Where alternative services are kept"},
    option{"hsts", 0, "file", pass_text<CURLOPT_HSTS>, "Where it is kept which hosts want https"},
    option{"no-buffer", 'N', "", [](given&) {}, "Write at once what comes, which is done anyway"},
};

} // namespace

topic request_options()
{
    return {"The request", rows};
}

} // namespace viaduct_curl
