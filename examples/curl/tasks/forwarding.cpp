#include "tasks/forwarding.hpp"

#include "command/values.hpp"
#include "tasks/tunnel_target.hpp"
#include "tell/verbose.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

namespace viaduct_curl {
namespace {

namespace net = viaduct::net;

[[noreturn]] void refuse(std::string_view text)
{
    misuse(fmt::format("option --forward: '{}': expected [ADDRESS:]LOCALPORT:HOST:PORT", printable(text)));
}

/// Takes what stands before the next colon that is not within brackets.
/** @return Nothing if there is no such colon. */
[[nodiscard]] std::optional<std::string_view> take_part(std::string_view& rest)
{
    auto const from = rest.starts_with('[') ? rest.find(']') : 0;
    auto const colon = from == std::string_view::npos ? from : rest.find(':', from);
    if (colon == std::string_view::npos) return std::nullopt;
    auto const part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
    return part;
}

[[nodiscard]] std::optional<std::uint16_t> read_port(std::string_view text)
{
    std::uint16_t port = 0;
    auto const* const end = text.data() + text.size();
    auto const read = std::from_chars(text.data(), end, port);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return port;
}

[[nodiscard]] std::optional<net::ip::address> read_address(std::string_view text)
{
    if (text == "localhost") return net::ip::address_v4::loopback();
    if (text == "*") return net::ip::address_v6::any(); // which takes those of IPv4, too
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    viaduct::error_code ec;
    auto const address = net::ip::make_address(std::string{text}, ec);
    return ec ? std::nullopt : std::optional{address};
}

} // namespace

forwarding read_forwarding(std::string_view text)
{
    auto rest = text;
    std::optional<net::ip::address> address = net::ip::address_v4::loopback();
    auto first = take_part(rest);
    if (!first) refuse(text);
    auto port = read_port(*first);
    if (!port) {
        address = read_address(*first);
        auto const second = take_part(rest);
        if (second) port = read_port(*second);
    }
    if (!address || !port) refuse(text);
    return {{*address, *port}, read_tunnel_target(rest)};
}

} // namespace viaduct_curl
