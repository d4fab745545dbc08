#include "command/help.hpp"

#include "command/option_table.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

namespace viaduct_curl {
namespace {

[[nodiscard]] std::string line_of(option const& row)
{
    auto const letter = row.letter ? fmt::format("-{}, ", row.letter) : "    ";
    auto const argument = row.argument.empty() ? "" : fmt::format(" <{}>", row.argument);
    auto const left = fmt::format(" {}--{}{}", letter, row.name, argument);
    return fmt::format("{:<32}  {}\n", left, row.help);
}

} // namespace

std::string help_text()
{
    std::string text = "Usage: viaduct-curl [options...] <url>...\n";
    for (auto const& t : all_topics()) {
        text += fmt::format("\n{}:\n", t.title);
        for (auto const& row : t.options)
            text += line_of(row);
    }
    return text;
}

std::string version_text()
{
    return fmt::format("viaduct-curl {} ({})\nProtocols: http https\n", VIADUCT_VERSION, curl_version());
}

} // namespace viaduct_curl
