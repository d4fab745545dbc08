#ifndef VIADUCT_NET_EXACT_READ_HPP
#define VIADUCT_NET_EXACT_READ_HPP

#include <viaduct/detail/asio.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>
#if !defined(_WIN32)
#include <sys/socket.h>
#endif

namespace viaduct {

/// How to look at octets of a stream and then take only some of them: the general form, for any stream.
/**
 * A protocol head ends somewhere inside what has arrived, and what follows belongs to somebody else. An
 * `exact_read` reads in three steps:
 *
 *   1. `async_await(stream, into, token)` with `void(error_code, std::size_t)` waits for octets, and may read
 * some;
 *   2. `look(stream, into, n, ec)` turns that outcome into a number of octets in `into`; 0 with no error is
 * the end of the stream, `would_block` asks for another wait;
 *   3. `take(stream, n)` removes the first `n` of them from the stream.
 *
 * This form reads one octet at a time, so that there is never one to give back. On a stream with a buffer of
 * its own, as `ssl::stream` has, this costs no system call an octet. Sockets have a specialisation that
 * peeks.
 */
template <class AsyncReadStream>
struct exact_read
{
    /// Whether `look` may be called without a wait before it, and then gives `would_block` if nothing is
    /// there.
    static constexpr bool looks_without_waiting = false;

    template <class CompletionToken>
    static auto async_await(AsyncReadStream& stream, std::span<char> into, CompletionToken&& token)
    {
        return stream.async_read_some(net::buffer(into.data(), 1), std::forward<CompletionToken>(token));
    }

    static std::size_t await(AsyncReadStream& stream, std::span<char> into, error_code& ec)
    {
        return stream.read_some(net::buffer(into.data(), 1), ec);
    }

    static std::size_t look(AsyncReadStream&, std::span<char>, std::size_t n, error_code&) { return n; }

    static void take(AsyncReadStream&, std::size_t) {}
};

#if !defined(_WIN32)
/// The form for sockets: wait until readable, peek, and receive only what belongs to the head.
/** Three system calls a segment, and what follows the head stays in the kernel for whoever reads next. */
template <class Protocol, class Executor>
struct exact_read<net::basic_stream_socket<Protocol, Executor>>
{
    using socket = net::basic_stream_socket<Protocol, Executor>;

    static constexpr bool looks_without_waiting = true;

    template <class CompletionToken>
    static auto async_await(socket& s, std::span<char>, CompletionToken&& token)
    {
        return s.async_wait(socket::wait_read, std::forward<CompletionToken>(token));
    }

    static std::size_t await(socket& s, std::span<char>, error_code& ec)
    {
        s.wait(socket::wait_read, ec);
        return 0;
    }

    static std::size_t look(socket& s, std::span<char> into, std::size_t, error_code& ec)
    {
        return receive(s, into, MSG_PEEK, ec);
    }

    static void take(socket& s, std::size_t n)
    {
        std::array<char, 2048> discarded; // they have been looked at
        error_code ec;                    // they were there a moment ago; an error shows on the next read
        while (n != 0 && !ec) {
            auto const taken = receive(s, std::span{discarded}.first(std::min(n, discarded.size())), 0, ec);
            if (taken == 0) return;
            n -= taken;
        }
    }

private:
    // Not socket::receive: that waits when there is nothing, whatever the flags say.
    static std::size_t receive(socket& s, std::span<char> into, int flags, error_code& ec)
    {
        ssize_t n = 0;
        do
            n = ::recv(s.native_handle(), into.data(), into.size(), flags | MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        if (n >= 0) return static_cast<std::size_t>(n);
        ec = error_code{errno, net::error::get_system_category()};
        return 0;
    }
};
#endif

} // namespace viaduct

#endif
