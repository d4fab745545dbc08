#ifndef VIADUCT_EXAMPLES_PROXY_PARENT_SETTING_HPP
#define VIADUCT_EXAMPLES_PROXY_PARENT_SETTING_HPP

#include "parent_values.hpp"
#include "words.hpp"

#include <map>
#include <string_view>

namespace viaduct_proxy {

[[nodiscard]] inline std::optional<viaduct::parent_choice> to_choice(std::string_view text)
{
    static std::map<std::string_view, viaduct::parent_choice> const known{
        {"round-robin", viaduct::parent_choice::round_robin},
        {"weighted-round-robin", viaduct::parent_choice::weighted_round_robin},
        {"sourcehash", viaduct::parent_choice::source_hash},
        {"userhash", viaduct::parent_choice::user_hash},
        {"carp", viaduct::parent_choice::destination_hash},
        {"default", viaduct::parent_choice::last_resort}};
    auto const found = known.find(text);
    return found == known.end() ? std::nullopt : std::optional{found->second};
}

/// Takes an option that flag and directive have in common; false if it is none of them.
[[nodiscard]] inline bool read_parent_setting(std::string_view word, typed_parent& to)
{
    auto& parent = to.parent;
    if (auto const choice = to_choice(word)) {
        parent.choice = *choice;
        return true;
    }
    auto const parts = as_setting(word);
    if (!parts) return false;
    auto const number = [&] { return to_count(to.what, parts->second, 1'000'000); };
    if (parts->first == "name")
        parent.name = parts->second;
    else if (parts->first == "weight")
        parent.weight = static_cast<unsigned>(number());
    else if (parts->first == "max-conn")
        parent.max_connections = number();
    else if (parts->first == "connect-fail-limit")
        parent.connect_fail_limit = static_cast<unsigned>(number());
    else
        return false;
    return true;
}

} // namespace viaduct_proxy

#endif
