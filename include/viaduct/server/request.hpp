#ifndef VIADUCT_SERVER_REQUEST_HPP
#define VIADUCT_SERVER_REQUEST_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/request_ops.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/server/refusal.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace viaduct {

/// A valid, unanswered CONNECT and the connection it came on.
/**
 * Answer it once: with `async_accept_tunnel` or with `async_reject`. A request that is destroyed unanswered
 * closes its connection. A move-only handle; a default-constructed or moved-from one is empty, and good for
 * assignment only.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class request
{
public:
    request() = default;

    /// @param socket The connection, its head read and nothing else.
    /// @param head What `async_read_request` gave, with its target set.
    /// @param accepted When the connection was accepted.
    request(net::ip::tcp::socket socket, connect_request head,
            std::chrono::steady_clock::time_point accepted = std::chrono::steady_clock::now())
        : request{std::move(socket), std::move(head), accepted, net::ip::tcp::endpoint{}}
    {
        state_->client = detail::request_state::client_of(state_->socket);
    }

    /// The same, for a client whose address is known: a connection that has broken meanwhile cannot tell it.
    request(net::ip::tcp::socket socket, connect_request head, std::chrono::steady_clock::time_point accepted,
            net::ip::tcp::endpoint const& client)
        : state_{
              std::make_unique<detail::request_state>(std::move(socket), std::move(head), accepted, client)}
    {}

    /// Whether there is a request.
    [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }

    /// Where the client wants to go.
    [[nodiscard]] authority const& target() const noexcept { return *state_->head.target; }

    /// The head, as it was read.
    [[nodiscard]] connect_request const& head() const noexcept { return state_->head; }

    /// The client's address.
    [[nodiscard]] net::ip::tcp::endpoint const& client() const noexcept { return state_->client; }

    /// When the connection was accepted.
    [[nodiscard]] std::chrono::steady_clock::time_point accepted() const noexcept { return state_->accepted; }

    [[nodiscard]] net::any_io_executor get_executor() const noexcept { return state_->socket.get_executor(); }

    /// Sends 200, and hands the connection over: from now on it is the tunnel.
    /**
     * Whatever the client sent early is still in the socket, and read first. The request is empty afterwards.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec,                // of the write; operation_aborted
     *   net::ip::tcp::socket socket   // the connection to the client
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: the connection is to be closed.
     */
    template <class CompletionToken>
    auto async_accept_tunnel(CompletionToken&& token)
    {
        return detail::async_stable<detail::accept_tunnel_op, void(error_code, net::ip::tcp::socket)>(
            std::forward<CompletionToken>(token), std::move(state_));
    }

    /// Sends a refusal and closes the connection, without looking at another octet of it (RFC 9931).
    /**
     * The request is empty afterwards.
     *
     * @param answer What to say; copied.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec,           // of the write; errc::head_timeout if the client did not take it;
     *                            // operation_aborted
     *   std::size_t bytes_sent   // of the refusal
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: closes at once.
     */
    template <class CompletionToken>
    auto async_reject(refusal const& answer, CompletionToken&& token)
    {
        auto& socket = state_->socket;
        auto text = answer.text(state_->head.answered_by);
        return net::async_compose<CompletionToken, void(error_code, std::size_t)>(
            detail::reject_op{std::move(state_), std::move(text)}, token, socket);
    }

    /// The same with a status alone, 400 to 599.
    template <class CompletionToken>
    auto async_reject(unsigned status, CompletionToken&& token)
    {
        return async_reject(refusal{.status = status}, std::forward<CompletionToken>(token));
    }

    /// The size of what `async_accept_tunnel` sends.
    [[nodiscard]] static constexpr std::size_t acceptance_size() noexcept
    {
        return detail::acceptance.size();
    }

private:
    std::unique_ptr<detail::request_state> state_;
};

} // namespace viaduct

#endif
