#include "command/argument_reader.hpp"
#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

void take_output(given& g)
{
    next_target(g.now, [](target const& t) { return !t.output && !t.remote_name; }).output = g.value;
}

void take_remote_name(given& g)
{
    next_target(g.now, [](target const& t) { return !t.output && !t.remote_name; }).remote_name = g.on;
}

constexpr std::array rows{
    option{"output", 'o', "file", take_output, "Write to a file"},
    option{"remote-name", 'O', "", take_remote_name, "Write to a file named as in the URL"},
    option{"include", 'i', "", [](given& g) { g.now.answer.include = g.on; },
           "Show the heads, the proxy's included"},
    option{"show-headers", 0, "", [](given& g) { g.now.answer.include = g.on; }, "The same"},
    option{"suppress-connect-headers", 0, "", [](given& g) { g.now.answer.suppress_connect_headers = g.on; },
           "Do not show the proxy's head"},
    option{"fail", 'f', "", [](given& g) { g.now.answer.fail = g.on; },
           "Exit with 22 where the status is 400 or above"},
    option{"write-out", 'w', "format|@file", [](given& g) { g.now.answer.write_out = value_or_file(g); },
           "What to print at the end, with %{variables}"},
};

} // namespace

topic answer_options()
{
    return {"The answer", rows};
}

} // namespace viaduct_curl
