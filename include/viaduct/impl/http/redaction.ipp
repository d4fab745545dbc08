#ifndef VIADUCT_IMPL_HTTP_REDACTION_IPP
#define VIADUCT_IMPL_HTTP_REDACTION_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/http/redaction.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace viaduct {
namespace detail {

inline constexpr std::array<std::string_view, 11> secret_names{"Authorization",
                                                               "Proxy-Authorization",
                                                               "Cookie",
                                                               "Cookie2",
                                                               "Set-Cookie",
                                                               "Set-Cookie2",
                                                               "X-Api-Key",
                                                               "X-Auth-Token",
                                                               "X-Amz-Security-Token",
                                                               "Authentication-Info",
                                                               "Proxy-Authentication-Info"};

inline constexpr std::array<std::string_view, 13> scheme_names{
    "Basic", "Bearer",    "Digest",       "DPoP",        "GNAP",          "HOBA", "Kerberos",
    "NTLM",  "Negotiate", "PrivateToken", "SCRAM-SHA-1", "SCRAM-SHA-256", "vapid"};

[[nodiscard]] inline bool is_one_of(std::string_view name, std::string_view const* begin,
                                    std::string_view const* end) noexcept
{
    return std::any_of(begin, end, [name](auto each) { return characters::iequals(name, each); });
}

/// A scheme in front of credentials is no secret; a word that is none that anybody knows may be.
[[nodiscard]] inline std::string without_credentials(std::string_view name, std::string_view value)
{
    bool const has_scheme =
        characters::iequals(name, "Authorization") || characters::iequals(name, "Proxy-Authorization");
    auto const scheme = value.substr(0, value.find(' '));
    auto const* const known = scheme_names.data();
    bool const is_scheme =
        scheme.size() < value.size() && is_one_of(scheme, known, known + scheme_names.size());
    if (!has_scheme || !is_scheme) return "***";
    return std::string{scheme} + " ***";
}

} // namespace detail

VIADUCT_DECL bool is_secret_field(std::string_view name) noexcept
{
    auto const* const known = detail::secret_names.data();
    return detail::is_one_of(name, known, known + detail::secret_names.size());
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

/// An `@` in a path is none of a host; without a scheme there is no path, unless it begins with one.
VIADUCT_DECL std::string target_without_user(std::string_view target)
{
    auto const slashes = target.find("//");
    bool const has_scheme = slashes != target.npos;
    auto const begin = has_scheme ? slashes + 2 : 0;
    auto const end = has_scheme || target.starts_with('/') ? target.find_first_of("/?#", begin) : target.npos;
    auto const at = target.substr(0, end).rfind('@');
    if (at == target.npos || at < begin) return std::string{target};
    return std::string{target.substr(0, begin)}.append("***").append(target.substr(at));
}

} // namespace viaduct

#endif
