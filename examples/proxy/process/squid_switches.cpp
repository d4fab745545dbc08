#include "squid_switches.hpp"

#include "../say.hpp"
#include "control.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace viaduct_proxy {
namespace {

constexpr char title[] = "As Squid's";

struct idle_switch
{
    char const* name;
    char const* help;
};

/// What changes nothing here.
constexpr idle_switch idle_flags[] = {
    {"-N,--foreground", "Stay in the foreground, as it always does"},
    {"-C", "Nothing: fatal signals are never caught"},
    {"-D", "Nothing, as in Squid"},
    {"-F", "Nothing: there is no cache to wait for"},
    {"-R", "Nothing"},
    {"-S", "Nothing: there is no cache to check"},
    {"-X", "Nothing: there are no debugging levels"},
    {"-Y", "Nothing: there is no ICP"},
};

constexpr idle_switch idle_options[] = {
    {"-d", "Nothing: notices go to standard error in any case"},
    {"-n", "Nothing: instances are told apart by pid_filename"},
    {"-u", "Nothing: there is no ICP"},
};

void declare_idle(CLI::App& app)
{
    for (auto const& each : idle_flags)
        app.add_flag(each.name, each.help)->group(title);
    for (auto const& each : idle_options)
        app.add_option_function<std::string>(
               each.name, [](std::string const&) {}, each.help)
            ->type_name("WORD")
            ->group(title);
}

} // namespace

void declare_squid_switches(CLI::App& app, squid_switches& to)
{
    app.add_option("-f", to.config_file, "Read this squid.conf")->type_name("FILE")->group(title);
    app.add_option("-k", to.verb,
                   "Ask the one that runs, by its pid file: reconfigure, rotate, debug, shutdown, interrupt, "
                   "kill, check; or parse the configuration only")
        ->type_name("VERB")
        ->group(title);
    app.add_flag("--wait", to.wait, "With -k shutdown, interrupt or kill: return when it has ended")
        ->group(title);
    app.add_option("-a", to.ports, "Listen on this port as well")
        ->type_name("PORT")
        ->group(title)
        ->allow_extra_args(false);
    app.add_option("-l", to.syslog_facility, "Send notices to syslog, too")
        ->type_name("FACILITY")
        ->group(title);
    app.add_flag_callback(
           "-s", [&to] { to.syslog_facility = to.syslog_facility.value_or("local4"); },
           "The same, with local4")
        ->group(title);
    app.add_flag("-z", to.make_directories, "Nothing, and end: there is no cache")->group(title);
    declare_idle(app);
}

std::optional<int> act_instead(squid_switches const& typed, std::string const& pid_path)
{
    if (typed.make_directories) {
        tell("-z: there is no cache, and so there are no directories to make");
        return 0;
    }
    if (!typed.verb) return std::nullopt;
    auto const what = to_verb(*typed.verb);
    if (what != verb::parse)
        control(pid_path, what, typed.wait);
    else
        tell(fmt::format("{} is valid", printable(typed.config_file.value_or("the configuration"))));
    return 0;
}

} // namespace viaduct_proxy
