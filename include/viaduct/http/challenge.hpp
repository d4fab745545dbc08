#ifndef VIADUCT_HTTP_CHALLENGE_HPP
#define VIADUCT_HTTP_CHALLENGE_HPP

#include <viaduct/http/fields.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// One parameter of a challenge, its value without quotes and escapes.
struct auth_param
{
    std::string name;  ///< As it was spelled; compare without regard to case.
    std::string value; ///< Untrusted text.

    friend bool operator==(auth_param const&, auth_param const&) = default;
};

/// One challenge of a Proxy-Authenticate field (RFC 9110 section 11.3).
struct challenge
{
    std::string scheme;  ///< As it was spelled; compare with `is`.
    std::string token68; ///< What Negotiate and NTLM carry; empty if the challenge has parameters or nothing.
    std::vector<auth_param> params; ///< In their order.

    /// Whether the scheme has this name, without regard to case.
    [[nodiscard]] VIADUCT_DECL bool is(std::string_view name) const;

    /// The value of the first parameter with this name.
    [[nodiscard]] VIADUCT_DECL std::optional<std::string_view> find(std::string_view name) const;

    friend bool operator==(challenge const&, challenge const&) = default;
};

/// Reads the value of one Proxy-Authenticate field, which may hold several challenges.
/**
 * By the grammar of RFC 9110 section 11: schemes, token68, parameters with blanks around `=`, quoted strings
 * with escapes (commas and scheme names inside them are text), and empty list members.
 *
 * @param value Untrusted octets; not kept.
 * @return The challenges up to the first octet that fits no rule: a proxy's slip behind them must not take
 * away those that were well formed.
 */
[[nodiscard]] VIADUCT_DECL std::vector<challenge> parse_challenges(std::string_view value);

/// The challenges of all lines named `name`, in their order.
[[nodiscard]] VIADUCT_DECL std::vector<challenge> parse_challenges(field_list fields, std::string_view name);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/http/challenge.ipp>
#endif

#endif
