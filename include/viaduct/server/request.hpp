#ifndef VIADUCT_SERVER_REQUEST_HPP
#define VIADUCT_SERVER_REQUEST_HPP

#include <viaduct/auth/authentication_session.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/challenge_op.hpp>
#include <viaduct/detail/request_ops.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/server/connection_facts.hpp>
#include <viaduct/server/page.hpp>
#include <viaduct/server/refusal.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct {

namespace detail {
class acceptor_state;
}

/// A valid, unanswered CONNECT and the connection it came on.
/**
 * Answer it once: with `async_accept_tunnel`, `async_reject` or `async_challenge`. Where
 * `request_options::kinds` lets requests for pages pass, it may be one of those
 * (`connect_request::asks_for_page`): it has no target, and is answered with `async_answer` or
 * `async_reject`. A request that is destroyed unanswered closes its connection. A move-only handle; a
 * default-constructed or moved-from one is empty, and good for assignment only.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class request
{
public:
    request() = default;

    /// @param stream The connection, its head read and nothing else.
    /// @param head What `async_read_request` gave, with its target set.
    /// @param facts What is known of the connection.
    request(any_stream stream, connect_request head, connection_facts facts)
        : request{std::move(stream), std::move(head), std::move(facts), nullptr}
    {}

    /// The same for a TCP connection of which nothing is known but what its socket tells.
    /** @param accepted When the connection was accepted. */
    request(net::ip::tcp::socket socket, connect_request head,
            std::chrono::steady_clock::time_point accepted = std::chrono::steady_clock::now())
        : request{any_stream{std::move(socket)}, std::move(head), {}, nullptr}
    {
        state_->facts = detail::facts_of(state_->stream.lowest_layer());
        state_->facts.accepted = accepted;
    }

    /// Whether there is a request.
    [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }

    /// Where the client wants to go. Not to be asked of a request for a page.
    [[nodiscard]] authority const& target() const noexcept { return *state_->head.target; }

    /// The head, as it was read.
    [[nodiscard]] connect_request const& head() const noexcept { return state_->head; }

    /// What is known of the connection.
    [[nodiscard]] connection_facts const& connection() const noexcept { return state_->facts; }

    /// The client's address: the one that a trusted PROXY protocol header names, or else the connection's.
    [[nodiscard]] net::ip::tcp::endpoint const& client() const noexcept { return state_->facts.client; }

    /// When the connection was accepted, or the last challenge on it had been sent.
    [[nodiscard]] std::chrono::steady_clock::time_point accepted() const noexcept
    {
        return state_->facts.accepted;
    }

    /// What is kept of the connection between the legs of a conversation. It stays through `async_challenge`.
    [[nodiscard]] authentication_session& session() noexcept { return state_->session; }

    [[nodiscard]] net::any_io_executor get_executor() const noexcept { return state_->stream.get_executor(); }

    /// Sends 200, and hands the connection over: from now on it is the tunnel.
    /**
     * Whatever the client sent early is still in the stream, and read first. The request is empty afterwards.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec,       // of the write; operation_aborted
     *   any_stream stream    // the connection to the client
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: the connection is to be closed.
     *
     * @par Example
     * A connection without TLS gives its bare socket, for which a relay has shorter ways:
     * @code
     * next.async_accept_tunnel([](viaduct::error_code ec, viaduct::any_stream client) {
     *     if (ec) return;
     *     if (client.is_plain())
     *         carry(client.release_socket());
     *     else
     *         carry(std::move(client));
     * });
     * @endcode
     */
    template <class CompletionToken>
    auto async_accept_tunnel(CompletionToken&& token)
    {
        return detail::async_stable<detail::accept_tunnel_op<std::string_view>, void(error_code, any_stream)>(
            std::forward<CompletionToken>(token), std::move(state_), detail::acceptance);
    }

    /// The same with fields in the 200, such as Proxy-Authentication-Info (RFC 9110 section 11.7.3).
    /**
     * @param more Sent in their order; copied. No Content-Length and no Transfer-Encoding: there is no
     * content in front of a tunnel (RFC 9110 section 9.3.6).
     */
    template <class CompletionToken>
    auto async_accept_tunnel(fields const& more, CompletionToken&& token)
    {
        return detail::async_stable<detail::accept_tunnel_op<std::string>, void(error_code, any_stream)>(
            std::forward<CompletionToken>(token), std::move(state_), detail::acceptance_with(more.block()));
    }

    /// Sends a refusal and closes the connection, without looking at another octet of it (RFC 9931).
    /**
     * TLS says goodbye first (close_notify). The request is empty afterwards.
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
        auto text = answer.text(state_->head.answered_by);
        return detail::async_stable<detail::reject_op, void(error_code, std::size_t)>(
            std::forward<CompletionToken>(token), std::move(state_), std::move(text));
    }

    /// The same with a status alone, 400 to 599.
    template <class CompletionToken>
    auto async_reject(unsigned status, CompletionToken&& token)
    {
        return async_reject(refusal{.status = status}, std::forward<CompletionToken>(token));
    }

    /// Sends a page and closes the connection: the answer to a request for one.
    /**
     * To HEAD its content is not sent. The request is empty afterwards.
     *
     * @param answer What to say; copied.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec,           // of the write; errc::head_timeout if the client did not take it in ten
     *                            // seconds; operation_aborted
     *   std::size_t bytes_sent   // of the answer
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: closes at once.
     */
    template <class CompletionToken>
    auto async_answer(page const& answer, CompletionToken&& token)
    {
        auto text = answer.text(state_->head.method != "HEAD");
        return detail::async_stable<detail::reject_op, void(error_code, std::size_t)>(
            std::forward<CompletionToken>(token), std::move(state_), std::move(text), detail::page_timeout);
    }

    /// Sends a 407 and reads the client's next request on the same connection, under the same head clock.
    /**
     * NTLM and Negotiate prove who a connection is, and need several requests on it. This is a deviation from
     * RFC 9931, which wants the connection closed behind any refused CONNECT; so it is for these schemes
     * alone, and only where no octet of a tunnel can be taken for a request: nothing lies unread behind the
     * head that is refused. Otherwise the client hears `Connection: close`, and the connection is closed as
     * `async_reject` does it; it may come again on another one.
     *
     * A head that is no valid CONNECT is answered here; the listener's log has its record. The request is
     * empty afterwards; `next` has the same connection, facts and session.
     *
     * @param answer What to say, with its Proxy-Authenticate fields; copied.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec,            // errc::reconnect_required: refused and closed, for there was something
     *                             // unread, or the client wants the connection closed (RFC 9112
     * section 9.3);
     *                             // errc::too_many_attempts: the same, after
     *                             // request_options::max_challenges;
     *                             // of the write; errc::head_timeout if the client did not take it;
     *                             // what async_read_request tells of the next head, among it
     *                             // errc::client_closed_before_head from a client that wants no more;
     *                             // operation_aborted
     *   std::size_t bytes_sent,   // of the refusal
     *   request next              // unanswered; empty on an error
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: closes at once.
     */
    template <class CompletionToken>
    auto async_challenge(refusal const& answer, CompletionToken&& token)
    {
        auto const last = detail::why_not_again(*state_);
        auto text =
            answer.text(state_->head.answered_by, last ? after_answer::close : after_answer::keep_alive);
        return detail::async_stable<detail::challenge_op<request>, void(error_code, std::size_t, request)>(
            std::forward<CompletionToken>(token), std::move(state_), std::move(text), last);
    }

    /// Waits until the client has reset its connection: then nobody needs an answer any more.
    /**
     * A client that has only ended its sending is still there. Nothing is read. Costs one system call
     * (epoll_ctl) where the platform has epoll. To be cancelled, and to have completed, before the request is
     * answered or destroyed.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec   // connection_reset: the client is gone; operation_not_supported: nobody can tell any
     *                   // more (it has sent urgent data); operation_aborted
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total.
     */
    template <class CompletionToken>
    auto async_wait_client_gone(CompletionToken&& token)
    {
        return detail::async_stable<detail::client_gone_op, void(error_code)>(
            std::forward<CompletionToken>(token), &state_->stream.lowest_layer());
    }

    /// The size of what `async_accept_tunnel` sends, without further fields.
    [[nodiscard]] static constexpr std::size_t acceptance_size() noexcept
    {
        return detail::acceptance.size();
    }

private:
    friend class detail::challenge_op<request>;
    friend class detail::acceptor_state;

    explicit request(std::unique_ptr<detail::request_state> state) noexcept : state_{std::move(state)} {}

    request(any_stream stream, connect_request head, connection_facts facts,
            std::shared_ptr<detail::request_reading const> reading)
        : state_{std::make_unique<detail::request_state>(std::move(stream), std::move(head), std::move(facts),
                                                         std::move(reading))}
    {}

    std::unique_ptr<detail::request_state> state_;
};

} // namespace viaduct

#endif
