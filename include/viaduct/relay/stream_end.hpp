#ifndef VIADUCT_RELAY_STREAM_END_HPP
#define VIADUCT_RELAY_STREAM_END_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/tls_error.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace viaduct {

/// A stream that can say "no more from me" and go on reading, as sockets do.
template <class Stream>
concept half_closable = requires(Stream& stream, error_code& ec)
{
    stream.shutdown(net::socket_base::shutdown_send, ec);
};

/// A stream that can be broken off so that the peer sees a reset.
template <class Stream>
concept resettable = requires(Stream& stream, error_code& ec)
{
    stream.set_option(net::socket_base::linger{true, 0}, ec);
    stream.close(ec);
};

/// How a stream ends: what a relay needs to know of it. Specialise it for a stream that ends in another way.
/**
 * A stream whose end is a message of its own, as TLS has one, gives it with `std::string
 * last_octets(Stream&)` in place of `shutdown_send`: the relay writes it to `stream.next_layer()`, and the
 * stream stays readable.
 */
template <class Stream>
struct stream_end
{
    /// Whether an error means that the peer has broken the stream off.
    [[nodiscard]] static bool is_reset(error_code ec) noexcept
    {
        return ec == net::error::connection_reset || ec == net::error::broken_pipe ||
               ec == net::error::connection_aborted;
    }

    /// Whether `shutdown_send` means anything. If not, the end of the other stream ends the relay.
    static constexpr bool can_half_close = half_closable<Stream>;

    static error_code shutdown_send(Stream& stream)
    {
        error_code ec;
        if constexpr (half_closable<Stream>) stream.shutdown(net::socket_base::shutdown_send, ec);
        // A socket that has been reset meanwhile is not connected: the read of the other direction tells why.
        return ec == net::error::not_connected ? error_code{} : ec;
    }

    /// Breaks the stream off; on a socket the peer sees a reset.
    static void reset(Stream& stream)
    {
        if constexpr (resettable<Stream>) {
            error_code ignored; // it may be broken already
            stream.set_option(net::socket_base::linger{true, 0}, ignored);
            stream.close(ignored);
        }
    }
};

/// A stream whose kind is known only while the program runs: `any_stream`, `tunnel`.
template <class Stream>
concept ends_by_itself = requires(Stream& stream)
{
    stream.end_sending();
    stream.lowest_layer();
};

/// How such a stream ends: by a call, or with octets that the call returns.
template <ends_by_itself Stream>
struct stream_end<Stream>
{
    using lowest = std::remove_reference_t<decltype(std::declval<Stream&>().lowest_layer())>;

    static constexpr bool can_half_close = true;

    [[nodiscard]] static bool is_reset(error_code ec) noexcept
    {
        return detail::is_tls_truncation(ec) || stream_end<lowest>::is_reset(ec);
    }

    [[nodiscard]] static std::string last_octets(Stream& s) { return s.end_sending(); }

    static void reset(Stream& s) { stream_end<lowest>::reset(s.lowest_layer()); }
};

/// A stream that ends with octets of its own.
template <class Stream>
concept ends_with_octets = requires(Stream& stream)
{
    stream_end<Stream>::last_octets(stream);
};

} // namespace viaduct

#endif
