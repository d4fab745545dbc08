#ifndef VIADUCT_NET_CONNECT_ANY_HPP
#define VIADUCT_NET_CONNECT_ANY_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/deadline.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
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
class connect_any_op
{
public:
    connect_any_op(net::ip::tcp::socket& socket, std::vector<net::ip::tcp::endpoint> endpoints,
                   connect_clocks clocks)
        : state_{std::make_unique<state>(socket, std::move(endpoints), clocks)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& s = *state_;
        if (!s.endpoints.empty()) return attempt(self);
        auto const executor = s.socket.get_executor();
        net::post(executor, prepend(std::move(self), error_code{net::error::not_found}));
    }

    template <class Self>
    void operator()(Self& self, error_code ec)
    {
        auto& s = *state_;
        if (cancelled(self)) ec = net::error::operation_aborted;
        bool const next = ec && ec != net::error::operation_aborted && s.tried < s.endpoints.size() &&
                          s.left() > s.left().zero();
        if (next) return attempt(self);
        auto const chosen = s.tried == 0 ? net::ip::tcp::endpoint{} : s.endpoints[s.tried - 1];
        error_code ignored;
        if (ec) s.socket.close(ignored);
        state_.reset();
        self.complete(ec, chosen);
    }

private:
    struct state
    {
        state(net::ip::tcp::socket& s, std::vector<net::ip::tcp::endpoint> e, connect_clocks c)
            : socket{s},
              timer{s.get_executor()},
              endpoints{std::move(e)},
              clocks{c},
              end{c.total > c.total.zero() ? std::chrono::steady_clock::now() + c.total
                                           : std::chrono::steady_clock::time_point::max()}
        {}

        [[nodiscard]] std::chrono::steady_clock::duration left() const
        {
            return end - std::chrono::steady_clock::now();
        }

        net::ip::tcp::socket& socket;
        net::steady_timer timer;
        std::vector<net::ip::tcp::endpoint> endpoints;
        connect_clocks clocks;
        std::chrono::steady_clock::time_point end;
        std::size_t tried = 0;
    };

    template <class Self>
    void attempt(Self& self)
    {
        auto& s = *state_;
        auto const& endpoint = s.endpoints[s.tried++];
        error_code ignored;
        s.socket.close(ignored);
        auto const left = s.left();
        auto const limit = s.clocks.attempt > s.clocks.attempt.zero()
                               ? std::min<std::chrono::steady_clock::duration>(s.clocks.attempt, left)
                               : left;
        async_with_deadline(s.timer, std::max(limit, std::chrono::steady_clock::duration{1}),
                            errc::connect_timeout, s.socket.async_connect(endpoint, deferred),
                            std::move(self));
    }

    std::unique_ptr<state> state_;
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
    return net::async_compose<CompletionToken, void(error_code, net::ip::tcp::endpoint)>(
        detail::connect_any_op{socket, std::move(endpoints), clocks}, token, socket);
}

} // namespace viaduct

#endif
