#ifndef VIADUCT_HTTP_CHARACTERS_HPP
#define VIADUCT_HTTP_CHARACTERS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

/// The character classes of RFC 9110 section 5.6 and RFC 3986, independent of any locale.
namespace viaduct::characters {

[[nodiscard]] constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alpha(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] constexpr bool is_hex(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Some octets, as a table: a look at every octet of every head should cost no search.
class octet_set
{
public:
    template <class Predicate>
    explicit constexpr octet_set(Predicate holds) noexcept
    {
        for (std::size_t octet = 0; octet < has_.size(); ++octet)
            has_[octet] = holds(static_cast<char>(octet));
    }

    [[nodiscard]] constexpr bool has(char c) const noexcept { return has_[static_cast<unsigned char>(c)]; }

private:
    std::array<bool, 256> has_{};
};

inline constexpr octet_set token_octets{[](char c) {
    return is_digit(c) || is_alpha(c) ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}};

/// `tchar`, what a method, a field name or a parameter name is made of.
[[nodiscard]] constexpr bool is_token(char c) noexcept
{
    return token_octets.has(c);
}

[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_token(c); });
}

/// A control that no head may hold: all of C0 but HTAB, and DEL.
[[nodiscard]] constexpr bool is_forbidden_control(char c) noexcept
{
    auto const octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && c != '\t') || octet == 0x7f;
}

/// Optional white space: space and HTAB.
[[nodiscard]] constexpr bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t';
}

[[nodiscard]] constexpr char to_lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Compares ASCII text without regard to case, as field names and scheme names are.
[[nodiscard]] constexpr bool iequals(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

/// The text without the blanks around it.
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

} // namespace viaduct::characters

#endif
