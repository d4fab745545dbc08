#ifndef VIADUCT_IMPL_SERVER_VIA_IPP
#define VIADUCT_IMPL_SERVER_VIA_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/server/via.hpp>

#include <cstdint>
#include <random>

namespace viaduct {
namespace detail {

/// An identifier as a comment (RFC 9110 section 5.6.5).
[[nodiscard]] inline std::string via_comment(std::string_view id)
{
    std::string comment = "(";
    for (char const c : id) {
        bool const plain = c > 0x1f && c < 0x7f;
        if (c == '(' || c == ')' || c == '\\') comment += '\\';
        comment += plain ? c : '?';
    }
    return comment += ')';
}

} // namespace detail

VIADUCT_DECL std::string make_via_id()
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::random_device device;
    std::string id;
    for (int part = 0; part < 2; ++part) {
        auto bits = static_cast<std::uint32_t>(device());
        for (int i = 0; i < 8; ++i, bits >>= 4)
            id += digits[bits & 15];
    }
    return id;
}

VIADUCT_DECL std::string via_member(std::string_view name, std::string_view id)
{
    std::string member = "1.1 ";
    for (char const c : name.empty() ? "viaduct" : name)
        member += characters::is_token(c) || c == ':' || c == '[' || c == ']' ? c : '-';
    return member + ' ' + detail::via_comment(id);
}

VIADUCT_DECL std::string via_for(field_list received, std::string_view member)
{
    std::string value;
    for (auto const& field : received)
        if (characters::iequals(field.name, "Via") && !field.value.empty())
            value.append(field.value).append(", ");
    return value.append(member);
}

/// The comment is looked for as it stands: a client that opens one of its own in front of it hides nothing.
VIADUCT_DECL bool has_passed(field_list received, std::string_view id)
{
    auto const ours = detail::via_comment(id);
    for (auto const& field : received)
        if (characters::iequals(field.name, "Via") && field.value.find(ours) != std::string::npos)
            return true;
    return false;
}

} // namespace viaduct

#endif
