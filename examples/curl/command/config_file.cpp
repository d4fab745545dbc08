#include "command/config_file.hpp"

#include "command/argument_reader.hpp"
#include "command/option_table.hpp"
#include "command/values.hpp"
#include "failure.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

namespace viaduct_curl {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

[[nodiscard]] char unescape(char c)
{
    switch (c) {
    case 't': return '\t';
    case 'n': return '\n';
    case 'r': return '\r';
    case 'v': return '\v';
    default: return c;
    }
}

/// What is between the quotes that `text` begins with.
[[nodiscard]] std::string read_quoted(std::string_view text)
{
    std::string value;
    for (std::size_t at = 1; at < text.size() && text[at] != '"'; ++at) {
        bool const escaped = text[at] == '\\' && at + 1 < text.size();
        value += escaped ? unescape(text[++at]) : text[at];
    }
    return value;
}

struct config_line
{
    std::string_view word;
    std::optional<std::string> value;
};

[[nodiscard]] config_line split(std::string_view line)
{
    auto const end = std::min(line.find_first_of(" \t\r\n\v\f=:"), line.size());
    auto rest = line.substr(end);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n\v\f=:"), rest.size()));
    if (rest.empty() || rest.front() == '#') return {line.substr(0, end), {}};
    if (rest.front() == '"') return {line.substr(0, end), read_quoted(rest)};
    return {line.substr(0, end), std::string{rest.substr(0, rest.find_first_of(blanks))}};
}

void take_line(command_line& to, std::string_view text)
{
    auto const line = split(text);
    argument_reader reader{to};
    auto const word = line.word.starts_with('-') ? std::string{line.word} : fmt::format("--{}", line.word);
    auto const next = line.value ? std::optional<std::string_view>{*line.value} : std::nullopt;
    bool const used = reader.take_switch(word, next);
    if (next && !used && !next->empty())
        throw failure{CURLE_FAILED_INIT, fmt::format("{}: takes no value", word)};
}

void read_text(command_line& to, std::string const& name, std::string_view text)
{
    for (int number = 1; !text.empty(); ++number) {
        auto const size = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, size);
        text.remove_prefix(std::min(size + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        if (line.empty() || line.front() == '#') continue;
        try {
            take_line(to, line);
        } catch (failure const& e) {
            throw failure{e.exit_code(), fmt::format("{}:{}: {}", name, number, e.message())};
        }
    }
}

} // namespace

void read_config_file(command_line& to, std::string const& name)
{
    read_text(to, name == "-" ? "<stdin>" : name, read_file(name));
}

void read_user_config(command_line& to)
{
    struct place
    {
        char const* variable;
        char const* file;
    };
    constexpr std::array places{place{"CURL_HOME", ".curlrc"}, place{"XDG_CONFIG_HOME", "curlrc"},
                                place{"HOME", ".curlrc"}, place{"HOME", ".config/curlrc"}};
    for (auto const& [variable, file] : places) {
        char const* const directory = std::getenv(variable);
        if (!directory || *directory == '\0') continue;
        auto const whole = std::filesystem::path{directory} / file;
        std::error_code ignored;
        if (std::filesystem::is_regular_file(whole, ignored)) return read_config_file(to, whole.string());
    }
}

} // namespace viaduct_curl
