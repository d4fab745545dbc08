#ifndef VIADUCT_IMPL_HTTP_TRACE_CONTEXT_IPP
#define VIADUCT_IMPL_HTTP_TRACE_CONTEXT_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/http/trace_context.hpp>

#include <algorithm>
#include <cstddef>

namespace viaduct {
namespace detail {

[[nodiscard]] inline bool is_lower_hex(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return characters::is_digit(c) || (c >= 'a' && c <= 'f'); });
}

[[nodiscard]] inline bool is_trace_number(std::string_view text) noexcept
{
    return is_lower_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

} // namespace detail

/// `00-<trace-id>-<parent-id>-<flags>`: every part has its length.
VIADUCT_DECL std::optional<trace_context> parse_traceparent(std::string_view value)
{
    constexpr std::size_t whole = 55;
    if (value.size() < whole || value[2] != '-' || value[35] != '-' || value[52] != '-') return std::nullopt;
    auto const version = value.substr(0, 2);
    auto const flags = value.substr(53, 2);
    if (!detail::is_lower_hex(version) || !detail::is_lower_hex(flags) || version == "ff")
        return std::nullopt;
    bool const has_more = value.size() > whole;
    if (has_more && (version == "00" || value[whole] != '-')) return std::nullopt;
    auto const trace = value.substr(3, 32);
    auto const parent = value.substr(36, 16);
    if (!detail::is_trace_number(trace) || !detail::is_trace_number(parent)) return std::nullopt;
    auto const last = flags[1];
    int const digit = characters::is_digit(last) ? last - '0' : last - 'a' + 10;
    return trace_context{std::string{trace}, std::string{parent}, (digit & 1) != 0};
}

} // namespace viaduct

#endif
