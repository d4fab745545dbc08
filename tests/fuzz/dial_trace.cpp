// What a dial tells of a proxy is whole lines without controls and without secrets, whatever the proxy sends.

#include "one_json.hpp"
#include "target.hpp"
#include <viaduct/client/dial_spans.hpp>
#include <viaduct/client/dial_trace.hpp>
#include <viaduct/log/callback_line_sink.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace fuzz::dial_trace_target {
namespace {

constexpr std::string_view secret = "oPeNsEsAmE";

void check_line(std::string_view line)
{
    bool const ends = line.ends_with('\n');
    must(ends, "a whole line", line);
    line.remove_suffix(1);
    bool const shown = std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    bool const marked = line.starts_with("* ") || line == ">" || line == "<" || line.starts_with("> ") ||
                        line.starts_with("< ");
    must(shown && marked, "a line of its own kind", line);
}

void check_span(std::string_view line)
{
    bool const whole = line.ends_with('\n') && fuzz::is_one_json_object(line.substr(0, line.size() - 1));
    must(whole, "one JSON object", line);
}

/// Passes on what is told, once it is checked.
[[nodiscard]] viaduct::line_sink_ptr checked(void (*check)(std::string_view))
{
    return std::make_shared<viaduct::callback_line_sink>([check](std::string_view line) {
        check(line);
        must(line.find(secret) == line.npos, "no secret", line);
    });
}

void dial(viaduct::dial_observer& observer, std::string const& text)
{
    viaduct::dial_moment const now{std::chrono::steady_clock::now(), 0, 0, "http://proxy.example:3128", 1};
    viaduct::authority const target{"broker.example", 8883};
    observer.on_dialling(now, target);
    observer.on_securing(now);
    observer.on_secured(now, {text, text, text, text, 0, text}, {});
    observer.on_asking(now, target);
    observer.on_authorizing(now, text);
    auto const field = [](char const* name) { return std::string{name}.append(secret) + "\r\n"; };
    auto const head = "HTTP/1.1 407 " + text + "\r\n" + field("Set-Cookie: a=") +
                      field("Proxy-Authenticate: Negotiate ") + text + "\r\n" +
                      field("Proxy-Authentication-Info:\r\n nextnonce=") + "\r\n";
    observer.on_answer(now, head, {}, {});
    viaduct::connect_failure failure{viaduct::errc::proxy_refused, {}};
    failure.report.reply.status = 403;
    failure.report.reply.reason = text;
    observer.on_failed(now, failure);
}

void check(std::string_view input)
{
    std::string const text{input};
    if (text.find(secret) != text.npos) return; // whoever tells it in the open has none
    viaduct::dial_trace trace{checked(check_line)};
    dial(trace, text);
    viaduct::dial_spans spans{checked(check_span)};
    dial(spans, text);
}

target const self{"dial_trace", check};

} // namespace
} // namespace fuzz::dial_trace_target
