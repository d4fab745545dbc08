#include "config_macros.hpp"

#include <string_view>

namespace viaduct_proxy {

namespace {

bool replace(std::string& line, std::string_view macro, std::string const& value)
{
    auto at = line.find(macro);
    bool const there = at != std::string::npos;
    for (; at != std::string::npos; at = line.find(macro, at + value.size()))
        line.replace(at, macro.size(), value);
    return there;
}

} // namespace

macros_seen expand(std::string& line, config_macros const& macros)
{
    bool const service = replace(line, "${service_name}", macros.service_name);
    bool const name = replace(line, "${process_name}", macros.process_name);
    bool const number = replace(line, "${process_number}", std::to_string(macros.process_number));
    return {service || name || number, name || number};
}

} // namespace viaduct_proxy
