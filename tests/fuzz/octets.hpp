#ifndef VIADUCT_TESTS_FUZZ_OCTETS_HPP
#define VIADUCT_TESTS_FUZZ_OCTETS_HPP

#include <string_view>

namespace fuzz {

/// Cuts off what stands before the first `separator`, which goes as well.
[[nodiscard]] inline std::string_view take_until(std::string_view& text, char separator) noexcept
{
    auto const at = text.find(separator);
    auto const piece = text.substr(0, at);
    text.remove_prefix(at == text.npos ? text.size() : at + 1);
    return piece;
}

/// The value of the first octet, which goes; zero if there is none.
[[nodiscard]] inline unsigned take_octet(std::string_view& text) noexcept
{
    if (text.empty()) return 0;
    auto const octet = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    return octet;
}

} // namespace fuzz

#endif
