#ifndef VIADUCT_IMPL_SERVER_VIA_IPP
#define VIADUCT_IMPL_SERVER_VIA_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/server/via.hpp>

#include <cstdint>
#include <random>

namespace viaduct {
namespace detail {

/// The comments of a Via value, one after the other: what is between the outermost parentheses, unescaped.
class via_comments
{
public:
    explicit via_comments(std::string_view value) : rest_{value} {}

    /// False if there is none left.
    [[nodiscard]] bool next(std::string& comment)
    {
        comment.clear();
        auto const start = rest_.find('(');
        if (start == std::string_view::npos) return false;
        rest_.remove_prefix(start + 1);
        for (int depth = 1; !rest_.empty();) {
            char c = take();
            if (c == ')' && --depth == 0) return true;
            if (c == '(') ++depth;
            if (c == '\\' && !rest_.empty()) c = take();
            comment += c;
        }
        return false;
    }

private:
    [[nodiscard]] char take()
    {
        char const c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    std::string_view rest_;
};

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
    member += " (";
    for (char const c : id) {
        bool const plain = c > 0x1f && c < 0x7f;
        if (c == '(' || c == ')' || c == '\\') member += '\\';
        member += plain ? c : '?';
    }
    return member += ')';
}

VIADUCT_DECL std::string via_for(field_list received, std::string_view member)
{
    std::string value;
    for (auto const& field : received)
        if (characters::iequals(field.name, "Via") && !field.value.empty())
            value.append(field.value).append(", ");
    return value.append(member);
}

VIADUCT_DECL bool has_passed(field_list received, std::string_view id)
{
    std::string comment;
    for (auto const& field : received) {
        if (!characters::iequals(field.name, "Via")) continue;
        for (detail::via_comments comments{field.value}; comments.next(comment);)
            if (comment == id) return true;
    }
    return false;
}

} // namespace viaduct

#endif
