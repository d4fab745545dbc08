#ifndef VIADUCT_IMPL_HTTP_CHALLENGE_IPP
#define VIADUCT_IMPL_HTTP_CHALLENGE_IPP

#include <viaduct/http/challenge.hpp>
#include <viaduct/impl/http/cursor.hpp>

namespace viaduct {
namespace detail {

[[nodiscard]] constexpr bool is_token68(char c) noexcept
{
    return characters::is_alpha(c) || characters::is_digit(c) ||
           std::string_view{"-._~+/"}.find(c) != std::string_view::npos;
}

/// `name BWS "=" BWS ( token / quoted-string )`; nothing, and the cursor unmoved, if what comes is no
/// parameter.
[[nodiscard]] inline std::optional<auth_param> take_param(cursor& at)
{
    auto here = at;
    auth_param param;
    param.name = here.take_token();
    here.skip_blanks();
    if (param.name.empty() || !here.skip('=')) return std::nullopt;
    here.skip_blanks();
    if (here.at('"')) {
        auto quoted = here.take_quoted();
        if (!quoted) return std::nullopt;
        param.value = std::move(*quoted);
    } else {
        param.value = here.take_token();
        if (param.value.empty()) return std::nullopt;
    }
    at = here;
    return param;
}

/// `1*token68 *"="`, followed by the end or a comma; otherwise it is the name of a parameter and the cursor
/// stays.
[[nodiscard]] inline std::string_view take_token68(cursor& at)
{
    auto here = at;
    auto const start = here.rest();
    auto size = here.take_while(is_token68).size();
    if (size == 0) return {};
    size += here.take_while([](char c) { return c == '='; }).size();
    here.skip_blanks();
    if (!here.at_end() && !here.at(',')) return {};
    at = here;
    return start.substr(0, size);
}

inline void skip_list_separators(cursor& at)
{
    do
        at.skip_blanks();
    while (at.skip(','));
}

/// The parameters behind a scheme; stops in front of the comma that the next challenge follows.
inline void take_params(cursor& at, challenge& into)
{
    for (auto param = take_param(at); param; param = take_param(at)) {
        into.params.push_back(std::move(*param));
        auto here = at;
        skip_list_separators(here);
        auto probe = here;
        if (!take_param(probe)) return;
        at = here;
    }
}

} // namespace detail

VIADUCT_DECL bool challenge::is(std::string_view name) const
{
    return characters::iequals(scheme, name);
}

VIADUCT_DECL std::optional<std::string_view> challenge::find(std::string_view name) const
{
    for (auto const& param : params)
        if (characters::iequals(param.name, name)) return param.value;
    return std::nullopt;
}

VIADUCT_DECL std::vector<challenge> parse_challenges(std::string_view value)
{
    std::vector<challenge> result;
    detail::cursor at{value};
    for (detail::skip_list_separators(at); !at.at_end(); detail::skip_list_separators(at)) {
        challenge next;
        next.scheme = at.take_token();
        if (next.scheme.empty()) break;
        if (at.skip_blanks()) {
            next.token68 = detail::take_token68(at);
            if (next.token68.empty()) detail::take_params(at, next);
        }
        at.skip_blanks();
        if (!at.at_end() && !at.at(',')) break;
        result.push_back(std::move(next));
    }
    return result;
}

VIADUCT_DECL std::vector<challenge> parse_challenges(field_list fields, std::string_view name)
{
    std::vector<challenge> result;
    for (auto const field : fields) {
        if (!characters::iequals(field.name, name)) continue;
        for (auto& next : parse_challenges(field.value))
            result.push_back(std::move(next));
    }
    return result;
}

} // namespace viaduct

#endif
