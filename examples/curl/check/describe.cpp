#include "answers.hpp"
#include "judge.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace viaduct_curl::check {
namespace {

[[nodiscard]] std::string in_seconds(std::chrono::milliseconds time)
{
    return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000);
}

/// How it went on behind an answer.
[[nodiscard]] std::string_view afterwards(ending end)
{
    switch (end) {
    case ending::closed: return ", then closed";
    case ending::reset: return ", then reset";
    case ending::kept_open: return ", kept open";
    default: return "";
    }
}

[[nodiscard]] std::string describe_answers(std::vector<answer> const& answers, ending end)
{
    std::string text;
    for (auto const& one : answers) {
        if (!text.empty()) text += ", then ";
        text += std::to_string(one.status);
        if (!one.reason.empty()) text.append(" ").append(shown(one.reason));
    }
    if (answers.back().accepts() && !answers.back().rest.empty()) return text + ", and octets of the tunnel";
    return text.append(afterwards(end));
}

} // namespace

std::string shown(std::string_view untrusted)
{
    constexpr std::size_t most = 60;
    std::string out;
    for (char const c : untrusted.substr(0, most)) {
        auto const octet = static_cast<unsigned char>(c);
        if (octet >= 0x20 && octet < 0x7f)
            out += c;
        else
            out += fmt::format("\\x{:02x}", octet);
    }
    return untrusted.size() > most ? out + "..." : out;
}

std::string describe(observation const& seen)
{
    if (auto const answers = read_answers(seen.received); !answers.empty())
        return describe_answers(answers, seen.end);
    if (!seen.received.empty())
        return fmt::format("no answer of HTTP/1: \"{}\"", shown(seen.received.substr(0, 24)));
    switch (seen.end) {
    case ending::untried: return "not tried: " + seen.problem;
    case ending::unreachable: return "not reached: " + shown(seen.problem);
    case ending::closed: return "closed without an answer";
    case ending::reset: return "reset without an answer";
    default: return "no answer within " + in_seconds(seen.took);
    }
}

std::string_view name_of(verdict v) noexcept
{
    constexpr std::string_view names[] = {"ok", "note", "RISK", "-"};
    return names[static_cast<std::size_t>(v)];
}

} // namespace viaduct_curl::check
