#ifndef VIADUCT_AUTH_DIGEST_AUTHENTICATOR_HPP
#define VIADUCT_AUTH_DIGEST_AUTHENTICATOR_HPP

// The hashes are OpenSSL's, so this header is not part of viaduct.hpp. Link with libcrypto.

#include <viaduct/auth/auth_scheme.hpp>
#include <viaduct/auth/authenticator.hpp>
#include <viaduct/auth/basic.hpp>
#include <viaduct/auth/digest.hpp>

#include <memory>
#include <string_view>

namespace viaduct {

namespace detail {
class digest_book;
} // namespace detail

/// The Digest scheme (RFC 7616) with one user's name and password.
/**
 * It remembers the proxy's last nonce and counts the requests that carried it, so the tunnels after the first
 * one need no 407: `respond` without a challenge answers with that nonce. What the proxy says at a tunnel's
 * opening is heeded (RFC 7616 section 3.5): a `nextnonce` takes the place of the nonce, and after a wrong
 * `rspauth`, which no proxy sends that knows the password, the nonce is forgotten and the next tunnel begins
 * with a question.
 *
 * `respond` ends, before it returns, with `errc::challenge_invalid` (see `parse_digest_challenge`),
 * `errc::credentials_invalid` for a control character in either part, or `errc::credentials_unavailable`
 * without a challenge and a nonce, or if OpenSSL has no random bits.
 *
 * `judge` lets the conversation go on after a 407
 *
 *   - with `stale=true`, twice a tunnel;
 *   - to an answer with a remembered nonce, once: not every proxy that has forgotten one says `stale`;
 *   - for another realm than the one that was answered, once.
 *
 * Anything else means that the proxy does not know the pair, and the nonce is forgotten with it.
 *
 * Thread safety: the members may be called from several threads at once, and those of different exchanges
 * too.
 */
class digest_authenticator final : public authenticator
{
public:
    /// @param who Is kept, with the password readable, while the authenticator or one of its exchanges lives;
    /// then overwritten.
    VIADUCT_DECL explicit digest_authenticator(credentials who);

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Digest"; }

    /// See `digest_strength`; 0 for a challenge that `parse_digest_challenge` does not accept.
    [[nodiscard]] VIADUCT_DECL int strength(challenge const& offer) const override;

    /// What `parse_digest_challenge` does not accept, in words.
    [[nodiscard]] VIADUCT_DECL std::string objection(challenge const& offer) const override;

    /// Whether a nonce is remembered.
    [[nodiscard]] VIADUCT_DECL bool can_begin() const override;

    /// Begins the conversation of one tunnel; it may outlive the authenticator.
    [[nodiscard]] VIADUCT_DECL std::unique_ptr<auth_exchange> begin() override;

private:
    std::shared_ptr<detail::digest_book> book_;
};

/// The Digest scheme for whoever the credentials will belong to.
[[nodiscard]] VIADUCT_DECL auth_scheme digest_scheme() noexcept;

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/digest_authenticator.ipp>
#endif

#endif
