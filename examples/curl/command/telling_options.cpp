#include "command/values.hpp"

#include <fmt/format.h>

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace viaduct_curl {
namespace {

/// -v, --trace and --trace-ascii are one switch: the last one counts.
void choose_account(given& g, bool verbose, bool ascii)
{
    auto& to = g.all.telling;
    bool const had_trace = to.trace.has_value();
    bool const is_other = (had_trace && (verbose || to.trace_ascii != ascii)) || (to.verbose && !verbose);
    if (is_other)
        warn(g.now, fmt::format("{} overrides an earlier trace/verbose option",
                                verbose ? "-v, --verbose" : fmt::format("--{}", g.name)));
    to.verbose = verbose && g.on;
    to.trace_ascii = ascii;
    to.trace.reset();
    if (!verbose) to.trace = g.value;
}

/// Both hold for the whole command line, before and after --next.
void take_silent(given& g)
{
    for (auto& each : g.all.operations)
        each.answer.silent = g.on;
}

void take_show_error(given& g)
{
    for (auto& each : g.all.operations)
        each.answer.show_error = g.on;
}

/// At once, so that what is said of the switches behind it goes there as well.
void take_stderr(given& g)
{
    int const target = g.value == "-"
                           ? ::dup(STDOUT_FILENO)
                           : ::open(g.value.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (target < 0) return warn(g.now, fmt::format("Failed to open {}!", g.value));
    ::dup2(target, STDERR_FILENO);
    ::close(target);
    g.all.telling.stderr_file = g.value;
}

constexpr std::array rows{
    option{"verbose", 'v', "", [](given& g) { choose_account(g, true, false); }, "Tell what happens"},
    option{"trace", 0, "file", [](given& g) { choose_account(g, false, false); },
           "Write all that is sent and received, in hexadecimal; -: standard output, %: standard error"},
    option{"trace-ascii", 0, "file", [](given& g) { choose_account(g, false, true); },
           "The same without the numbers"},
    option{"trace-time", 0, "", [](given& g) { g.all.telling.trace_time = g.on; },
           "Say when, with -v, --trace and --trace-ascii"},
    option{"trace-ids", 0, "", [](given& g) { g.all.telling.trace_ids = g.on; },
           "Say which transfer and which connection"},
    option{"silent", 's', "", take_silent, "Tell neither progress nor what went wrong"},
    option{"show-error", 'S', "", take_show_error, "Tell what went wrong even with -s"},
    option{"stderr", 0, "file", take_stderr,
           "Write there what would go to the standard error; -: standard output"},
    option{"progress-bar", '#', "", [](given& g) { g.all.telling.progress_bar = g.on; },
           "Show progress as a bar"},
    option{"progress-meter", 0, "", [](given& g) { g.all.telling.no_meter = !g.on; },
           "Show progress, the default; --no-progress-meter leaves out just that"},
    option{"styled-output", 0, "", [](given& g) { g.all.telling.styled = g.on; },
           "On a terminal, names of fields are bold"},
};

} // namespace

topic telling_options()
{
    return {"What is told", rows};
}

} // namespace viaduct_curl
