#ifndef VIADUCT_RELAY_ANY_STREAM_END_HPP
#define VIADUCT_RELAY_ANY_STREAM_END_HPP

#include <viaduct/detail/tls_error.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <string>

namespace viaduct {

/// How a stream of any kind ends in a relay.
template <>
struct stream_end<any_stream>
{
    static constexpr bool can_half_close = true;

    [[nodiscard]] static bool is_reset(error_code ec) noexcept
    {
        return detail::is_tls_truncation(ec) || stream_end<net::ip::tcp::socket>::is_reset(ec);
    }

    [[nodiscard]] static std::string last_octets(any_stream& s) { return s.end_sending(); }

    static void reset(any_stream& s) { stream_end<net::ip::tcp::socket>::reset(s.lowest_layer()); }
};

} // namespace viaduct

#endif
