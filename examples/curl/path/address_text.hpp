#ifndef VIADUCT_CURL_PATH_ADDRESS_TEXT_HPP
#define VIADUCT_CURL_PATH_ADDRESS_TEXT_HPP

#include <viaduct/detail/asio.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace viaduct_curl {

/// `host:port` of an address, with brackets where they are needed.
[[nodiscard]] inline std::string address_and_port(viaduct::net::ip::tcp::endpoint const& endpoint)
{
    auto const address = endpoint.address().to_string();
    auto const host = endpoint.address().is_v6() ? '[' + address + ']' : address;
    return fmt::format("{}:{}", host, endpoint.port());
}

/// What a SOCKS proxy speaks, from its URL.
[[nodiscard]] inline std::string_view socks_version(std::string_view proxy)
{
    if (proxy.starts_with("socks4a:")) return "SOCKS4a";
    return proxy.starts_with("socks4:") ? "SOCKS4" : "SOCKS5";
}

} // namespace viaduct_curl

#endif
