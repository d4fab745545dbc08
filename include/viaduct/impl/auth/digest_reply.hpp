#ifndef VIADUCT_IMPL_AUTH_DIGEST_REPLY_HPP
#define VIADUCT_IMPL_AUTH_DIGEST_REPLY_HPP

#include <viaduct/auth/digest.hpp>
#include <viaduct/auth/verifier.hpp>
#include <viaduct/http/challenge.hpp>
#include <viaduct/http/characters.hpp>
#include <viaduct/impl/auth/digest.ipp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// What a client has answered to a challenge of the Digest scheme, checked for its form only.
struct digest_reply
{
    digest_input input{};
    std::string user{};
    std::string realm{};
    std::string response{};
};

inline constexpr std::size_t max_digest_reply = 8192;

/// The octets of `UTF-8'LANGUAGE'VALUE` (RFC 8187 section 3.2); nothing if it is none.
[[nodiscard]] inline std::optional<std::string> read_ext_value(std::string_view text)
{
    auto const first = text.find('\'');
    auto const second = text.find('\'', std::min(first, text.size() - 1) + 1);
    if (text.empty() || first == text.npos || second == text.npos) return std::nullopt;
    if (!characters::iequals(text.substr(0, first), "UTF-8")) return std::nullopt;
    std::string value;
    for (auto rest = text.substr(second + 1); !rest.empty();) {
        auto octet = static_cast<unsigned char>(rest.front());
        std::size_t taken = 1;
        if (rest.front() == '%') {
            auto const digits = rest.substr(1, 2);
            auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
            if (digits.size() != 2 || read.ptr != digits.data() + 2) return std::nullopt;
            taken = 3;
        }
        value += static_cast<char>(octet);
        rest.remove_prefix(taken);
    }
    return value;
}

/// Exactly eight hexadecimal digits.
[[nodiscard]] inline std::optional<std::uint32_t> read_nc(std::string_view text)
{
    std::uint32_t nc = 0;
    if (text.size() != 8) return std::nullopt;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), nc, 16);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return nc;
}

/// Two parameters of one name are read differently by different readers, so there must be no two.
[[nodiscard]] inline bool has_twins(challenge const& params)
{
    static constexpr std::array known{"username", "username*", "realm", "nonce",     "uri",   "response",
                                      "cnonce",   "qop",       "nc",    "algorithm", "opaque"};
    return std::any_of(known.begin(), known.end(), [&params](char const* name) {
        return std::count_if(params.params.begin(), params.params.end(),
                             [name](auto const& each) { return characters::iequals(each.name, name); }) > 1;
    });
}

[[nodiscard]] inline std::optional<std::string> read_user(challenge const& params)
{
    auto const plain = params.find("username");
    auto const extended = params.find("username*");
    if (plain.has_value() == extended.has_value()) return std::nullopt;
    auto user = plain ? std::optional{std::string{*plain}} : read_ext_value(*extended);
    if (!user || user->empty() || user->find(':') != user->npos) return std::nullopt;
    bool const clean = std::none_of(user->begin(), user->end(),
                                    [](char c) { return c == '\t' || characters::is_forbidden_control(c); });
    return clean ? user : std::nullopt;
}

/// Reads what follows `Digest` in a field of Proxy-Authorization.
[[nodiscard]] inline std::optional<digest_reply> read_digest_reply(auth_attempt const& attempt)
{
    if (attempt.credentials.size() > max_digest_reply) return std::nullopt;
    auto const all = parse_challenges("Digest " + attempt.credentials);
    if (all.size() != 1 || has_twins(all.front())) return std::nullopt;
    auto const text = [&all](std::string_view name) { return all.front().find(name).value_or(""); };
    auto const algorithm = digest_algorithm_of(text("algorithm"));
    auto const nc = read_nc(text("nc"));
    auto const user = read_user(all.front());
    if (!algorithm || !nc || !user || !characters::iequals(text("qop"), "auth") || text("cnonce").empty() ||
        characters::iequals(text("userhash"), "true") || text("uri") != attempt.uri)
        return std::nullopt;
    return digest_reply{{*algorithm, digest_qop::auth, std::string{text("nonce")},
                         std::string{text("cnonce")}, *nc, attempt.method, attempt.uri},
                        *user,
                        std::string{text("realm")},
                        std::string{text("response")}};
}

} // namespace viaduct::detail

#endif
