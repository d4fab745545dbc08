#ifndef VIADUCT_IMPL_AUTH_DIGEST_IPP
#define VIADUCT_IMPL_AUTH_DIGEST_IPP

#include <viaduct/auth/digest.hpp>
#include <viaduct/http/characters.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace viaduct {
namespace detail {

struct digest_name
{
    std::string_view name;
    digest_algorithm algorithm;
};

inline constexpr std::array digest_names{digest_name{"MD5", digest_algorithm::md5},
                                         digest_name{"MD5-sess", digest_algorithm::md5_sess},
                                         digest_name{"SHA-256", digest_algorithm::sha_256},
                                         digest_name{"SHA-256-sess", digest_algorithm::sha_256_sess},
                                         digest_name{"SHA-512-256", digest_algorithm::sha_512_256},
                                         digest_name{"SHA-512-256-sess", digest_algorithm::sha_512_256_sess}};

/// Absent means MD5.
[[nodiscard]] inline std::optional<digest_algorithm> digest_algorithm_of(std::string_view name)
{
    if (name.empty()) return digest_algorithm::md5;
    for (auto const& known : digest_names)
        if (characters::iequals(known.name, name)) return known.algorithm;
    return std::nullopt;
}

[[nodiscard]] constexpr bool is_session(digest_algorithm algorithm) noexcept
{
    return algorithm == digest_algorithm::md5_sess || algorithm == digest_algorithm::sha_256_sess ||
           algorithm == digest_algorithm::sha_512_256_sess;
}

[[nodiscard]] constexpr std::string_view qop_text(digest_qop qop) noexcept
{
    return qop == digest_qop::auth_int ? "auth-int" : "auth";
}

/// What an answer will use of `auth, auth-int`; nothing if none of it is known.
[[nodiscard]] inline std::optional<digest_qop> best_qop(std::string_view offered)
{
    if (characters::trim(offered).empty()) return digest_qop::none;
    std::optional<digest_qop> best;
    while (!offered.empty()) {
        auto const member = characters::trim(offered.substr(0, offered.find(',')));
        offered.remove_prefix(std::min(offered.find(','), offered.size() - 1) + 1);
        if (characters::iequals(member, "auth")) return digest_qop::auth;
        if (characters::iequals(member, "auth-int")) best = digest_qop::auth_int;
    }
    return best;
}

/// Whether a value of the proxy's may stand in the field that answers it.
[[nodiscard]] inline bool can_be_echoed(std::string_view text)
{
    return text.size() <= max_digest_value &&
           std::none_of(text.begin(), text.end(), [](char c) { return characters::is_forbidden_control(c); });
}

[[nodiscard]] inline bool is_checked(digest_challenge const& offer)
{
    return !offer.nonce.empty() && can_be_echoed(offer.nonce) && can_be_echoed(offer.realm) &&
           (!offer.opaque || can_be_echoed(*offer.opaque)) &&
           !(is_session(offer.algorithm) && offer.qop == digest_qop::none);
}

/// Eight lower-case hexadecimal digits.
[[nodiscard]] inline std::string nc_text(std::uint32_t nc)
{
    std::string text;
    for (int shift = 28; shift >= 0; shift -= 4)
        text += "0123456789abcdef"[nc >> shift & 0x0f];
    return text;
}

} // namespace detail

VIADUCT_DECL std::optional<digest_challenge> parse_digest_challenge(challenge const& offer, error_code& ec)
{
    ec = {};
    auto const text = [&offer](std::string_view name) { return offer.find(name).value_or(""); };
    auto const is = [&text](std::string_view name, std::string_view value) {
        return characters::iequals(characters::trim(text(name)), value);
    };
    auto const algorithm = detail::digest_algorithm_of(text("algorithm"));
    auto const qop = detail::best_qop(text("qop"));
    digest_challenge checked{.realm = std::string{text("realm")},
                             .nonce = std::string{text("nonce")},
                             .opaque = {},
                             .algorithm = algorithm.value_or(digest_algorithm::md5),
                             .algorithm_name = std::string{text("algorithm")},
                             .qop = qop.value_or(digest_qop::none),
                             .stale = is("stale", "true"),
                             .userhash = is("userhash", "true"),
                             .utf8 = is("charset", "UTF-8")};
    if (auto const opaque = offer.find("opaque")) checked.opaque = *opaque;
    if (algorithm && qop && detail::is_checked(checked)) return checked;
    ec = errc::challenge_invalid;
    return std::nullopt;
}

VIADUCT_DECL int digest_strength(digest_algorithm algorithm)
{
    if (digest_hash(algorithm, {}).empty()) return 0;
    switch (algorithm) {
    case digest_algorithm::sha_512_256:
    case digest_algorithm::sha_512_256_sess: return 3;
    case digest_algorithm::sha_256:
    case digest_algorithm::sha_256_sess: return 2;
    default: return 1;
    }
}

VIADUCT_DECL digest_input make_digest_input(digest_challenge const& offer, auth_request const& request,
                                            std::string_view cnonce, std::uint32_t nc)
{
    return {offer.algorithm, offer.qop, offer.nonce, std::string{cnonce}, nc, request.method, request.uri};
}

VIADUCT_DECL std::string digest_secret(digest_algorithm algorithm, credentials const& who,
                                       std::string_view realm)
{
    return digest_hash(algorithm, {who.user, realm, who.password});
}

VIADUCT_DECL std::string digest_response(std::string_view secret, digest_input const& input)
{
    auto const hash = [&input](std::initializer_list<std::string_view> texts) {
        return digest_hash(input.algorithm, texts);
    };
    auto key =
        detail::is_session(input.algorithm) ? hash({secret, input.nonce, input.cnonce}) : std::string{secret};
    auto const what = input.qop == digest_qop::auth_int ? hash({input.method, input.uri, hash({})})
                                                        : hash({input.method, input.uri});
    auto response = input.qop == digest_qop::none ? hash({key, input.nonce, what})
                                                  : hash({key, input.nonce, detail::nc_text(input.nc),
                                                          input.cnonce, detail::qop_text(input.qop), what});
    detail::wipe(key);
    return response;
}

VIADUCT_DECL digest_info parse_digest_info(field_list answer)
{
    challenge all; // the field is the parameters of a challenge without its scheme
    for (auto const field : answer) {
        if (!characters::iequals(field.name, "Proxy-Authentication-Info")) continue;
        for (auto& read : parse_challenges("Digest " + std::string{field.value}))
            std::move(read.params.begin(), read.params.end(), std::back_inserter(all.params));
    }
    auto const nextnonce = all.find("nextnonce").value_or("");
    return {detail::can_be_echoed(nextnonce) ? std::string{nextnonce} : std::string{},
            std::string{all.find("rspauth").value_or("")}};
}

VIADUCT_DECL bool is_digest_rspauth(std::string_view rspauth, std::string_view secret, digest_input input)
{
    input.method.clear();
    auto const expected = digest_response(secret, input);
    return !expected.empty() && characters::iequals(rspauth, expected);
}

} // namespace viaduct

#endif
