#ifndef VIADUCT_DETAIL_MESSAGE_TEXT_HPP
#define VIADUCT_DETAIL_MESSAGE_TEXT_HPP

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// The line without the line feed at its end.
[[nodiscard]] constexpr std::string_view without_line_feed(std::string_view line) noexcept
{
    if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
    return line;
}

/// How many octets belong together at the beginning of a text: those of a UTF-8 sequence, as far as they are
/// there.
[[nodiscard]] constexpr std::size_t character_size(std::string_view text) noexcept
{
    auto const first = static_cast<unsigned char>(text[0]);
    std::size_t const whole = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    std::size_t size = 1;
    while (size < whole && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80)
        ++size;
    return size;
}

[[nodiscard]] constexpr bool is_control(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// How many octets at the beginning are printable ASCII.
[[nodiscard]] inline std::size_t plain_size(std::string_view text) noexcept
{
    auto const* const begin = text.data();
    auto const* const end = begin + text.size();
    return static_cast<std::size_t>(
        std::find_if_not(begin, end, [](char c) { return c >= 0x20 && c < 0x7f; }) - begin);
}

/// Appends text with `#` and three octal digits for each control character, as rsyslog shows them.
/**
 * @param room How many octets may be appended; the rest is cut off, at a whole character.
 * @param tabs Whether tabs stay as they are.
 */
inline void append_message_text(std::string& out, std::string_view text, std::size_t room, bool tabs)
{
    while (!text.empty()) {
        auto const plain = std::min(plain_size(text), room);
        out.append(text.substr(0, plain));
        room -= plain;
        text.remove_prefix(plain);
        if (text.empty() || room == 0) return;
        char const c = text[0];
        bool const escaped = is_control(c) && !(tabs && c == '\t');
        auto const size = escaped ? 1 : character_size(text);
        auto const needed = escaped ? 4 : size;
        if (needed > room) return;
        room -= needed;
        if (escaped) {
            auto const value = static_cast<unsigned char>(c);
            out += '#';
            for (int shift = 6; shift >= 0; shift -= 3)
                out += static_cast<char>('0' + ((value >> shift) & 7));
        } else
            out.append(text.substr(0, size));
        text.remove_prefix(size);
    }
}

/// Appends one line with exactly one line feed, at its end.
/** @param most How many octets may be appended, with the line feed. */
inline void append_one_line(std::string& out, std::string_view line, std::size_t most)
{
    append_message_text(out, without_line_feed(line), most - 1, true);
    out += '\n';
}

/// Hands each of several lines to `take`.
template <class Take>
void for_each_line(std::string_view lines, Take take)
{
    while (!lines.empty()) {
        auto const found = lines.find('\n');
        auto const size = found == std::string_view::npos ? lines.size() : found + 1;
        take(lines.substr(0, size));
        lines.remove_prefix(size);
    }
}

} // namespace viaduct::detail

#endif
