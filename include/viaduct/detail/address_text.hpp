#ifndef VIADUCT_DETAIL_ADDRESS_TEXT_HPP
#define VIADUCT_DETAIL_ADDRESS_TEXT_HPP

#include <viaduct/detail/asio.hpp>

#include <array>
#include <charconv>
#include <string>

namespace viaduct::detail {

/// The text of an address. Asio's goes through printf, which would cost more than the rest of a tunnel's
/// record.
[[nodiscard]] inline std::string to_text(net::ip::address const& address)
{
    if (address.is_v6()) return address.to_string();
    std::array<char, 16> text{};
    char* end = text.data();
    for (unsigned const octet : address.to_v4().to_bytes()) {
        if (end != text.data()) *end++ = '.';
        end = std::to_chars(end, text.data() + text.size(), octet).ptr;
    }
    return {text.data(), end};
}

/// `192.0.2.1:443`, `[2001:db8::1]:443`.
[[nodiscard]] inline std::string to_text(net::ip::tcp::endpoint const& endpoint)
{
    auto const address = to_text(endpoint.address());
    auto const port = std::to_string(endpoint.port());
    return endpoint.address().is_v6() ? '[' + address + "]:" + port : address + ':' + port;
}

} // namespace viaduct::detail

#endif
