#include "command/config_file.hpp"
#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

constexpr std::array rows{
    option{"config", 'K', "file", [](given& g) { read_config_file(g.all, g.value); },
           "Read switches from a file"},
    option{"disable", 'q', "", [](given&) {}, "As the first switch: do not read .curlrc"},
    option{"help", 'h', "", [](given& g) { g.all.what = task::help; }, "Print this"},
    option{"version", 'V', "", [](given& g) { g.all.what = task::version; }, "Print the version"},
};

} // namespace

topic task_options()
{
    return {"This program", rows};
}

} // namespace viaduct_curl
