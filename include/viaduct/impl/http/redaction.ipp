#ifndef VIADUCT_IMPL_HTTP_REDACTION_IPP
#define VIADUCT_IMPL_HTTP_REDACTION_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/http/redaction.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace viaduct {
namespace detail {

inline constexpr std::array<std::string_view, 7> secret_names{
    "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key",
    "X-Auth-Token",  "X-Amz-Security-Token"};

/// A scheme in front of credentials is no secret; anything that does not look like one may be.
[[nodiscard]] inline std::string without_credentials(std::string_view name, std::string_view value)
{
    bool const has_scheme =
        characters::iequals(name, "Authorization") || characters::iequals(name, "Proxy-Authorization");
    auto const scheme = value.substr(0, value.find(' '));
    if (!has_scheme || scheme.size() == value.size() || !characters::is_token(scheme)) return "***";
    return std::string{scheme} + " ***";
}

} // namespace detail

VIADUCT_DECL bool is_secret_field(std::string_view name) noexcept
{
    return std::any_of(detail::secret_names.begin(), detail::secret_names.end(),
                       [name](auto secret) { return characters::iequals(name, secret); });
}

VIADUCT_DECL fields without_secrets(field_list lines)
{
    fields shown;
    for (auto const [name, value] : lines)
        if (is_secret_field(name))
            shown.add(name, detail::without_credentials(name, value));
        else
            shown.add(name, value);
    return shown;
}

} // namespace viaduct

#endif
