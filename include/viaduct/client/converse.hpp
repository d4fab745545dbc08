#ifndef VIADUCT_CLIENT_CONVERSE_HPP
#define VIADUCT_CLIENT_CONVERSE_HPP

#include <viaduct/client/connect_conversation.hpp>
#include <viaduct/detail/converse_op.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace viaduct {

/// Holds a conversation with the proxy at the other end of a stream, as far as one connection carries it.
/**
 * For those who connect to the proxy themselves and want to go on after a 407 that costs the connection. With
 * `errc::reconnect_required` connect anew and call this again with the same conversation.
 *
 * @param stream Connected to the proxy, and nothing has been said on it. Must stay valid until the
 * completion.
 * @param conversation Begins, or goes on; must stay where it is until the completion.
 * @param token The completion token; the handler is not called from within this function.
 *
 * @par Completion Signature
 * @code void(
 *   error_code ec   // the outcome of the conversation, see connect_conversation; errc::handshake_timeout,
 *                   // errc::authentication_timeout, or operation_aborted
 * ) @endcode
 *
 * @par Per-Operation Cancellation
 * Terminal, partial and total, all with the effect of terminal: part of the exchange may have taken place.
 *
 * @par Thread Safety
 * Runs on the stream's executor, which must be one thread or one strand. An authenticator may answer on any
 * thread.
 */
template <class AsyncStream, class CompletionToken>
auto async_converse(AsyncStream& stream, connect_conversation& conversation, CompletionToken&& token)
{
    return detail::async_stable<detail::converse_op<AsyncStream>, void(error_code)>(
        std::forward<CompletionToken>(token), &stream, &conversation);
}

namespace detail {

/// The answer of an authenticator on its way, from any thread, to the one that waits for it.
class blocking_auth
{
public:
    using answer = std::pair<error_code, std::string>;

    void bring(error_code ec, std::string value)
    {
        if (!arrived_.test_and_set()) promise_.set_value({ec, std::move(value)});
    }
    [[nodiscard]] std::future<answer> wait() { return promise_.get_future(); }

private:
    std::promise<answer> promise_;
    std::atomic_flag arrived_; // more than one is ignored
};

/// Waits for an authenticator on this very thread.
[[nodiscard]] inline blocking_auth::answer await_authorization(connect_conversation& conversation)
{
    auto wait = std::make_shared<blocking_auth>();
    auto arrival = wait->wait();
    conversation.authorize(
        [wait = std::move(wait)](error_code ec, std::string value) { wait->bring(ec, std::move(value)); });
    try {
        return arrival.get();
    } catch (std::future_error const&) { // it was dropped, and no clock ends this wait
        return {errc::authentication_timeout, {}};
    }
}

} // namespace detail

/// The same with blocking calls, and without a clock.
/**
 * An authenticator that drops its completion uncalled has failed with `errc::authentication_timeout`.
 *
 * @return The outcome, as in the completion of `async_converse`.
 */
template <class SyncStream>
[[nodiscard]] error_code converse(SyncStream& stream, connect_conversation& conversation)
{
    using step = connect_conversation::step;
    auto next = conversation.begin();
    while (next != step::done) {
        if (next == step::authorize) {
            auto const [ec, value] = detail::await_authorization(conversation);
            next = conversation.on_authorized(ec, value);
        } else if (next == step::ask) {
            next = conversation.on_answer(detail::run_rule(stream, conversation.handshake()));
        } else {
            auto const ec = detail::run_rule(stream, conversation.body());
            next = conversation.on_drained(ec, detail::is_idle(stream));
        }
    }
    return conversation.error();
}

} // namespace viaduct

#endif
