#ifndef VIADUCT_AUTH_DIGEST_HPP
#define VIADUCT_AUTH_DIGEST_HPP

// The hashes are OpenSSL's, so this header is not part of viaduct.hpp. Link with libcrypto.

#include <viaduct/auth/authenticator.hpp>
#include <viaduct/auth/basic.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/challenge.hpp>
#include <viaduct/http/fields.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct {

/// The algorithms of RFC 7616 section 6.1.
enum class digest_algorithm : unsigned char
{
    md5, ///< What a challenge without an algorithm means.
    md5_sess,
    sha_256,
    sha_256_sess,
    sha_512_256,
    sha_512_256_sess
};

/// What a response protects (RFC 7616 section 3.3).
enum class digest_qop : unsigned char
{
    none, ///< The form of RFC 2069: no count of requests, and nothing of the client's in the hash.
    auth,
    auth_int ///< The content as well; a CONNECT has none.
};

/// One challenge of the Digest scheme, checked (RFC 7616 section 3.3).
struct digest_challenge
{
    std::string realm{}; ///< Without quotes and escapes; empty if the challenge has none.
    std::string nonce{}; ///< Never empty.
    std::optional<std::string> opaque{};
    digest_algorithm algorithm = digest_algorithm::md5;
    std::string algorithm_name{}; ///< As the proxy spells it, and so sends it back; empty if it named none.
    digest_qop qop = digest_qop::none; ///< What an answer uses: `auth` wherever it is offered.
    bool stale = false;                ///< The answer before was right, but its nonce is too old.
    bool userhash = false;             ///< The user's name is to be sent as a hash.
    bool utf8 = false;                 ///< `charset="UTF-8"`.
};

/// The longest realm, nonce or opaque that is accepted, in octets: an answer carries them all.
inline constexpr std::size_t max_digest_value = 4096;

/// Checks a challenge of the Digest scheme.
/**
 * Names and the values of `algorithm`, `qop`, `stale`, `userhash` and `charset` have any case. Of several
 * parameters with one name the first counts; unknown ones mean nothing.
 *
 * @param offer Untrusted; not kept.
 * @param ec `errc::challenge_invalid` if the nonce is missing or empty, the algorithm unknown, `qop` there
 * but nothing known in it, the algorithm one of the `-sess` without `qop`, or if realm, nonce or opaque is
 * above `max_digest_value` or holds a control character.
 */
[[nodiscard]] VIADUCT_DECL std::optional<digest_challenge> parse_digest_challenge(challenge const& offer,
                                                                                  error_code& ec);

/// How strong an algorithm is: 3 for SHA-512-256, 2 for SHA-256, 1 for MD5, each with or without `-sess`.
/** 0 if OpenSSL has it not, as with MD5 where FIPS rules. */
[[nodiscard]] VIADUCT_DECL int digest_strength(digest_algorithm algorithm);

/// The hash of some texts with a colon between each two, as lower-case hexadecimal digits.
/**
 * H and KD of RFC 7616 section 3.4. The texts are not copied together, so a password among them leaves no
 * trace. @return Empty if OpenSSL refuses the algorithm.
 */
[[nodiscard]] VIADUCT_DECL std::string digest_hash(digest_algorithm algorithm,
                                                   std::initializer_list<std::string_view> texts);

/// A text that nobody can guess: 128 random bits as 32 hexadecimal digits; empty if OpenSSL has none.
[[nodiscard]] VIADUCT_DECL std::string make_digest_cnonce();

/// What a response is computed from, apart from the secret (RFC 7616 section 3.4.1).
/** Client and server compute the same: the one to send it, the other to compare. */
struct digest_input
{
    digest_algorithm algorithm = digest_algorithm::md5;
    digest_qop qop = digest_qop::none;
    std::string nonce{};
    std::string cnonce{}; ///< The client's own nonce; unused if `qop` is `none`.
    std::uint32_t nc = 1; ///< How many requests the client has sent with this nonce, this one included.
    std::string method{}; ///< Empty for what a server proves itself with, `rspauth`.
    std::string uri{};    ///< The request-target as it is sent, octet by octet.
};

/// The input of the client's answer to a challenge.
/** @param cnonce Unguessable, and the same for all requests with one nonce. @param nc From 1 on. */
[[nodiscard]] VIADUCT_DECL digest_input make_digest_input(digest_challenge const& offer,
                                                          auth_request const& request,
                                                          std::string_view cnonce, std::uint32_t nc);

/// H(user ":" realm ":" password): what stands for the password in every response, and in a server's store.
/** Worth as much as the password within this realm: a secret. Empty if OpenSSL refuses the algorithm. */
[[nodiscard]] VIADUCT_DECL std::string digest_secret(digest_algorithm algorithm, credentials const& who,
                                                     std::string_view realm);

/// The response, as lower-case hexadecimal digits; the content counts as empty.
/**
 * @param secret What `digest_secret` returns for the same algorithm.
 * @return Empty if OpenSSL refuses the algorithm.
 */
[[nodiscard]] VIADUCT_DECL std::string digest_response(std::string_view secret, digest_input const& input);

/// The whole value of an Authorization or Proxy-Authorization field (RFC 7616 section 3.4).
/**
 * @param offer The challenge that is answered.
 * @param input Made of it by `make_digest_input`.
 * @param who Octets, taken as they are; meant as UTF-8. A name that is not ASCII is sent as `username*`
 * (RFC 8187) unless the challenge says `charset="UTF-8"` or wants a hash of it.
 * @param ec `errc::credentials_invalid` if either part holds a control character, `errc::challenge_invalid`
 * if OpenSSL refuses the algorithm.
 * @return Empty on an error. Its response can be attacked by guessing: do not log it.
 */
[[nodiscard]] VIADUCT_DECL std::string digest_authorization(digest_challenge const& offer,
                                                            digest_input const& input, credentials const& who,
                                                            error_code& ec);

/// What a server adds to the answer of a request that it let pass (RFC 7616 section 3.5).
struct digest_info
{
    std::string nextnonce{}; ///< The nonce for the next request; empty if none was given.
    std::string rspauth{};   ///< The proof that the server knows the secret too; empty if it gave none.
};

/// Reads all Proxy-Authentication-Info lines (RFC 7615 section 4).
/**
 * @param answer Untrusted. What fits no rule, a nonce above `max_digest_value` and one with a control
 * character count as not given.
 */
[[nodiscard]] VIADUCT_DECL digest_info parse_digest_info(field_list answer);

/// Whether `rspauth` proves that its sender knows the secret.
/** @param input The one of the request that was let pass. */
[[nodiscard]] VIADUCT_DECL bool is_digest_rspauth(std::string_view rspauth, std::string_view secret,
                                                  digest_input input);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/digest.ipp>
#include <viaduct/impl/auth/digest_authorization.ipp>
#include <viaduct/impl/auth/digest_hash.ipp>
#endif

#endif
