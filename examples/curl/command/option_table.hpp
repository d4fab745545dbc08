#ifndef VIADUCT_CURL_COMMAND_OPTION_TABLE_HPP
#define VIADUCT_CURL_COMMAND_OPTION_TABLE_HPP

#include "command/option.hpp"

#include <string_view>
#include <vector>

namespace viaduct_curl {

/// All switches, topic by topic, in the order of --help.
[[nodiscard]] std::vector<topic> const& all_topics();

/// A switch that was looked for by its name.
struct found_option
{
    option const* row = nullptr; // none: it is unknown
    bool on = true;              // false: the name had a no- in front
    bool is_ambiguous = false;   // a beginning of several names
    bool is_no_flag = false;     // --no-name of a switch that has a value
};

/// Looks for a long name; a beginning that only one name has is enough, as in curl.
[[nodiscard]] found_option find_option(std::string_view name);

[[nodiscard]] option const* find_option(char letter);

/// The known name that is most like an unknown one; empty if none is.
[[nodiscard]] std::string_view nearest_option(std::string_view name);

} // namespace viaduct_curl

#endif
