#ifndef VIADUCT_IMPL_LOG_SQUID_ENCODING_HPP
#define VIADUCT_IMPL_LOG_SQUID_ENCODING_HPP

#include <viaduct/detail/squid_piece.hpp>
#include <viaduct/impl/log/squid_words.hpp>
#include <viaduct/log/escape.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// Appends a text with `%XX` for every octet that is not plain.
inline void append_percent_encoded(std::string& line, std::string_view text,
                                   characters::octet_set const& plain)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (char const c : text) {
        if (plain.has(c)) {
            line += c;
            continue;
        }
        auto const octet = static_cast<unsigned char>(c);
        line += '%';
        line += digits[octet >> 4U];
        line += digits[octet & 0xfU];
    }
}

/// What RFC 1738 calls safe, and the reserved characters.
[[nodiscard]] constexpr bool is_url_safe(char c) noexcept
{
    return c > ' ' && c < 0x7f && std::string_view{"<>\"#%{}|\\^~[]`'"}.find(c) == std::string_view::npos;
}

inline constexpr characters::octet_set url_octets{[](char c) { return is_url_safe(c); }};
inline constexpr characters::octet_set passing_octets{[](char c) { return is_url_safe(c) || c == '%'; }};
inline constexpr characters::octet_set raw_octets{[](char c) { return c >= ' ' && c < 0x7f; }};
inline constexpr characters::octet_set column_octets{[](char c) { return c > ' ' && c < 0x7f && c != '"'; }};

/// Squid's `%#`; without `percent` what it calls pass-through.
inline void append_url_encoded(std::string& line, std::string_view text, bool percent)
{
    append_percent_encoded(line, text, percent ? url_octets : passing_octets);
}

inline void append_in_quotes(std::string& line, std::string_view text)
{
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), escape::max_text)))
        escape::quoted(line, text.substr(0, escape::max_text));
}

/// A word of a shell's: in quotes if there is a blank in it.
inline void append_shell_word(std::string& line, std::string_view text)
{
    std::string_view const quote = text.find(' ') == std::string_view::npos ? "" : "\"";
    line.append(quote);
    append_in_quotes(line, text);
    line.append(quote);
}

inline void append_encoded(std::string& line, squid_value const& value, squid_piece const& piece)
{
    auto const text = value.text;
    switch (piece.encoding) {
    case squid_encoding::quoted: return append_in_quotes(line, text);
    case squid_encoding::brackets: return append_in_brackets(line, text, false);
    case squid_encoding::url: return append_url_encoded(line, text, true);
    case squid_encoding::shell: return append_shell_word(line, text);
    case squid_encoding::raw: return append_percent_encoded(line, text, raw_octets);
    default:
        if (piece.url) return append_url_encoded(line, text, false);
        return append_percent_encoded(line, text, value.ours ? raw_octets : column_octets);
    }
}

/// Cuts what was appended behind `begin`, but no escape in quotes in two, nor the end off a word in quotes.
inline void cut(std::string& line, std::size_t begin, squid_piece const& piece)
{
    auto const width = static_cast<std::size_t>(piece.max);
    if (piece.max < 0 || line.size() - begin <= width) return;
    bool const word = piece.encoding == squid_encoding::shell && line[begin] == '"';
    line.resize(begin + width);
    if (piece.encoding != squid_encoding::quoted && piece.encoding != squid_encoding::shell) return;
    if (word && width > 0) line.pop_back();
    auto const last = line.find_last_not_of('\\');
    auto const kept = std::max(begin, last == std::string::npos ? 0 : last + 1);
    if ((line.size() - kept) % 2 != 0) line.pop_back();
    if (word && width > 1) line += '"';
}

/// Fills up what was appended behind `begin`.
inline void pad(std::string& line, std::size_t begin, squid_piece const& piece)
{
    auto const size = line.size() - begin;
    if (piece.min < 0 || size >= static_cast<std::size_t>(piece.min)) return;
    auto const missing = static_cast<std::size_t>(piece.min) - size;
    if (piece.left)
        line.append(missing, ' ');
    else
        line.insert(begin, missing, ' ');
}

/// How many zeros numbers are filled up to, if a fraction follows that takes this much.
[[nodiscard]] inline std::size_t zeros(squid_piece const& piece, int fraction) noexcept
{
    return piece.zero && piece.min > fraction ? static_cast<std::size_t>(piece.min - fraction) : 0;
}

/// How many microseconds the last digit of a fraction stands for.
[[nodiscard]] inline std::uint64_t squid_divisor(squid_piece const& piece) noexcept
{
    if (piece.max <= 0) return 1000;
    std::uint64_t divisor = 1'000'000;
    for (int i = 0; i < piece.max && divisor > 1; ++i)
        divisor /= 10;
    return divisor;
}

inline void append_milliseconds(std::string& line, std::uint64_t microseconds, squid_piece const& piece)
{
    auto const ms = microseconds / 1000;
    if (piece.max < 0) return append_digits(line, ms, zeros(piece, 0));
    append_digits(line, ms, zeros(piece, piece.max + 1));
    line += '.';
    append_digits(line, microseconds % 1000 * (1000 / squid_divisor(piece)),
                  static_cast<std::size_t>(piece.max));
}

inline void append_seconds(std::string& line, std::uint64_t microseconds, squid_piece const& piece)
{
    auto const digits = piece.max < 0 ? 3 : piece.max;
    append_digits(line, microseconds / 1'000'000, zeros(piece, digits + 1));
    line += '.';
    append_digits(line, microseconds % 1'000'000 / squid_divisor(piece), static_cast<std::size_t>(digits));
}

inline void append_value(std::string& line, squid_value const& value, squid_piece const& piece)
{
    auto const begin = line.size();
    switch (value.what) {
    case squid_value::kind::text:
        append_encoded(line, value, piece);
        cut(line, begin, piece);
        break;
    case squid_value::kind::number: append_digits(line, value.number, zeros(piece, 0)); break;
    case squid_value::kind::milliseconds: append_milliseconds(line, value.number, piece); break;
    case squid_value::kind::seconds: append_seconds(line, value.number, piece); break;
    default: line += '-'; return;
    }
    pad(line, begin, piece);
}

} // namespace viaduct::detail

#endif
