#include "command/help.hpp"

#include "command/option_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace viaduct_curl {
namespace {

/// Some topics, under a name that one would type. Those of curl keep their names.
struct category
{
    std::string_view name;
    std::string_view about;
    topic (*topics[3])();
};

constexpr std::array categories{
    category{"auth", "Who asks, and how it is proved", {proxy_identity_options, origin_identity_options}},
    category{"connection", "Connections and their clocks", {connection_options}},
    category{"curl", "The program itself, and what curl cannot do", {task_options, own_options}},
    category{"http", "The request", {request_options, repeat_options}},
    category{"output", "What becomes of the answers", {answer_options}},
    category{"post", "What a request carries", {body_options}},
    category{"proxy", "The way to the origin", {way_options, proxy_identity_options, check_options}},
    category{
        "tls", "TLS with the origin and with https proxies", {origin_tls_options, proxy_identity_options}},
    category{"verbose", "What is told", {telling_options}},
};

/// What --help shows when nothing else is asked for.
constexpr std::array<std::string_view, 16> important{
    "proxy",        "proxytunnel", "proxy-user", "noproxy",   "check-proxy", "explain-noproxy",
    "connect-body", "verbose",     "silent",     "write-out", "output",      "include",
    "fail",         "location",    "help",       "version"};

std::string const margin(34, ' '); // in front of what a switch does

/// The text, with its lines broken where a wide terminal ends.
[[nodiscard]] std::string wrapped(std::string_view text)
{
    constexpr std::size_t width = 66;
    std::string out;
    while (text.size() > width) {
        auto const blank = text.rfind(' ', width);
        if (blank == std::string_view::npos) break;
        out.append(text.substr(0, blank)).append("\n").append(margin);
        text.remove_prefix(blank + 1);
    }
    return out.append(text);
}

[[nodiscard]] std::string line_of(option const& row)
{
    auto const letter = row.letter ? fmt::format("-{}, ", row.letter) : "    ";
    auto const argument = row.argument.empty() ? "" : fmt::format(" <{}>", row.argument);
    auto const left = fmt::format(" {}--{}{}", letter, row.name, argument);
    auto const gap = left.size() > 32 ? '\n' + margin : std::string(margin.size() - left.size(), ' ');
    return fmt::format("{}{}{}\n", left, gap, wrapped(row.help));
}

[[nodiscard]] std::string text_of(topic const& which)
{
    auto text = fmt::format("\n{}:\n", which.title);
    for (auto const& row : which.options)
        text += line_of(row);
    return text;
}

[[nodiscard]] std::string everything()
{
    std::string text;
    for (auto const& each : all_topics())
        text += text_of(each);
    return text;
}

[[nodiscard]] std::string names_of_categories()
{
    std::string text;
    for (auto const& each : categories)
        text += fmt::format(" {:<12}{}\n", each.name, each.about);
    return text;
}

[[nodiscard]] std::string most_used()
{
    std::string text;
    for (auto const name : important)
        if (auto const found = find_option(name); found.row && found.row->name == name)
            text += line_of(*found.row);
    return text +
           "\nThere are more: \"--help category\" lists what they are about, \"--help all\" shows all of "
           "them.\n";
}

} // namespace

std::string help_text(std::string_view category)
{
    std::string const usage = "Usage: viaduct-curl [options...] <url>\n";
    if (category.empty()) return usage + most_used();
    if (category == "all") return usage + everything();
    if (category == "category") return usage + names_of_categories();
    auto const* const found = std::find_if(categories.begin(), categories.end(),
                                           [&](auto const& each) { return each.name == category; });
    if (found == categories.end())
        return usage + "Invalid category provided, here is a list of all categories:\n\n" +
               names_of_categories();
    auto text = fmt::format("{}{}: {}\n", usage, found->name, found->about);
    for (auto* const make : found->topics)
        if (make) text += text_of(make());
    return text;
}

} // namespace viaduct_curl
