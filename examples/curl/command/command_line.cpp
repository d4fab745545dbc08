#include "command/command_line.hpp"

#include "command/argument_reader.hpp"
#include "command/config_file.hpp"
#include "command/origin_trust.hpp"
#include "command/values.hpp"
#include "failure.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

namespace viaduct_curl {
namespace {

/// -q counts only as the first switch, as in curl; then the user's own file is not read.
[[nodiscard]] bool wants_user_config(std::span<char* const> words)
{
    if (words.empty()) return true;
    std::string_view const first = words.front();
    return first != "--disable" && !(first.starts_with("-q"));
}

/// @param part Of one of the program's words, which are its own to change.
void blank_out(std::string_view part)
{
    std::fill_n(const_cast<char*>(part.data()), part.size(), ' ');
}

void read_words(command_line& to, std::span<char* const> words)
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
            blank_out(reader.secret());
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

[[nodiscard]] bool has_url(operation const& one)
{
    return std::any_of(one.targets.begin(), one.targets.end(),
                       [](target const& t) { return t.url.has_value(); });
}

/// What makes the method, in the order in which curl comes upon it.
[[nodiscard]] std::vector<std::string_view> methods_of(operation const& one)
{
    auto const& asked = one.request;
    std::vector<std::string_view> methods;
    auto const add = [&](bool is_asked, std::string_view name) {
        if (is_asked) methods.push_back(name);
    };
    auto const uploads = [](target const& t) { return t.upload && !t.upload->empty(); };
    add(!asked.form.empty(), "multipart formpost (-F, --form)");
    add(asked.head, "HEAD (-I, --head)");
    add(asked.body && !asked.body_in_query, "POST (-d, --data)");
    add(asked.body && asked.body_in_query && !asked.head, "GET (-G, --get)");
    add(std::any_of(one.targets.begin(), one.targets.end(), uploads), "PUT (-T, --upload-file)");
    return methods;
}

} // namespace

void check_operation(operation const& one)
{
    if (!has_url(one)) misuse("no URL specified!");
    auto const methods = methods_of(one);
    if (methods.size() < 2) return;
    auto const text = fmt::format(
        "You can only select one HTTP request method! You asked for both {} and {}.", methods[1], methods[0]);
    if (one.answer.silent) misuse(text); // which would leave out the warning, and with it the reason
    warn(one, text);
    throw failure{CURLE_FAILED_INIT, ""};
}

command_line parse_command_line(int argc, char** argv)
{
    command_line command;
    std::span<char* const> const words{argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)};
    if (wants_user_config(words)) read_user_config(command);
    read_words(command, words);
    keep_quiet(command);
    if (argc < 2 && command.what == task::transfer && !has_url(command.operations.front()))
        throw failure{CURLE_FAILED_INIT, std::string{where_help_is}};
    for (auto& one : command.operations)
        trust_environment(one.passed);
    return command;
}

} // namespace viaduct_curl
