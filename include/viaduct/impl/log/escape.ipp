#ifndef VIADUCT_IMPL_LOG_ESCAPE_IPP
#define VIADUCT_IMPL_LOG_ESCAPE_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/log/escape.hpp>

namespace viaduct::escape {
namespace detail {

inline constexpr std::string_view digits = "0123456789ABCDEF";

inline void append_hex(std::string& line, std::string_view before, char octet)
{
    auto const value = static_cast<unsigned char>(octet);
    line.append(before) += digits[value >> 4U];
    line += digits[value & 0xfU];
}

[[nodiscard]] constexpr bool is_printable(char c) noexcept
{
    return c >= 0x20 && c < 0x7f;
}

inline constexpr characters::octet_set column_octets{
    [](char c) { return c > 0x20 && c < 0x7f && c != '%' && c != '"' && c != '\''; }};
inline constexpr characters::octet_set quoted_octets{
    [](char c) { return is_printable(c) && c != '"' && c != '\\'; }};

/// Appends what needs no escape in one piece, and hands every other octet to `escape_it`.
template <class Escape>
void append_pieces(std::string& line, std::string_view text, characters::octet_set const& plain,
                   Escape escape_it)
{
    text = text.substr(0, max_text);
    while (!text.empty()) {
        std::size_t n = 0;
        while (n < text.size() && plain.has(text[n]))
            ++n;
        line.append(text.substr(0, n));
        text.remove_prefix(n);
        if (text.empty()) return;
        text.remove_prefix(escape_it(text));
    }
}

inline void append_backslashed(std::string& line, char c)
{
    switch (c) {
    case '"': line += "\\\""; break;
    case '\\': line += "\\\\"; break;
    case '\t': line += "\\t"; break;
    case '\r': line += "\\r"; break;
    case '\n': line += "\\n"; break;
    default: append_hex(line, "\\x", c);
    }
}

/// How many octets the UTF-8 sequence at the beginning has; 0 if there is none (RFC 3629 section 4).
[[nodiscard]] inline std::size_t utf8_length(std::string_view text) noexcept
{
    auto const at = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    auto const tail = [at](std::size_t i) { return at(i) >= 0x80U && at(i) < 0xc0U; };
    auto const first = at(0);
    if (first >= 0xc2U && first < 0xe0U) return tail(1) ? 2 : 0;
    if (first >= 0xe0U && first < 0xf0U) {
        bool const overlong = first == 0xe0U && at(1) < 0xa0U;
        bool const surrogate = first == 0xedU && at(1) >= 0xa0U;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first < 0xf0U || first > 0xf4U) return 0;
    bool const overlong = first == 0xf0U && at(1) < 0x90U;
    bool const beyond = first == 0xf4U && at(1) >= 0x90U;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
}

/// U+0080 to U+009F are controls, which terminals obey and of which U+0085 ends lines; in the eyes of some
/// readers U+2028 and U+2029 do so, too.
[[nodiscard]] inline bool is_control(std::string_view sequence) noexcept
{
    bool const is_c1 =
        sequence.size() == 2 && sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0U;
    return is_c1 || sequence == "\xe2\x80\xa8" || sequence == "\xe2\x80\xa9";
}

[[nodiscard]] inline std::size_t append_json_special(std::string& line, std::string_view text)
{
    if (static_cast<unsigned char>(text[0]) < 0x80U) {
        switch (text[0]) {
        case '"':
        case '\\':
        case '\t':
        case '\r':
        case '\n': append_backslashed(line, text[0]); break;
        default: append_hex(line, "\\u00", text[0]);
        }
        return 1;
    }
    auto const n = utf8_length(text);
    if (n == 0 || is_control(text.substr(0, n)))
        line += "\\ufffd";
    else
        line.append(text.substr(0, n));
    return n == 0 ? 1 : n;
}

} // namespace detail

VIADUCT_DECL void column(std::string& line, std::string_view text)
{
    if (text.empty()) line += '-';
    detail::append_pieces(line, text, detail::column_octets, [&line](std::string_view rest) {
        detail::append_hex(line, "%", rest[0]);
        return std::size_t{1};
    });
}

VIADUCT_DECL void quoted(std::string& line, std::string_view text)
{
    detail::append_pieces(line, text, detail::quoted_octets, [&line](std::string_view rest) {
        detail::append_backslashed(line, rest[0]);
        return std::size_t{1};
    });
}

VIADUCT_DECL void json(std::string& line, std::string_view text)
{
    detail::append_pieces(line, text, detail::quoted_octets,
                          [&line](std::string_view rest) { return detail::append_json_special(line, rest); });
}

} // namespace viaduct::escape

#endif
