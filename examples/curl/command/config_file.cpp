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
#include <unistd.h>

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

/// A message about a switch without the switch, which is named in front, and without where there is help.
[[nodiscard]] std::string without_prefix(std::string const& message)
{
    auto const text = message.substr(0, message.find('\n'));
    auto const colon = text.starts_with("option ") ? text.find(": ") : std::string::npos;
    return colon == std::string::npos ? text : text.substr(colon + 2);
}

struct config_line
{
    std::string_view word;
    std::optional<std::string> value;
    bool is_cut = false; // there is more behind the blanks that end the value
};

[[nodiscard]] config_line split(std::string_view line)
{
    auto const end = std::min(line.find_first_of(" \t\r\n\v\f=:"), line.size());
    auto rest = line.substr(end);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n\v\f=:"), rest.size()));
    auto const word = line.substr(0, end);
    if (rest.empty()) return {word, {}};
    if (rest.front() == '"') return {word, read_quoted(rest)};
    auto const size = std::min(rest.find_first_of(blanks), rest.size());
    auto const behind = rest.find_first_not_of(blanks, size);
    bool const is_cut = behind != std::string_view::npos && rest[behind] != '#';
    return {word, std::string{rest.substr(0, size)}, is_cut};
}

void take_line(command_line& to, std::string_view where, config_line const& line)
{
    auto const say = [&](std::string_view what) {
        bool const is_letter = line.word.starts_with('-') && !line.word.starts_with("--");
        auto const shown = is_letter ? line.word.substr(0, 2) : line.word; // -uUSER:PASSWORD is one word
        warn(to.operations.back(), fmt::format("{}: warning: '{}' {}", where, shown, what));
    };
    if (line.is_cut) say("uses unquoted whitespace in the line that may cause side-effects!");
    auto const word = line.word.starts_with('-') ? std::string{line.word} : fmt::format("--{}", line.word);
    auto const next = line.value ? std::optional<std::string_view>{*line.value} : std::nullopt;
    auto const before = to.what;
    try {
        bool const used = argument_reader{to}.take_switch(word, next);
        if (next && !used && !next->empty()) say("had unsupported trailing garbage");
        if (to.what == task::help || to.what == task::version) to.what = before; // not from a file
    } catch (failure const& e) {
        if (e.exit_code() != CURLE_FAILED_INIT) // what it names cannot be read: that changes what is sent
            throw failure{e.exit_code(), fmt::format("{}: {}", where, e.message())};
        say(without_prefix(e.message())); // curl goes on with the next line
    }
}

void read_text(command_line& to, std::string const& name, std::string_view text)
{
    for (int number = 1; !text.empty(); ++number) {
        auto const size = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, size);
        text.remove_prefix(std::min(size + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        if (line.empty() || line.front() == '#') continue;
        take_line(to, fmt::format("{}:{}", name, number), split(line));
    }
}

} // namespace

void read_config_file(command_line& to, std::string const& name)
{
    constexpr int most = 16; // one inside the other
    static int depth = 0;
    if (depth == most) throw failure{CURLE_READ_ERROR, "too many config files, one inside the other"};
    std::string text;
    try {
        text = read_file(name);
    } catch (failure const&) {
        throw failure{CURLE_READ_ERROR, fmt::format("cannot read config from '{}'", name)};
    }
    ++depth;
    read_text(to, name == "-" ? "<stdin>" : name, text);
    --depth; // a failure ends the program
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
        bool const is_there = std::filesystem::is_regular_file(whole, ignored);
        if (is_there && ::access(whole.c_str(), R_OK) == 0) return read_config_file(to, whole.string());
    }
}

} // namespace viaduct_curl
