#include "command/config_file.hpp"
#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

void take_help(given& g)
{
    g.all.what = task::help;
    g.all.help_topic = g.value;
}

constexpr std::array rows{
    option{"config", 'K', "file", [](given& g) { read_config_file(g.all, g.value); },
           "Read switches from a file"},
    option{"disable", 'q', "", [](given&) {}, "As the first switch: do not read .curlrc"},
    option{"help", 'h', "all|category", take_help,
           "Print what is used most, all, or what is about something"},
    option{"version", 'V', "", [](given& g) { g.all.what = task::version; }, "Print the version"},
};

} // namespace

topic task_options()
{
    return {"This program", rows};
}

} // namespace viaduct_curl
