#ifndef VIADUCT_RELAY_ANY_STREAM_END_HPP
#define VIADUCT_RELAY_ANY_STREAM_END_HPP

#include <viaduct/net/any_stream.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <string>
#include <string_view>

namespace viaduct {

/// How a stream of any kind ends in a relay.
template <>
struct stream_end<any_stream>
{
    static constexpr bool can_half_close = true;

    [[nodiscard]] static bool is_reset(error_code ec) noexcept
    {
        // TLS that ends without its alert was cut off. Asio's category of such errors belongs to a header
        // that only those who link OpenSSL include, so it is known by its name.
        bool const truncated = std::string_view{ec.category().name()} == "asio.ssl.stream";
        return truncated || stream_end<net::ip::tcp::socket>::is_reset(ec);
    }

    [[nodiscard]] static std::string last_octets(any_stream& s) { return s.end_sending(); }

    static void reset(any_stream& s) { stream_end<net::ip::tcp::socket>::reset(s.lowest_layer()); }
};

} // namespace viaduct

#endif
