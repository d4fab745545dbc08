#ifndef VIADUCT_HELPERS_HELPER_VERIFIER_HPP
#define VIADUCT_HELPERS_HELPER_VERIFIER_HPP

#include <viaduct/auth/verifier.hpp>
#include <viaduct/helpers/helper_pool.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

/// Of `make_basic_helper_verifier`.
struct basic_helper_options
{
    std::string realm = "proxy"; ///< Shown to people. Without control characters, or nothing is offered.
    bool utf8 = true;            ///< Whether clients are told to encode in UTF-8 (RFC 7617 section 2.1).

    /// Whether `Bob` and `bob` are two users. Off, as in Squid: ASCII letters of names become small ones, for
    /// a directory that takes either would let a user past the rules about the other.
    bool case_sensitive = false;
};

/// Basic by a helper: `user password`, answered with `OK` or `ERR` (Squid's `auth_param basic program`).
/**
 * Both words are escaped as `escape_helper_word` does. Where the helper names a `user`, that is who the
 * client is. A client without a user name or without a password is refused unasked, for a directory takes a
 * bind without a password for an anonymous one.
 *
 * What is told of the verifiers of this header: `broken` where the helper says `BH`, does not answer, or is
 * not there; `problem` has its message, without control characters. Thread-safe; they answer on the pool's
 * executor, and keep the pool.
 */
[[nodiscard]] VIADUCT_DECL std::shared_ptr<verifier>
make_basic_helper_verifier(std::shared_ptr<helper_pool> pool, basic_helper_options options = {});

/// Negotiate by a helper: `YR token`, then `KK token` (Squid's `auth_param negotiate program`).
/**
 * The legs of a conversation go to one process of the pool (see `helper_reservation`), which is set free when
 * it is over, or when its `verification::session` is destroyed. A conversation that has lost its process is
 * rejected, so that the client begins anew. The pool's `concurrency` should be 0.
 */
[[nodiscard]] VIADUCT_DECL std::shared_ptr<verifier>
make_negotiate_helper_verifier(std::shared_ptr<helper_pool> pool);

/// NTLM by a helper, as Negotiate (Squid's `auth_param ntlm program`).
[[nodiscard]] VIADUCT_DECL std::shared_ptr<verifier>
make_ntlm_helper_verifier(std::shared_ptr<helper_pool> pool);

/// Asks a helper for what stands for a user's password in Digest (Squid's `auth_param digest program`).
/**
 * The line is `"user":"realm"`; the answer `OK ha1="..."`, or the hash alone as old helpers have it.
 *
 * @param pool Of a Digest helper.
 * @param user Untrusted. One with control characters is nobody.
 * @param done Called once, within this function or on the pool's executor, with
 *   - success and H(user ":" realm ":" password) in lower-case hexadecimal digits, 32 (MD5) or 64 (SHA-256):
 * a secret; empty if there is no such user;
 *   - `errc::authentication_broken` where the helper says `BH`, `errc::helper_reply_malformed` where what it
 * says is no hash, and the errors of `helper_pool::submit`.
 */
VIADUCT_DECL void lookup_ha1(helper_pool& pool, std::string_view user, std::string_view realm,
                             std::function<void(error_code, std::string)> done);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/helpers/helper_verifier.ipp>
#endif

#endif
