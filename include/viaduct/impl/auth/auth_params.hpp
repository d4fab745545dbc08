#ifndef VIADUCT_IMPL_AUTH_AUTH_PARAMS_HPP
#define VIADUCT_IMPL_AUTH_AUTH_PARAMS_HPP

#include <string>
#include <string_view>

namespace viaduct::detail {

// Each ends with a separator, which is to be taken away from the last one.

inline void append_quoted(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    out += "=\"";
    for (char const c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += "\", ";
}

inline void append_bare(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    out += '=';
    out += value;
    out += ", ";
}

/// `SCHEME` and the parameters, without the last separator.
[[nodiscard]] inline std::string challenge_text(std::string_view scheme, std::string params)
{
    if (params.size() >= 2) params.resize(params.size() - 2);
    return params.empty() ? std::string{scheme} : std::string{scheme} + ' ' + params;
}

} // namespace viaduct::detail

#endif
