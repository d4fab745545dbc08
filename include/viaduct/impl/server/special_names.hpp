#ifndef VIADUCT_IMPL_SERVER_SPECIAL_NAMES_HPP
#define VIADUCT_IMPL_SERVER_SPECIAL_NAMES_HPP

#include <viaduct/http/characters.hpp>
#include <viaduct/server/address_class.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace viaduct::detail {

/// A name that means the same everywhere, with all names below it.
struct special_name
{
    std::string_view name;
    address_class kind; // `private_use` for whatever has its place in a local network
};

// The more specific name before the one that holds it. Names that are private by habit only are not here.
inline constexpr auto special_names = std::to_array<special_name>({
    {"localhost", address_class::loopback},             // RFC 6761
    {"localhost.localdomain", address_class::loopback}, // the hosts files of systems; no public name is below
    {"localhost4.localdomain4", address_class::loopback},
    {"localhost6.localdomain6", address_class::loopback},
    {"localhost4", address_class::loopback},
    {"localhost6", address_class::loopback},
    {"ip6-localhost", address_class::loopback},
    {"ip6-loopback", address_class::loopback},
    {"metadata.google.internal", address_class::link_local}, // 169.254.169.254
    {"instance-data.ec2.internal", address_class::link_local},
    {"internal", address_class::private_use}, // reserved by ICANN in 2024
    {"local", address_class::private_use},    // RFC 6762
    {"home.arpa", address_class::private_use} // RFC 8375
});

/// What a name means without any look-up; `global` if that takes one.
[[nodiscard]] inline address_class class_of_name(std::string_view host) noexcept
{
    if (host.ends_with('.')) host.remove_suffix(1);
    auto const is_within = [&](special_name const& special) {
        if (host.size() < special.name.size()) return false;
        auto const before = host.size() - special.name.size();
        return characters::iequals(host.substr(before), special.name) &&
               (before == 0 || host[before - 1] == '.');
    };
    auto const hit = std::find_if(special_names.begin(), special_names.end(), is_within);
    return hit == special_names.end() ? address_class::global : hit->kind;
}

} // namespace viaduct::detail

#endif
