#ifndef VIADUCT_IMPL_CLIENT_ENVIRONMENT_IPP
#define VIADUCT_IMPL_CLIENT_ENVIRONMENT_IPP

#include <viaduct/client/environment.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <utility>

namespace viaduct {
namespace detail {

/// The first of several variables that is set and not empty.
[[nodiscard]] inline std::optional<proxy_variable> first_set(environment const& variables,
                                                             std::initializer_list<std::string> names)
{
    for (auto const& name : names) {
        auto const value = variables(name.c_str());
        if (value && *value != '\0') return proxy_variable{name, value};
    }
    return std::nullopt;
}

[[nodiscard]] inline std::string upper_case(std::string text)
{
    auto const to_upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    std::transform(text.begin(), text.end(), text.begin(), to_upper);
    return text;
}

/// Whether a client can have set what `http_proxy` reads.
[[nodiscard]] inline bool http_proxy_is_untrusted(environment const& variables)
{
    bool const cgi = first_set(variables, {"REQUEST_METHOD", "GATEWAY_INTERFACE"}).has_value();
    return cgi && variables("hTTP_pROXY"); // nobody spells it so: it is there only where names have no case
}

[[nodiscard]] inline std::optional<proxy_variable> proxy_of_scheme(std::string const& scheme,
                                                                   environment const& variables)
{
    auto const name = scheme + "_proxy";
    if (scheme != "http") return first_set(variables, {name, upper_case(name)});
    return http_proxy_is_untrusted(variables) ? std::nullopt : first_set(variables, {name});
}

} // namespace detail

VIADUCT_DECL environment process_environment()
{
    return [](char const* name) -> char const* { return std::getenv(name); };
}

VIADUCT_DECL std::optional<proxy_variable> find_proxy_variable(std::string_view scheme,
                                                               environment const& variables)
{
    std::string name{scheme};
    std::transform(name.begin(), name.end(), name.begin(), characters::to_lower);
    auto proxy = detail::proxy_of_scheme(name, variables);
    if (!proxy && name == "ws") proxy = detail::proxy_of_scheme("http", variables);
    if (!proxy && name == "wss") proxy = detail::proxy_of_scheme("https", variables);
    return proxy ? proxy : detail::first_set(variables, {"all_proxy", "ALL_PROXY"});
}

VIADUCT_DECL std::optional<std::string> proxy_from_environment(std::string_view scheme,
                                                               environment const& variables)
{
    auto found = find_proxy_variable(scheme, variables);
    return found ? std::optional{std::move(found->value)} : std::nullopt;
}

VIADUCT_DECL std::string no_proxy_from_environment(environment const& variables)
{
    auto found = detail::first_set(variables, {"no_proxy", "NO_PROXY"});
    return found ? std::move(found->value) : std::string{};
}

} // namespace viaduct

#endif
