#include "report.hpp"

#include <viaduct/log/escape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace viaduct_curl::check {
namespace {

/// Takes the words of a text that fit into a line; at least one, cut off where it is too long.
[[nodiscard]] std::string_view take_line(std::string_view& text, std::size_t width)
{
    auto size = text.size();
    if (size > width) {
        auto const blank = text.rfind(' ', width);
        size = blank == std::string_view::npos || blank == 0 ? width : blank;
    }
    auto const line = text.substr(0, size);
    text.remove_prefix(size);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return line;
}

struct layout
{
    static constexpr std::size_t verdict = 5;
    std::size_t tried = 0;
    std::size_t did = 0;
    std::size_t rfc = 0;
};

[[nodiscard]] layout columns_for(std::size_t width)
{
    constexpr std::size_t least = 72;
    constexpr std::size_t most = 160;
    auto const left = std::clamp(width, least, most) - layout::verdict - 3; // blanks between the columns
    auto const tried = left * 28 / 100;
    auto const did = left * 36 / 100;
    return {.tried = tried, .did = did, .rfc = left - tried - did};
}

[[nodiscard]] std::string_view colour_of(verdict worth)
{
    constexpr std::array<std::string_view, 4> colours{"\033[32m", "\033[33m", "\033[1;31m", "\033[2m"};
    return colours[static_cast<std::size_t>(worth)];
}

void append_trimmed(std::string& out, std::string line)
{
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
}

/// One row, over as many lines as its widest cell needs.
void append_row(std::string& out, row const& one, layout const& columns, bool coloured)
{
    auto tried = one.what->tried;
    auto did = std::string_view{one.found.did};
    auto rfc = one.what->rfc;
    auto mark = fmt::format("{:<{}}", name_of(one.found.worth), layout::verdict);
    if (coloured) mark = fmt::format("{}{}\033[0m", colour_of(one.found.worth), mark);
    do {
        auto const first = take_line(tried, columns.tried);
        auto const second = take_line(did, columns.did);
        append_trimmed(out, fmt::format("{} {:<{}} {:<{}} {}", mark, first, columns.tried, second,
                                        columns.did, take_line(rfc, columns.rfc)));
        mark.assign(layout::verdict, ' ');
    } while (!tried.empty() || !did.empty() || !rfc.empty());
}

[[nodiscard]] bool is_explained(row const& one)
{
    return one.found.worth == verdict::note || one.found.worth == verdict::risk;
}

/// A text over as many lines as it needs.
void append_text(std::string& out, std::string_view text, std::size_t width)
{
    constexpr std::size_t indent = layout::verdict + 3;
    while (!text.empty())
        out.append(indent, ' ').append(take_line(text, width - indent)).append("\n");
}

/// What follows from it, below the row; what goes for the whole group stands at its top.
void append_reason(std::string& out, row const& one, std::size_t width)
{
    auto reason = one.found.why;
    if (is_explained(one) && !one.what->risk.empty())
        reason.append(reason.empty() ? "" : ": ").append(one.what->risk);
    append_text(out, reason, width);
}

void append_title(std::string& out, vector_group const& group, std::size_t width, bool coloured)
{
    out += coloured ? fmt::format("\n\033[1m{}\033[0m\n", group.title) : fmt::format("\n{}\n", group.title);
    if (!group.rfc.empty()) append_text(out, fmt::format("RFC: {}", group.rfc), width);
    if (!group.risk.empty()) append_text(out, fmt::format("Risk: {}", group.risk), width);
}

void append_member(std::string& out, std::string_view name, std::string_view value)
{
    out.append(out.ends_with('{') ? "\"" : ",\"").append(name).append("\":\"");
    viaduct::escape::json(out, value);
    out += '"';
}

} // namespace

std::size_t count(std::span<row const> rows, verdict worth)
{
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [&](row const& one) { return one.found.worth == worth; }));
}

std::string as_table(std::span<row const> rows, std::size_t width, bool coloured)
{
    auto const columns = columns_for(width);
    width = std::clamp<std::size_t>(width, 40, 160);
    auto out = fmt::format("{:<{}} {:<{}} {:<{}} {}\n", "", layout::verdict, "what was tried", columns.tried,
                           "what the proxy did", columns.did, "what the RFC says");
    vector_group const* group = nullptr;
    for (auto const& one : rows) {
        if (std::exchange(group, one.group) != one.group) append_title(out, *group, width, coloured);
        append_row(out, one, columns, coloured);
        append_reason(out, one, width);
    }
    return out + fmt::format("\n{} ok, {} to note, {} risky, {} not told\n", count(rows, verdict::ok),
                             count(rows, verdict::note), count(rows, verdict::risk),
                             count(rows, verdict::untold));
}

std::string as_json(std::span<row const> rows)
{
    std::string out;
    for (auto const& one : rows) {
        constexpr std::array<std::string_view, 4> worths{"ok", "note", "risk", "untold"};
        out += '{';
        append_member(out, "id", one.what->id);
        append_member(out, "group", one.group->title);
        append_member(out, "tried", one.what->tried);
        append_member(out, "verdict", worths[static_cast<std::size_t>(one.found.worth)]);
        append_member(out, "did", one.found.did);
        append_member(out, "why", one.found.why);
        append_member(out, "rfc", one.rfc());
        append_member(out, "risk", one.risk());
        out += "}\n";
    }
    return out;
}

} // namespace viaduct_curl::check
