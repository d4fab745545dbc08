#ifndef VIADUCT_CURL_COMMAND_OPTION_HPP
#define VIADUCT_CURL_COMMAND_OPTION_HPP

#include "command/command_line.hpp"

#include <span>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// A switch as it was given.
struct given
{
    command_line& all;
    operation& now;         // the last of `all`
    std::string_view name;  // of the switch, without its dashes
    std::string_view shown; // as the user wrote it
    std::string value{};
    bool on = true; // false: --no-name
};

/// A switch that is known.
struct option
{
    std::string_view name;     // without its dashes
    char letter;               // 0: there is none
    std::string_view argument; // what --help calls it; empty: a flag, which --no-name takes back
    void (*take)(given&);
    std::string_view help;
};

/// A heading of --help, and what stands below it.
struct topic
{
    std::string_view title;
    std::span<option const> options;
};

// One file each: NAME_options.cpp.
[[nodiscard]] topic way_options();
[[nodiscard]] topic proxy_identity_options();
[[nodiscard]] topic connection_options();
[[nodiscard]] topic request_options();
[[nodiscard]] topic body_options();
[[nodiscard]] topic origin_identity_options();
[[nodiscard]] topic origin_tls_options();
[[nodiscard]] topic repeat_options();
[[nodiscard]] topic answer_options();
[[nodiscard]] topic telling_options();
[[nodiscard]] topic own_options();
[[nodiscard]] topic check_options();
[[nodiscard]] topic task_options();

} // namespace viaduct_curl

#endif
