#ifndef VIADUCT_IMPL_NET_PROXY_PROTOCOL_IPP
#define VIADUCT_IMPL_NET_PROXY_PROTOCOL_IPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/plain_address.hpp>
#include <viaduct/detail/proxy_v1.hpp>
#include <viaduct/detail/proxy_v2.hpp>
#include <viaduct/net/proxy_protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace viaduct {
namespace detail {

[[nodiscard]] inline net::ip::address_v6 as_v6(net::ip::address const& address)
{
    return address.is_v6() ? address.to_v6() : net::ip::make_address_v6(net::ip::v4_mapped, address.to_v4());
}

/// Two hexadecimal digits for each octet, as the specification has IPv6; the system's text of a mapped
/// address has dots.
[[nodiscard]] inline std::string mapped_text(net::ip::address_v4 const& address)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "::ffff:";
    for (auto const octet : address.to_bytes()) {
        if (text.size() == 11) text += ':';
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return text;
}

/// The two ends of a connection in one family.
struct proxy_ends
{
    proxy_ends(net::ip::tcp::endpoint const& from, net::ip::tcp::endpoint const& to)
        : source{plain_address(from.address())},
          destination{plain_address(to.address())},
          source_port{from.port()},
          destination_port{to.port()},
          ipv4{source.is_v4() && destination.is_v4()}
    {}

    net::ip::address source;
    net::ip::address destination;
    std::uint16_t source_port;
    std::uint16_t destination_port;
    bool ipv4; // both
};

[[nodiscard]] inline std::string proxy_v1_text(net::ip::address const& address, bool ipv4)
{
    return address.is_v4() && !ipv4 ? mapped_text(address.to_v4()) : to_text(address);
}

[[nodiscard]] inline std::string proxy_v1_header(proxy_ends const& ends)
{
    std::string line{proxy_v1::start};
    line.append(ends.ipv4 ? proxy_v1::tcp_over_ipv4 : proxy_v1::tcp_over_ipv6).append(1, ' ');
    line.append(proxy_v1_text(ends.source, ends.ipv4)).append(1, ' ');
    line.append(proxy_v1_text(ends.destination, ends.ipv4)).append(1, ' ');
    line.append(std::to_string(ends.source_port)).append(1, ' ');
    return line.append(std::to_string(ends.destination_port)).append(proxy_v1::end);
}

inline void append_octet(std::string& out, unsigned octet)
{
    out.push_back(static_cast<char>(static_cast<unsigned char>(octet)));
}

inline void append_octets(std::string& out, std::size_t number) // two of them, the higher one first
{
    append_octet(out, static_cast<unsigned>(number >> 8 & 0xff));
    append_octet(out, static_cast<unsigned>(number & 0xff));
}

inline void append_address(std::string& out, net::ip::address const& address, bool ipv4)
{
    if (ipv4)
        for (auto const octet : address.to_v4().to_bytes())
            append_octet(out, octet);
    else
        for (auto const octet : as_v6(address).to_bytes())
            append_octet(out, octet);
}

[[nodiscard]] inline std::string proxy_v2_start(unsigned char command, unsigned char family, std::size_t rest)
{
    std::string out{proxy_v2::signature};
    out.reserve(proxy_v2::fixed_size + rest);
    append_octet(out, command);
    append_octet(out, family);
    append_octets(out, rest);
    return out;
}

[[nodiscard]] inline std::string proxy_v2_header(proxy_ends const& ends)
{
    auto out = ends.ipv4 ? proxy_v2_start(proxy_v2::proxy, proxy_v2::tcp_over_ipv4, proxy_v2::ipv4_size)
                         : proxy_v2_start(proxy_v2::proxy, proxy_v2::tcp_over_ipv6, proxy_v2::ipv6_size);
    append_address(out, ends.source, ends.ipv4);
    append_address(out, ends.destination, ends.ipv4);
    append_octets(out, ends.source_port);
    append_octets(out, ends.destination_port);
    return out;
}

} // namespace detail

VIADUCT_DECL std::string proxy_protocol_header(proxy_protocol_version version,
                                               net::ip::tcp::endpoint const& source,
                                               net::ip::tcp::endpoint const& destination)
{
    detail::proxy_ends const ends{source, destination};
    return version == proxy_protocol_version::v1 ? detail::proxy_v1_header(ends)
                                                 : detail::proxy_v2_header(ends);
}

VIADUCT_DECL std::string proxy_protocol_local(proxy_protocol_version version)
{
    namespace v2 = detail::proxy_v2;
    return version == proxy_protocol_version::v1 ? "PROXY UNKNOWN\r\n"
                                                 : detail::proxy_v2_start(v2::local, v2::unspecified, 0);
}

} // namespace viaduct

#endif
