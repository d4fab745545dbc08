#ifndef VIADUCT_NET_CONNECT_ANY_HPP
#define VIADUCT_NET_CONNECT_ANY_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/point_after.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/deadline.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace viaduct {

/// How long a connection may take to come about; zero for no limit.
struct connect_clocks
{
    std::chrono::milliseconds attempt = std::chrono::seconds{5}; ///< One address.
    std::chrono::milliseconds total = std::chrono::seconds{15};  ///< All addresses together.
};

namespace detail {

/// Tries one address after the other.
class connect_any_op : public one_step_at_a_time
{
public:
    struct on_attempt
    {};

    connect_any_op(net::ip::tcp::socket* socket, std::vector<net::ip::tcp::endpoint> endpoints,
                   connect_clocks clocks)
        : socket_{socket},
          timer_{socket->get_executor()},
          endpoints_{std::move(endpoints)},
          clocks_{clocks},
          end_{point_after(std::chrono::steady_clock::now(), clocks.total)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        if (!endpoints_.empty()) return attempt(self);
        net::post(socket_->get_executor(),
                  prepend(self.then(on_attempt{}), error_code{net::error::not_found}));
    }

    template <class Self>
    void operator()(Self& self, on_attempt, error_code ec)
    {
        if (self.cancelled()) ec = net::error::operation_aborted;
        bool const next =
            ec && ec != net::error::operation_aborted && tried_ < endpoints_.size() && left() > left().zero();
        if (next) return attempt(self);
        error_code ignored;
        if (ec) socket_->close(ignored);
        self.complete(ec, tried_ == 0 ? net::ip::tcp::endpoint{} : endpoints_[tried_ - 1]);
    }

private:
    using duration = std::chrono::steady_clock::duration;

    [[nodiscard]] duration left() const { return end_ - std::chrono::steady_clock::now(); }

    template <class Self>
    void attempt(Self& self)
    {
        error_code ignored;
        socket_->close(ignored);
        auto const now = std::chrono::steady_clock::now();
        auto const until = std::min(point_after(now, clocks_.attempt), end_);
        async_with_deadline(timer_, std::max(until - now, duration{1}), errc::connect_timeout,
                            socket_->async_connect(endpoints_[tried_++], deferred), self.then(on_attempt{}));
    }

    net::ip::tcp::socket* socket_;
    net::steady_timer timer_;
    std::vector<net::ip::tcp::endpoint> endpoints_;
    connect_clocks clocks_;
    std::chrono::steady_clock::time_point end_;
    std::size_t tried_ = 0;
};

} // namespace detail

/// Connects a socket to the first of several addresses that answers, in their order.
/**
 * @param socket Closed and opened anew for each address; must stay valid until the completion. Closed after
 * an error.
 * @param endpoints Where to connect; copied.
 * @param clocks For one attempt, and for all.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec,                    // of the last attempt: the system's, or errc::connect_timeout;
 *                                     // net::error::not_found
 *                                     // without any endpoint; operation_aborted after a cancellation
 *   net::ip::tcp::endpoint endpoint   // the one that answered, or the last one tried
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total: the attempt under way is ended, and the socket closed.
 */
template <class CompletionToken>
auto async_connect_any(net::ip::tcp::socket& socket, std::vector<net::ip::tcp::endpoint> endpoints,
                       connect_clocks clocks, CompletionToken&& token)
{
    return detail::async_stable<detail::connect_any_op, void(error_code, net::ip::tcp::endpoint)>(
        std::forward<CompletionToken>(token), &socket, std::move(endpoints), clocks);
}

} // namespace viaduct

#endif
