#ifndef VIADUCT_IMPL_AUTH_BASE64_HPP
#define VIADUCT_IMPL_AUTH_BASE64_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct::detail {

inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648 section 4, with padding.
[[nodiscard]] inline std::string base64_encode(std::string_view octets)
{
    std::string text;
    text.reserve((octets.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        auto const group = octets.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= group.size() ? base64_alphabet[bits >> (18 - 6 * i) & 0x3f] : '=';
    }
    return text;
}

/// The octets, or nothing if the text is not whole groups of the alphabet with its padding at the end.
[[nodiscard]] inline std::optional<std::string> base64_decode(std::string_view text)
{
    if (text.size() % 4 != 0) return std::nullopt;
    auto const digits = text.substr(0, text.find('='));
    auto const padding = text.size() - digits.size();
    if (padding > 2 || text.find_first_not_of('=', digits.size()) != std::string_view::npos)
        return std::nullopt;
    std::string octets;
    octets.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (char const c : digits) {
        auto const value = base64_alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffff;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        octets += static_cast<char>(bits >> held & 0xff);
    }
    return octets;
}

} // namespace viaduct::detail

#endif
