#ifndef VIADUCT_SERVER_ACCEPTOR_HPP
#define VIADUCT_SERVER_ACCEPTOR_HPP

#include <viaduct/detail/acceptor_state.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/server/accept_options.hpp>
#include <viaduct/server/request.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace viaduct {

/// Listens, reads many request heads at once, and hands out the valid ones.
/**
 * The options say whether a connection begins with a PROXY protocol header, with TLS, or with both, in this
 * order. A client that is slow holds up nobody but itself, and only until the clock of its step cuts it off.
 * What is no valid CONNECT is answered and closed here, and its record goes to the log.
 *
 * Reading begins with the first `async_accept`, or with `start`. Everything runs on the executor given, which
 * must be one thread or a strand.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class acceptor
{
public:
    /// Opens the port.
    /**
     * @param executor One thread or a strand.
     * @param where The address and port; port 0 takes a free one.
     * @throws system_error if the address cannot be listened on.
     */
    VIADUCT_DECL acceptor(net::any_io_executor executor, net::ip::tcp::endpoint const& where,
                          accept_options options = {});

    /// Goes on with a port that has been opened: by the caller, by a process before this one, by a service
    /// manager (socket activation).
    /**
     * @param listening Bound and listening; its executor is one thread or a strand. `reuse_port` is not
     * looked at. A descriptor becomes one with `assign`.
     */
    VIADUCT_DECL explicit acceptor(net::ip::tcp::acceptor listening, accept_options options = {});

    acceptor(acceptor&&) noexcept = default;
    acceptor& operator=(acceptor&&) = delete;

    /// Closes as `close` does.
    VIADUCT_DECL ~acceptor();

    /// Where it listens.
    [[nodiscard]] net::ip::tcp::endpoint local_endpoint() const { return state_->local_endpoint(); }

    [[nodiscard]] net::any_io_executor get_executor() const { return state_->executor(); }

    /// Waits for the next valid CONNECT.
    /**
     * Several may wait at once; they are served in their order.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec,   // operation_aborted after a cancellation, or when the acceptor was closed
     *   request next     // unanswered; empty on an error
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: no request is lost, the next call gets it.
     */
    template <class CompletionToken>
    auto async_accept(CompletionToken&& token)
    {
        state_->start();
        auto executor = state_->executor();
        return net::async_compose<CompletionToken, void(error_code, request)>(
            detail::receive_request_op{state_}, token, executor);
    }

    /// Hands each valid CONNECT to a function as it comes, in place of `async_accept`: the shortest way.
    /**
     * @param on_request Called with a `request` on the executor, from within the loop that reads heads; may
     * close or destroy the acceptor. Kept until the last head has been read or dropped. To be called once,
     * and before any `async_accept`, which gets nothing afterwards.
     */
    void start(std::function<void(request)> on_request) { state_->start(std::move(on_request)); }

    /// Takes a connection that somebody else has accepted: another worker, another process.
    /**
     * It is treated as one of this listener's, its PROXY protocol header and TLS included, also above
     * `max_heads`; reading begins at once, so `start` must have been called, or requests are to be taken with
     * `async_accept`. After `close` the connection is closed.
     *
     * @param socket Its executor is the acceptor's; nothing has been read from it.
     */
    void adopt(net::ip::tcp::socket socket) { state_->adopt(std::move(socket)); }

    /// Takes over the port of another acceptor, which stays open: nothing that waits in its queue is lost.
    /**
     * For a change of options. What the other one has accepted it reads under the options it began with, and
     * hands it out as ever: keep it until it `has_ended`.
     *
     * @param other Of the same executor; it does not listen any more, as after `retire`.
     * @pre This one was made of a listener that is not open, and has not started.
     */
    void take_over(acceptor& other) { state_->take_over(*other.state_); }

    /// Stops listening once it has accepted what waits in the system's queue; reads that, and what it was
    /// reading, to the end, and hands out what is valid.
    VIADUCT_DECL void retire();

    /// Whether nothing is left of what it had accepted when it was retired, no request that may come back for
    /// another attempt included. Then it can be destroyed without a loss.
    [[nodiscard]] bool has_ended() const noexcept { return state_->has_ended(); }

    /// Stops listening, drops the heads that are being read, and ends every `async_accept` with
    /// `operation_aborted`.
    VIADUCT_DECL void close();

private:
    std::shared_ptr<detail::acceptor_state> state_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/arrivals.ipp>
#include <viaduct/impl/detail/shortage.ipp>
#include <viaduct/impl/server/acceptor.ipp>
#endif

#endif
