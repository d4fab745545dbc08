#ifndef VIADUCT_CLIENT_CONNECT_CONVERSATION_HPP
#define VIADUCT_CLIENT_CONNECT_CONVERSATION_HPP

#include <viaduct/auth/authenticator.hpp>
#include <viaduct/client/client_handshake.hpp>
#include <viaduct/client/connect_options.hpp>
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/client/proxy_auth.hpp>
#include <viaduct/client/refusal_body.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/http/challenge.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct {

/// Hears what is said, as it is said; called within the functions of the conversation.
class conversation_listener
{
public:
    virtual ~conversation_listener() = default;

    /// Credentials are about to be made.
    virtual void on_authorizing(std::string_view scheme) = 0;

    /// This request is about to be sent.
    virtual void on_request(client_handshake const& request) = 0;

    /// Its answer has come, or has not.
    /** @param head All heads of this answer. */
    virtual void on_answer(std::string_view head, connect_reply const& reply, error_code ec) = 0;
};

/// All that is said until a proxy has opened one tunnel, or will not: requests, 407s, new connections.
/**
 * A rule without I/O that is made of smaller ones. Each call returns the step to take; its outcome goes into
 * the call that is named beside it:
 *
 *   - `authorize`: call `authorize` and wait for the completion; then `on_authorized`;
 *   - `ask`: drive the rule `handshake()`; then `on_answer`;
 *   - `drain`: drive the rule `body()`, not for longer than `connect_options::body_timeout`; then
 * `on_drained`;
 *   - `done`: `error()` has the outcome. With `errc::reconnect_required`, connect to the proxy anew and call
 * `begin` again: the conversation goes on.
 *
 * What happens to a 407, with `connect_options::auth` (RFC 9110 section 11.7, and what peers have learned):
 *
 *   - all challenges of all its fields are read. The first scheme of `proxy_auth`, in its order, that can
 * answer one is tried; a scheme that fails here or is rejected is not tried again, and the next one is;
 *   - the connection is used again if the answer's content has an end, is not above
 * `connect_options::max_drain`, was read in time, nothing follows it, and the proxy does not close. Otherwise
 * there is a new connection;
 *   - a connection that ends without an octet of an answer to credentials, where the proxy had asked for
 * them, is tried once more with a new one;
 *   - a scheme that belongs to its connection (Negotiate, NTLM) begins anew with each;
 *   - requests are counted over all connections: `errc::too_many_attempts` behind
 * `connect_options::max_attempts`.
 *
 * Outcomes: success; what `client_handshake` reports; `errc::proxy_auth_required` where there is no
 * `proxy_auth`; `errc::proxy_auth_unsupported` where none of its schemes can answer;
 * `errc::proxy_auth_rejected` where one of them was rejected and none is left; the authenticator's own error
 * where the last one failed here.
 *
 * Credentials are erased from the request once its answer has come, or has not.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class connect_conversation
{
public:
    enum class step : unsigned char
    {
        authorize,
        ask,
        drain,
        done
    };

    /// @param target Where the tunnel shall lead; copied.
    /// @param options Copied.
    VIADUCT_DECL connect_conversation(authority const& target, connect_options const& options);

    /// @param listener Must live as long as the conversation goes on; null for none.
    void set_listener(conversation_listener* listener) noexcept { listener_ = listener; }

    /// Begins, or goes on, with a connection on which nothing has been said.
    [[nodiscard]] VIADUCT_DECL step begin();

    /// Asks the scheme that was chosen for the value of Proxy-Authorization.
    VIADUCT_DECL void authorize(auth_completion done);
    [[nodiscard]] VIADUCT_DECL step on_authorized(error_code ec, std::string const& value);

    [[nodiscard]] client_handshake& handshake() noexcept { return *handshake_; }
    [[nodiscard]] VIADUCT_DECL step on_answer(error_code ec);

    [[nodiscard]] refusal_body& body() noexcept { return *body_; }

    /// @param idle Whether the connection is still there and has nothing to read.
    [[nodiscard]] VIADUCT_DECL step on_drained(error_code ec, bool idle);

    [[nodiscard]] error_code error() const noexcept { return error_; }

    /// The last answer; `heads` and `attempts` have all of them.
    [[nodiscard]] connect_reply const& reply() const noexcept { return reply_; }
    [[nodiscard]] connect_reply& reply() noexcept { return reply_; }

    [[nodiscard]] authority const& target() const noexcept { return target_; }
    [[nodiscard]] connect_options const& options() const noexcept { return options_; }

private:
    [[nodiscard]] step next_request();
    [[nodiscard]] step ask(std::string_view authorization);
    [[nodiscard]] step finish(error_code ec);
    [[nodiscard]] step on_open();
    [[nodiscard]] step on_silent(error_code ec);
    [[nodiscard]] step on_challenged();
    [[nodiscard]] step drain(std::size_t limit);
    void take_reply(error_code ec);
    [[nodiscard]] bool may_keep_connection() const;
    [[nodiscard]] bool may_ask_again() const noexcept
    {
        return reply_.attempts.size() < options_.max_attempts;
    }
    [[nodiscard]] challenge const* best_offer(authenticator const& scheme) const;
    [[nodiscard]] std::string why_unsupported() const;
    [[nodiscard]] bool goes_on();
    [[nodiscard]] bool choose();
    void give_up_scheme(error_code why);

    authority target_;
    connect_options options_;
    conversation_listener* listener_ = nullptr;
    std::optional<client_handshake> handshake_;
    std::optional<refusal_body> body_;
    connect_reply reply_;
    error_code error_;

    std::vector<challenge> offers_; // of the last 407
    challenge const* offer_{};      // the one to be answered, in offers_; null before any
    proxy_auth::scheme_ptr scheme_; // that is being tried; null before any
    std::unique_ptr<auth_exchange> exchange_;
    std::vector<proxy_auth::scheme_ptr> tried_;     // and of no use
    errc exhausted_ = errc::proxy_auth_unsupported; // what to say when no scheme is left
    std::string auth_detail_;                       // in its library's words
    bool retried_silent_ = false;
    bool final_ = false; // what is drained is the outcome
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/connect_conversation.ipp>
#endif

#endif
