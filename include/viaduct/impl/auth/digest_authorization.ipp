#ifndef VIADUCT_IMPL_AUTH_DIGEST_AUTHORIZATION_IPP
#define VIADUCT_IMPL_AUTH_DIGEST_AUTHORIZATION_IPP

#include <viaduct/auth/digest.hpp>
#include <viaduct/http/characters.hpp>
#include <viaduct/impl/auth/auth_params.hpp>
#include <viaduct/impl/auth/digest.ipp>
#include <viaduct/impl/auth/wipe.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

[[nodiscard]] inline bool has_control_octet(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return c == '\t' || characters::is_forbidden_control(c); });
}

[[nodiscard]] inline bool is_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// `UTF-8''` and the value with all octets but attr-char escaped (RFC 8187 section 3.2.1).
[[nodiscard]] inline std::string ext_value(std::string_view value)
{
    std::string text = "UTF-8''";
    for (char const c : value) {
        auto const octet = static_cast<unsigned char>(c);
        bool const plain = characters::is_token(c) && c != '*' && c != '\'' && c != '%';
        if (plain) {
            text += c;
        } else {
            text += '%';
            text += "0123456789ABCDEF"[octet >> 4];
            text += "0123456789ABCDEF"[octet & 0x0f];
        }
    }
    return text;
}

inline void append_user(std::string& out, digest_challenge const& offer, std::string_view user)
{
    if (offer.userhash)
        append_quoted(out, "username", digest_hash(offer.algorithm, {user, offer.realm}));
    else if (offer.utf8 || is_ascii(user))
        append_quoted(out, "username", user);
    else
        append_bare(out, "username*", ext_value(user));
}

[[nodiscard]] inline std::string digest_params(digest_challenge const& offer, digest_input const& input,
                                               std::string_view user, std::string_view response)
{
    std::string out;
    append_user(out, offer, user);
    append_quoted(out, "realm", offer.realm);
    append_quoted(out, "nonce", input.nonce);
    append_quoted(out, "uri", input.uri);
    if (input.qop != digest_qop::none) {
        append_quoted(out, "cnonce", input.cnonce);
        append_bare(out, "nc", nc_text(input.nc));
        append_bare(out, "qop", qop_text(input.qop));
    }
    append_quoted(out, "response", response);
    if (offer.opaque) append_quoted(out, "opaque", *offer.opaque);
    if (!offer.algorithm_name.empty()) append_bare(out, "algorithm", offer.algorithm_name);
    if (offer.userhash) append_bare(out, "userhash", "true");
    out.resize(out.size() - 2); // the last separator
    return out;
}

} // namespace detail

VIADUCT_DECL std::string digest_authorization(digest_challenge const& offer, digest_input const& input,
                                              credentials const& who, error_code& ec)
{
    ec = {};
    if (detail::has_control_octet(who.user) || detail::has_control_octet(who.password)) {
        ec = errc::credentials_invalid;
        return {};
    }
    auto secret = digest_secret(offer.algorithm, who, offer.realm);
    auto const response = digest_response(secret, input);
    detail::wipe(secret);
    if (!response.empty()) return "Digest " + detail::digest_params(offer, input, who.user, response);
    ec = errc::challenge_invalid;
    return {};
}

} // namespace viaduct

#endif
