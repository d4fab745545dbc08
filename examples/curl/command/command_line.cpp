#include "command/command_line.hpp"

#include "command/argument_reader.hpp"
#include "command/config_file.hpp"
#include "command/origin_trust.hpp"
#include "command/values.hpp"
#include "failure.hpp"
#include "tell/verbose.hpp"
#include "transfer/url.hpp"

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

[[nodiscard]] std::string_view name_of(task what)
{
    switch (what) {
    case task::stdio: return "--stdio";
    case task::forward: return "--forward";
    case task::explain_noproxy: return "--explain-noproxy";
    default: return "--check-proxy";
    }
}

/// The last of several would be done, and nothing said of the others.
void expect_one_task(command_line const& command)
{
    auto const expect = [&](task what, bool is_asked) {
        if (is_asked && command.what != what)
            misuse(
                fmt::format("option {}: cannot be combined with {}", name_of(what), name_of(command.what)));
    };
    expect(task::forward, !command.forwards.empty());
    expect(task::explain_noproxy, !command.explained.empty());
    expect(task::check_proxy, !command.checked.empty());
    if (command.check_target && command.what != task::check_proxy)
        misuse("option --check-target: needs --check-proxy beside it");
}

/// A URL would be left out; so would all that is behind --next.
void expect_used(command_line const& command)
{
    auto const task_name = name_of(command.what);
    if (command.operations.size() > 1)
        misuse(fmt::format("option --next: cannot be combined with {}", task_name));
    if (command.what == task::stdio || command.what == task::explain_noproxy) return;
    for (auto const& each : command.operations.front().targets)
        if (each.url)
            misuse(
                fmt::format("'{}': {} fetches nothing; leave the URL out, or fetch it in a call of its own",
                            printable(without_credentials(*each.url)), task_name));
}

/// Only warned of: a .curlrc is for transfers first.
void warn_of_useless(command_line const& command)
{
    auto const& now = command.operations.front();
    auto const say = [&](bool is_given, std::string_view shown) {
        if (is_given) warn(now, fmt::format("{} has no effect with {}", shown, name_of(command.what)));
    };
    auto const any = [&](auto const& has) {
        return std::any_of(now.targets.begin(), now.targets.end(), has);
    };
    bool const checks = command.what == task::check_proxy;
    bool const is_quiet = checks || command.what == task::explain_noproxy;
    say(any([](target const& t) { return t.output || t.remote_name; }), "-o or -O");
    say(any([](target const& t) { return t.upload.has_value(); }), "-T, --upload-file");
    say(now.answer.write_out.has_value(), "-w, --write-out");
    say(now.answer.dump_header.has_value(), "-D, --dump-header");
    say(now.answer.connect_body, "--connect-body");
    say(now.answer.json && !checks, "--json-report");
    say(!now.way.proxies.empty() && checks, "-x, --proxy");
    say(is_quiet && (command.telling.verbose || command.telling.trace), "-v or --trace");
}

/// What is no transfer takes fewer words, and passes over none silently.
void check_task(command_line const& command)
{
    if (command.what == task::help || command.what == task::version) return;
    expect_one_task(command);
    if (command.what == task::transfer) return;
    expect_used(command);
    warn_of_useless(command);
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
    check_task(command);
    if (argc < 2 && command.what == task::transfer && !has_url(command.operations.front()))
        throw failure{CURLE_FAILED_INIT, std::string{where_help_is}};
    for (auto& one : command.operations)
        trust_environment(one.passed);
    return command;
}

} // namespace viaduct_curl
