#include "options.hpp"

#include "process/control.hpp"
#include "say.hpp"
#include "squid_config.hpp"
#include "typed_options.hpp"
#include "words.hpp"
#include <viaduct/version.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

namespace viaduct_proxy {
namespace {

/// What was asked for has been printed.
struct nothing_to_do
{
    int exit_status;
};

constexpr char footer[] =
    "Flags that take a list are repeated. A value of several words is one argument: quote it for the shell.\n"
    "With no flag it serves this machine only, port 443 only, and public addresses only.\n"
    "SIGTERM ends it once its tunnels have ended or their time is over; a second one, and SIGINT, end it at "
    "once.\n"
    "SIGHUP reads the configuration and everything that it names anew; SIGUSR1 rotates the access logs.";

/// Tells what is wrong, each line by itself.
[[nodiscard]] int complain(std::string_view what)
{
    while (!what.empty()) {
        auto const end = std::min(what.find('\n'), what.size());
        tell(std::string{what.substr(0, end)});
        what.remove_prefix(std::min(end + 1, what.size()));
    }
    return 2;
}

/// The same for the command line, of which there is a help.
[[nodiscard]] int complain_of_flags(std::string_view what)
{
    auto const status = complain(what);
    fmt::print(stderr, "Try 'viaduct-proxy --help'.\n");
    return status;
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

/// Everything that stands on the command line.
struct typed_line
{
    squid_switches process{};
    typed_options options{};
};

void parse(typed_line& to, int argc, char** argv)
{
    CLI::App app{"A CONNECT proxy: opens tunnels for HTTP clients, and nothing else.", "viaduct-proxy"};
    app.set_version_flag("-V,-v,--version", fmt::format("viaduct-proxy {}", viaduct::version));
    to.options.declare(app);
    declare_squid_switches(app, to.process);
    app.footer(footer);
    try {
        app.parse(argc, argv);
    } catch (CLI::Success const& e) { // --help, --version
        throw nothing_to_do{app.exit(e)};
    }
}

/// Who sends a signal by the pid file has heard them when it started.
[[nodiscard]] bool wants_notices(squid_switches const& typed)
{
    return !typed.verb || to_verb(*typed.verb) == verb::parse;
}

/// The flags alone tell which file is to be read, and then come once more to have the last word.
[[nodiscard]] command read(int argc, char** argv)
{
    typed_line flags;
    parse(flags, argc, argv);
    typed_line all;
    if (flags.process.config_file)
        read_squid_config(*flags.process.config_file, all.options, wants_notices(flags.process));
    parse(all, argc, argv);
    for (auto const& port : all.process.ports)
        all.options.add_port({port, "-a", {}, {}});
    return {all.process, all.options.check()};
}

} // namespace

std::optional<command> parse_command_line(int argc, char** argv, int& exit_status)
{
    try {
        return read(argc, argv);
    } catch (nothing_to_do const& e) {
        exit_status = e.exit_status;
    } catch (CLI::ArgumentMismatch const& e) {
        exit_status = complain_of_flags(reworded(e));
    } catch (CLI::ConversionError const& e) {
        exit_status = complain_of_flags(reworded(e));
    } catch (CLI::ExtrasError const& e) {
        exit_status = complain_of_flags(reworded(e, argc, argv));
    } catch (CLI::Error const& e) {
        exit_status = complain_of_flags(e.what());
    } catch (mistake const& e) {
        exit_status =
            std::string_view{e.what()}.starts_with("--") ? complain_of_flags(e.what()) : complain(e.what());
    }
    return std::nullopt;
}

} // namespace viaduct_proxy
