#ifndef VIADUCT_AUTH_BEARER_VERIFIER_HPP
#define VIADUCT_AUTH_BEARER_VERIFIER_HPP

#include <viaduct/auth/verifier.hpp>
#include <viaduct/error.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace viaduct {

/// What a `bearer_verifier` is told.
struct bearer_verifier_options
{
    std::string realm = "proxy";
    std::string scope{}; ///< The scope that a token needs (RFC 6750 section 3); empty for none.
};

/// Finds out whose token this is; a function of the user's.
/**
 * @param token Of the characters that RFC 9110 permits, and otherwise untrusted. A secret.
 * @param client The client's address.
 * @param done As for `verifier::verify`: the outcome, now or later, on any thread, once. A `challenge` in it
 * takes the place of the one that is sent after a refusal.
 */
using token_check = std::function<void(std::string token, std::string client, verify_completion done)>;

/// The server's side of the Bearer scheme (RFC 6750), over a function that knows the tokens.
/**
 * A client that has offered nothing is told the realm and the scope; one whose token was refused is told
 * `error="invalid_token"` besides, and one that sent something that is no token `error="invalid_request"`
 * (RFC 6750 section 3.1). If the function throws, the outcome is `broken`.
 *
 * Nothing is cached: how long a token is good only its issuer knows.
 *
 * Thread safety: all members may be called from several threads at once if the function may.
 */
class bearer_verifier final : public verifier
{
public:
    /// @param check Not empty.
    VIADUCT_DECL bearer_verifier(bearer_verifier_options options, token_check check);

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Bearer"; }

    /// Empty if realm or scope cannot stand in a field.
    [[nodiscard]] VIADUCT_DECL std::string challenge() override;

    VIADUCT_DECL void verify(auth_attempt attempt, verify_completion done) override;

private:
    [[nodiscard]] std::string challenge_with(std::string_view error) const;

    bearer_verifier_options options_;
    token_check check_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/bearer_verifier.ipp>
#endif

#endif
