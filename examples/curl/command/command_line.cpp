#include "command/command_line.hpp"

#include "command/argument_reader.hpp"
#include "command/config_file.hpp"
#include "command/values.hpp"

#include <span>
#include <string_view>

namespace viaduct_curl {
namespace {

/// -q counts only as the first switch, as in curl; then the user's own file is not read.
[[nodiscard]] bool wants_user_config(std::span<char const* const> words)
{
    if (words.empty()) return true;
    std::string_view const first = words.front();
    return first != "--disable" && !(first.starts_with("-q"));
}

void read_words(command_line& to, std::span<char const* const> words)
{
    argument_reader reader{to};
    bool switches = true;
    while (!words.empty()) {
        std::string_view const word = words.front();
        words = words.subspan(1);
        if (switches && word == "--") {
            switches = false;
        } else if (switches && word.starts_with('-')) {
            auto const next = words.empty() ? std::nullopt : std::optional<std::string_view>{words.front()};
            if (reader.take_switch(word, next)) words = words.subspan(1);
        } else {
            reader.take_url(word);
        }
    }
}

/// -s and -S hold for what is behind --next, too.
void keep_quiet(command_line& command)
{
    auto const& first = command.operations.front().answer;
    for (auto& each : command.operations) {
        each.answer.silent |= first.silent;
        each.answer.show_error |= first.show_error;
    }
}

void check(command_line const& command)
{
    if (command.what != task::transfer) return;
    for (auto const& one : command.operations) {
        bool has_url = false;
        for (auto const& t : one.targets)
            has_url = has_url || t.url;
        if (!has_url) misuse("no URL specified!");
        bool const has_body = one.request.body && !one.request.body_in_query;
        if (one.request.head && has_body)
            misuse("You can only select one HTTP request method! You asked for both POST (-d, --data) and "
                   "HEAD (-I, --head).");
    }
}

} // namespace

command_line parse_command_line(int argc, char const* const* argv)
{
    command_line command;
    std::span<char const* const> const words{argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)};
    if (wants_user_config(words)) read_user_config(command);
    read_words(command, words);
    keep_quiet(command);
    check(command);
    return command;
}

} // namespace viaduct_curl
