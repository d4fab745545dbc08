#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_MACROS_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_MACROS_HPP

#include <string>

namespace viaduct_proxy {

/// What macros of a configuration stand for.
struct config_macros
{
    std::string service_name = "squid";
    std::string process_name = "squid-1";
    int process_number = 1; ///< One process does the work of all; where that tells is a notice.
};

struct macros_seen
{
    bool any = false;
    bool of_process = false; ///< Its name or its number.
};

/// Puts their values in the place of macros.
macros_seen expand(std::string& line, config_macros const& macros);

} // namespace viaduct_proxy

#endif
