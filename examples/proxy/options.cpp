#include "options.hpp"

#include "auth_options.hpp"
#include "clock_options.hpp"
#include "limit_options.hpp"
#include "listener_options.hpp"
#include "log_options.hpp"
#include "name_options.hpp"
#include "parent_options.hpp"
#include "program_options.hpp"
#include "rule_options.hpp"
#include "words.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace viaduct_proxy {
namespace {

constexpr char footer[] =
    "Flags that take a list are repeated. A value of several words is one argument: quote it for the shell.\n"
    "With no flag it serves this machine only, port 443 only, and public addresses only.\n"
    "SIGTERM and SIGINT end it once its tunnels have ended or their time is over; a second one ends it at "
    "once.\n"
    "SIGHUP reads certificates and password files anew; SIGUSR1 rotates the access logs.";

/// What was typed, room by room.
struct typed_options
{
    listener_options listeners;
    rule_options rules;
    auth_options auth;
    limit_flags limits;
    name_options names;
    parent_options parents;
    clock_options clocks;
    log_options logs;
    program_options program;
};

void declare(CLI::App& app, typed_options& typed)
{
    app.set_version_flag("-V,--version", "viaduct-proxy " VIADUCT_VERSION);
    typed.listeners.declare(app);
    typed.rules.declare(app);
    typed.auth.declare(app);
    typed.limits.declare(app);
    typed.names.declare(app);
    typed.clocks.declare(app);
    typed.parents.declare(app);
    typed.logs.declare(app);
    typed.program.declare(app);
    app.footer(footer);
}

[[nodiscard]] proxy_options check(typed_options& typed)
{
    proxy_options options;
    typed.program.apply(options);
    typed.clocks.apply(options);
    typed.listeners.apply(options);
    typed.auth.apply(options);
    typed.rules.apply(options, typed.auth.any());
    options.rules = typed.rules.rules();
    typed.parents.apply(options, typed.rules.rules());
    typed.limits.apply(options);
    typed.names.apply(options);
    typed.logs.apply(options, typed.rules.rules()->acls);
    return options;
}

[[nodiscard]] int complain(char const* what)
{
    fmt::print(stderr, "viaduct-proxy: {}\nTry 'viaduct-proxy --help'.\n", what);
    return 2;
}

/// CLI11's words for a flag with too many or too few values, in ours.
[[nodiscard]] std::string reworded(CLI::ArgumentMismatch const& e)
{
    std::string_view const what = e.what();
    auto const flag = what.substr(0, what.find(':'));
    if (what.find("At Most") != what.npos)
        return fmt::format("{} is there more than once, and takes one value: leave the others out", flag);
    return fmt::format("{} lacks a value", flag);
}

/// The same for a value that is no number: `Could not convert: FLAG = VALUE`.
[[nodiscard]] std::string reworded(CLI::ConversionError const& e)
{
    std::string_view const what = e.what();
    auto const flag = what.find("--");
    auto const value = what.rfind(" = ");
    if (flag == what.npos || value == what.npos || value < flag) return std::string{what};
    return fmt::format("{} '{}': write a number", what.substr(flag, value - flag), what.substr(value + 3));
}

/// The same for what no flag takes: by its flag alone, for the value behind it may hold a password.
[[nodiscard]] std::string reworded(CLI::ExtrasError const& e, int argc, char** argv)
{
    auto const what = std::string{e.what()} + ' ';
    for (auto const* const* each = argv + 1; each < argv + argc; ++each)
        if (std::string_view const flag{*each};
            flag.starts_with('-') && what.find(fmt::format(" {} ", flag)) != what.npos)
            return fmt::format("there is no flag {}", flag.substr(0, flag.find('=')));
    return "there is a word that belongs to no flag: put it in quotes with the one before";
}

} // namespace

std::optional<proxy_options> parse_command_line(int argc, char** argv, int& exit_status)
{
    CLI::App app{"A CONNECT proxy: opens tunnels for HTTP clients, and nothing else.", "viaduct-proxy"};
    typed_options typed;
    declare(app, typed);
    try {
        app.parse(argc, argv);
        return check(typed);
    } catch (CLI::Success const& e) { // --help, --version
        exit_status = app.exit(e);
    } catch (CLI::ArgumentMismatch const& e) {
        exit_status = complain(reworded(e).c_str());
    } catch (CLI::ConversionError const& e) {
        exit_status = complain(reworded(e).c_str());
    } catch (CLI::ExtrasError const& e) {
        exit_status = complain(reworded(e, argc, argv).c_str());
    } catch (CLI::Error const& e) {
        exit_status = complain(e.what());
    } catch (mistake const& e) {
        exit_status = complain(e.what());
    }
    return std::nullopt;
}

} // namespace viaduct_proxy
