#ifndef VIADUCT_NET_LINGER_CLOSE_HPP
#define VIADUCT_NET_LINGER_CLOSE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/net/deadline.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace viaduct {
namespace detail {

/// Reads and forgets, until the peer has ended or enough came.
template <class Socket>
class discard_op
{
public:
    discard_op(Socket& socket, std::size_t limit) : socket_{&socket}, left_{limit} {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        error_code ignored;
        socket_->non_blocking(true, ignored); // for `discard`
        wait(self);
    }

    template <class Self>
    void operator()(Self& self, error_code ec)
    {
        if (!ec) ec = discard();
        if (cancelled(self) || ec || left_ == 0) return self.complete({});
        wait(self);
    }

private:
    /// Waits before it reads, so that nothing is owned meanwhile.
    template <class Self>
    void wait(Self& self)
    {
        auto& socket = *socket_;
        socket.async_wait(Socket::wait_read, std::move(self));
    }

    [[nodiscard]] error_code discard()
    {
        std::array<char, 4096> nobody_looks_at;
        error_code ec;
        auto const n = socket_->read_some(net::buffer(nobody_looks_at), ec);
        left_ -= std::min(left_, n);
        return ec == net::error::would_block || ec == net::error::try_again ? error_code{} : ec;
    }

    Socket* socket_;
    std::size_t left_;
};

template <class Socket>
class linger_close_op
{
public:
    linger_close_op(Socket& socket, std::chrono::milliseconds limit)
        : socket_{&socket},
          timer_{std::make_unique<net::steady_timer>(socket.get_executor())},
          limit_{std::max(limit, std::chrono::milliseconds{1})} // zero would be no limit
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& socket = *socket_;
        auto& timer = *timer_;
        error_code ignored; // the peer may have gone already; the read will tell
        socket.shutdown(Socket::shutdown_send, ignored);
        auto discard = net::async_compose<decltype(deferred) const&, void(error_code)>(
            discard_op<Socket>{socket, max_discarded}, deferred, socket);
        async_with_deadline(timer, limit_, errc::idle_timeout, std::move(discard), std::move(self));
    }

    template <class Self>
    void operator()(Self& self, error_code)
    {
        error_code ignored;
        timer_.reset();
        socket_->close(ignored);
        self.complete({});
    }

private:
    static constexpr std::size_t max_discarded = 256 * 1024;

    Socket* socket_;
    std::unique_ptr<net::steady_timer> timer_;
    std::chrono::milliseconds limit_;
};

} // namespace detail

/// Closes a socket so that what was written last arrives, although the peer may still be sending.
/**
 * A socket that is closed while unread octets lie in it resets its connection, and a reset takes away what
 * the peer has not read yet: the answer that told it why. So this sends the end of the stream, throws away
 * what comes, unread by any rule, until the peer ends too, and closes then (RFC 9112 section 9.6). The time
 * and the number of octets are bounded.
 *
 * @param socket Closed at the completion, whatever happened; must stay valid until then.
 * @param limit How long to wait for the peer.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(error_code ec) @endcode Never an error.
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total: closes at once.
 */
template <class Socket, class CompletionToken>
auto async_linger_close(Socket& socket, std::chrono::milliseconds limit, CompletionToken&& token)
{
    return net::async_compose<CompletionToken, void(error_code)>(
        detail::linger_close_op<Socket>{socket, limit}, token, socket);
}

} // namespace viaduct

#endif
