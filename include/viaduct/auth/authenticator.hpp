#ifndef VIADUCT_AUTH_AUTHENTICATOR_HPP
#define VIADUCT_AUTH_AUTHENTICATOR_HPP

#include <viaduct/error.hpp>
#include <viaduct/http/challenge.hpp>
#include <viaduct/http/fields.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

/// What a Proxy-Authorization field is wanted for.
struct auth_request
{
    std::string method{}; ///< `CONNECT`.
    std::string uri{};    ///< The request-target as it is sent, octet by octet: `broker.example:8883`.
    std::string host{}; ///< The proxy's own name, for schemes that ask a third party about it; may be empty.
};

/// Takes the outcome of `auth_exchange::respond`: an error, or the whole value of the field.
/**
 * The value (`Basic dXNlcjpwYXNz`) is a secret. To be called exactly once, within `respond` or later, on any
 * thread. It does nothing if nobody waits any more; destroying it uncalled leaves the clock of the handshake
 * to end the wait.
 */
using auth_completion = std::function<void(error_code ec, std::string value)>;

/// What a challenge says about the answer that was given before it.
enum class auth_verdict : unsigned char
{
    proceed, ///< The conversation goes on: `respond` to this challenge.
    rejected ///< The proxy knows this answer and does not accept it.
};

/// One tunnel's conversation with a proxy by one scheme: challenges in, field values out, no I/O.
/** Used by one operation at a time. */
class auth_exchange
{
public:
    auth_exchange() = default;
    auth_exchange(auth_exchange const&) = delete;
    auth_exchange& operator=(auth_exchange const&) = delete;
    virtual ~auth_exchange() = default;

    /// Makes the value of the next request's Proxy-Authorization.
    /**
     * @param request What is asked for; valid during the call.
     * @param offer The challenge to answer, valid during the call. Null where there is none: before the
     * proxy was asked, which happens only if `authenticator::can_begin` was true, and on a new connection,
     * for a scheme that binds its own, since the challenges before it belonged to another one.
     * @param done Gets the value. An error means that this scheme cannot go on, such as
     * `errc::credentials_unavailable` or `errc::challenge_invalid`: the next scheme is tried.
     */
    virtual void respond(auth_request const& request, challenge const* offer, auth_completion done) = 0;

    /// Judges a 407 that came after an answer of this exchange, by its challenge of this scheme.
    [[nodiscard]] virtual auth_verdict judge(challenge const& offer) = 0;

    /// The tunnel is open.
    /** @param answer The fields of the 2xx, for Proxy-Authentication-Info. */
    virtual void accepted(field_list answer) { static_cast<void>(answer); }
};

/// One scheme with the credentials of one user: the interface for schemes of one's own.
/**
 * An authenticator belongs to one proxy and is shared by all tunnels through it, so what it keeps (a nonce
 * and its count, a token) serves the next one. Each tunnel has an `auth_exchange` of its own.
 *
 * Thread safety: the members may be called from several threads at once.
 */
class authenticator
{
public:
    authenticator() = default;
    authenticator(authenticator const&) = delete;
    authenticator& operator=(authenticator const&) = delete;
    virtual ~authenticator() = default;

    /// The scheme's registered name: `Digest`.
    [[nodiscard]] virtual std::string_view scheme() const noexcept = 0;

    /// How well a challenge of this scheme can be answered: 0 for not at all, more for stronger.
    /** Of several challenges of one scheme the strongest is answered, the first one among equals. */
    [[nodiscard]] virtual int strength(challenge const& offer) const
    {
        static_cast<void>(offer);
        return 1;
    }

    /// Why a challenge of this scheme has no strength, for people; empty if there is nothing to be said.
    /** May quote the challenge, which is untrusted. */
    [[nodiscard]] virtual std::string objection(challenge const& offer) const
    {
        static_cast<void>(offer);
        return {};
    }

    /// Whether the first request of a tunnel can carry an answer although no challenge came.
    /** It is asked only once a tunnel through the same proxy has come about by this scheme. */
    [[nodiscard]] virtual bool can_begin() const { return true; }

    /// Whether what has been said holds for one connection only, as with Negotiate and NTLM.
    /** Then an exchange begins anew on each connection, and must not be continued on another. */
    [[nodiscard]] virtual bool binds_connection() const noexcept { return false; }

    /// Why the last answer could not be made, in the words of whatever makes it; empty if there are none.
    [[nodiscard]] virtual std::string last_failure() const { return {}; }

    /// Whether its answers hold the secret itself, readable for whoever sees them: Basic, Bearer.
    [[nodiscard]] virtual bool reveals_secret() const noexcept { return false; }

    /// Begins the conversation of one tunnel.
    [[nodiscard]] virtual std::unique_ptr<auth_exchange> begin() = 0;
};

} // namespace viaduct

#endif
