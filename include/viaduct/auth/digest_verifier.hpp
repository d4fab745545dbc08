#ifndef VIADUCT_AUTH_DIGEST_VERIFIER_HPP
#define VIADUCT_AUTH_DIGEST_VERIFIER_HPP

// The hashes are OpenSSL's, so this header is not part of viaduct.hpp. Link with libcrypto.

#include <viaduct/auth/digest.hpp>
#include <viaduct/auth/digest_store.hpp>
#include <viaduct/auth/nonce_book.hpp>
#include <viaduct/auth/verifier.hpp>
#include <viaduct/error.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

namespace detail {
class digest_desk;
} // namespace detail

/// What a `digest_verifier` is told.
struct digest_verifier_options
{
    std::string realm = "proxy"; ///< Part of every secret, so it is the one that the store was made for.

    /// What is offered, the best first, each in a challenge of its own (RFC 7616 section 3.7); no `-sess`.
    /** SHA-512-256 is left to whoever knows their clients: curl 7.88 looks at the first challenge only, and
     * computes SHA-256 under that name. */
    std::vector<digest_algorithm> algorithms{digest_algorithm::sha_256, digest_algorithm::md5};

    nonce_rules nonces{};
};

/// The server's side of the Digest scheme (RFC 7616), with `qop="auth"`.
/**
 * An answer is right if its realm and algorithm are those offered, its uri is the request's target octet by
 * octet, and its response is what the user's secret gives for the request's method. One with a nonce that is
 * unknown, too old or used up, or whose count was used before, is then no refusal: the outcome is `proceed`
 * with a challenge that says `stale=true`, to be answered on any connection. Anything else is `rejected`; a
 * user that is not there takes the time of one that is. A store that cannot tell makes it `broken`.
 *
 * With `accepted` comes the value of Proxy-Authentication-Info (RFC 7616 section 3.5): `rspauth`, by which
 * the proxy proves that it knows the secret as well, and `nextnonce` when the nonce is nearly used up.
 *
 * Not understood: the form without `qop` (RFC 2069), `auth-int`, and the user's name as a hash; none of them
 * is offered.
 *
 * Thread safety: all members may be called from several threads at once.
 */
class digest_verifier final : public verifier
{
public:
    /// @param store Not null.
    VIADUCT_DECL digest_verifier(digest_verifier_options options, std::shared_ptr<digest_store> store);

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Digest"; }

    /// The first one of `challenges`.
    [[nodiscard]] VIADUCT_DECL std::string challenge() override;

    /// One for each algorithm that the options, the store and OpenSSL have, with new nonces.
    [[nodiscard]] VIADUCT_DECL std::vector<std::string> challenges() override;

    /// The credentials may be of 8 KiB; longer ones are rejected unread.
    VIADUCT_DECL void verify(auth_attempt attempt, verify_completion done) override;

private:
    std::shared_ptr<detail::digest_desk> desk_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/digest_verifier.ipp>
#endif

#endif
