#include "path/outgoing.hpp"

#include "failure.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>
#include <string_view>

namespace viaduct_curl {
namespace {

namespace net = viaduct::net;

/// The first address of each family counts.
void add(viaduct::outgoing_socket& to, net::ip::address const& address)
{
    if (address.is_v4() && !to.address_v4) to.address_v4 = address.to_v4();
    if (address.is_v6() && !to.address_v6) to.address_v6 = address.to_v6();
}

void add(viaduct::outgoing_socket& to, sockaddr const& found)
{
    if (found.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &found, sizeof v4);
        add(to, net::ip::address_v4{ntohl(v4.sin_addr.s_addr)});
    } else if (found.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &found, sizeof v6);
        net::ip::address_v6::bytes_type octets;
        std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
        add(to, net::ip::address_v6{octets, v6.sin6_scope_id});
    }
}

[[nodiscard]] viaduct::outgoing_socket of_interface(std::string_view name)
{
    viaduct::outgoing_socket from;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return from;
    std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const owner{first, ::freeifaddrs};
    for (auto const* each = first; each; each = each->ifa_next)
        if (each->ifa_addr && name == each->ifa_name) add(from, *each->ifa_addr);
    return from;
}

[[nodiscard]] viaduct::outgoing_socket of_host(std::string const& name)
{
    viaduct::outgoing_socket from;
    viaduct::error_code ec;
    auto const address = net::ip::make_address(name, ec);
    if (!ec) {
        add(from, address);
        return from;
    }
    net::io_context context;
    for (auto const& entry : net::ip::tcp::resolver{context}.resolve(name, "", ec))
        add(from, entry.endpoint().address());
    return from;
}

} // namespace

viaduct::outgoing_socket find_outgoing(std::string const& text)
{
    viaduct::outgoing_socket from;
    if (text.starts_with("if!"))
        from = of_interface(text.substr(3));
    else if (text.starts_with("host!"))
        from = of_host(text.substr(5));
    else
        from = of_interface(text);
    bool const is_found = from.address_v4 || from.address_v6;
    if (!is_found && !text.starts_with("if!") && !text.starts_with("host!")) from = of_host(text);
    if (from == viaduct::outgoing_socket{})
        throw failure{CURLE_INTERFACE_FAILED, fmt::format("Couldn't bind to '{}'", text)};
    return from;
}

} // namespace viaduct_curl
