#ifndef VIADUCT_AUTH_VERIFIER_HPP
#define VIADUCT_AUTH_VERIFIER_HPP

#include <viaduct/error.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct {

/// What a verifier keeps of a connection between the legs of one conversation (NTLM, Negotiate).
class verifier_session
{
public:
    verifier_session() = default;
    verifier_session(verifier_session const&) = delete;
    verifier_session& operator=(verifier_session const&) = delete;
    virtual ~verifier_session() = default;
};

/// Credentials that a client offers, and for what.
struct auth_attempt
{
    std::string method{};      ///< `CONNECT`.
    std::string uri{};         ///< The request-target as it came, octet by octet. Untrusted.
    std::string credentials{}; ///< What follows the scheme in Proxy-Authorization. Untrusted, and a secret.
    std::string client{};      ///< The client's address.

    /// What the verifier has kept of this connection; null at first. A verifier with sessions puts its own
    /// there.
    std::shared_ptr<verifier_session> session{};
};

/// What came of it.
struct verification
{
    enum class kind : unsigned char
    {
        accepted, ///< `user` has proved who it is.
        rejected, ///< The credentials are wrong.
        proceed,  ///< Nothing is wrong so far: the conversation goes on with `challenge`. On this connection,
                  ///< if the verifier needs it; else on any (a nonce of Digest that is too old).
        broken    ///< Nobody can tell: the store or the helper does not work. `problem` says why.
    };

    kind what = kind::rejected;
    std::string user{};
    std::string challenge{}; ///< The whole value of the next Proxy-Authenticate; empty for the usual ones.
    std::string info{}; ///< The value of Proxy-Authentication-Info, or of a last Proxy-Authenticate; may be
                        ///< empty.
    std::string problem{};                       ///< For the operator: why. Without any secret.
    std::shared_ptr<verifier_session> session{}; ///< To be kept with the connection.
};

/// Takes the outcome; see `verifier::verify`.
using verify_completion = std::function<void(verification)>;

/// Finds out whether a client is who it says, by one scheme: the server's side of an `authenticator`.
/** Shared by all connections: every member may be called from several threads at once. */
class verifier
{
public:
    verifier() = default;
    verifier(verifier const&) = delete;
    verifier& operator=(verifier const&) = delete;
    virtual ~verifier() = default;

    /// `Basic`, `Digest`, ...
    [[nodiscard]] virtual std::string_view scheme() const noexcept = 0;

    /// The whole value of a Proxy-Authenticate, for a client that has offered nothing or something wrong.
    /** Empty if it cannot be made; the scheme is then not offered. */
    [[nodiscard]] virtual std::string challenge() = 0;

    /// The same where there is more than one, the best one first: Digest has one for each algorithm.
    /** Each is to be sent in a field of its own, since not every client reads two from one. */
    [[nodiscard]] virtual std::vector<std::string> challenges()
    {
        std::vector<std::string> all;
        if (auto only = challenge(); !only.empty()) all.push_back(std::move(only));
        return all;
    }

    /// Whether a conversation belongs to its connection, so that a 407 must leave that one open.
    [[nodiscard]] virtual bool needs_connection() const noexcept { return false; }

    /// Whether what was accepted once may be accepted again for a while without asking: so for Basic, where
    /// the same credentials come with every request, and never where each answer is good only once.
    [[nodiscard]] virtual bool can_be_cached() const noexcept { return false; }

    /// Looks at credentials. Never blocks.
    /**
     * @param attempt Taken over.
     * @param done To be called exactly once, within `verify` or later, on any thread. It does nothing if
     * nobody waits any more; destroying it uncalled leaves the clock to end the wait.
     */
    virtual void verify(auth_attempt attempt, verify_completion done) = 0;
};

} // namespace viaduct

#endif
