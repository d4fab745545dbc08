#ifndef VIADUCT_DETAIL_WITHOUT_SECRETS_HPP
#define VIADUCT_DETAIL_WITHOUT_SECRETS_HPP

#include <viaduct/http/characters.hpp>
#include <viaduct/http/redaction.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// Whether all that a field of a request or an answer says is a secret, or may be.
[[nodiscard]] inline bool is_all_secret(std::string_view name) noexcept
{
    return is_secret_field(name) || characters::iequals(name, "Proxy-Authentication-Info") ||
           characters::iequals(name, "Authentication-Info");
}

/// Whether a word is the name of a scheme that sends a secret, or a ticket, as a single word.
[[nodiscard]] inline bool is_secret_scheme(std::string_view word) noexcept
{
    constexpr std::array<std::string_view, 5> names{"Basic", "Bearer", "Kerberos", "Negotiate", "NTLM"};
    return std::any_of(names.begin(), names.end(),
                       [word](auto each) { return characters::iequals(word, each); });
}

[[nodiscard]] constexpr bool is_token68_octet(char c) noexcept
{
    return characters::is_alpha(c) || characters::is_digit(c) ||
           std::string_view{"-._~+/"}.find(c) != std::string_view::npos;
}

/// How many octets at the beginning are of a token68 without its padding, or of a name.
[[nodiscard]] inline std::size_t word_length(std::string_view text) noexcept
{
    auto const end = std::find_if_not(text.begin(), text.end(), is_token68_octet);
    return static_cast<std::size_t>(end - text.begin());
}

/// Whether a word behind such a name is that of a parameter of challenges (RFC 7617, RFC 6750, RFC 9470,
/// RFC 9728) and no ticket: a ticket's padding looks as if one began there.
[[nodiscard]] inline bool is_parameter(std::string_view word, std::string_view behind) noexcept
{
    constexpr std::array<std::string_view, 9> names{"realm",      "charset",           "scope",
                                                    "error",      "error_description", "error_uri",
                                                    "acr_values", "max_age",           "resource_metadata"};
    auto const sign = behind.find_first_not_of(" \t");
    return sign != std::string_view::npos && behind[sign] == '=' &&
           std::any_of(names.begin(), names.end(),
                       [word](auto each) { return characters::iequals(word, each); });
}

/// One line of an answer, in which the words behind the names of such schemes are `***`.
/** What is a parameter stays: `Basic realm="x"`. */
[[nodiscard]] inline std::string without_tickets(std::string_view line)
{
    std::string shown;
    bool behind_scheme = false;
    while (!line.empty()) {
        auto const size = word_length(line);
        auto const word = line.substr(0, size);
        auto const behind = line.substr(size);
        bool const is_scheme = is_secret_scheme(word);
        if (behind_scheme && size != 0 && !is_scheme && !is_parameter(word, behind))
            shown += "***";
        else
            shown += word;
        if (size != 0) behind_scheme = is_scheme;
        line = behind;
        if (line.empty()) break;
        behind_scheme = behind_scheme && (line[0] == ' ' || line[0] == '\t');
        shown += line[0];
        line.remove_prefix(1);
    }
    return shown;
}

/// The name of the field in a line; empty if there is none.
[[nodiscard]] inline std::string_view name_in(std::string_view line)
{
    auto const name = line.substr(0, line.find(':'));
    auto const size = name.size() == line.size() ? 0 : name.find_last_not_of(" \t") + 1;
    return name.substr(0, size);
}

/// A line of an answer without what nobody should read.
[[nodiscard]] inline std::string without_secrets_of_proxy(std::string_view line)
{
    auto const name = name_in(line);
    return is_all_secret(name) ? std::string{name} + ": ***" : without_tickets(line);
}

/// A line of a redacted request without the caller's own secrets, such as cookies; credentials are gone
/// already, and their schemes stay.
[[nodiscard]] inline std::string without_secrets_of_caller(std::string_view line)
{
    auto const name = name_in(line);
    bool const is_done =
        characters::iequals(name, "Proxy-Authorization") || characters::iequals(name, "Authorization");
    return is_all_secret(name) && !is_done ? std::string{name} + ": ***" : std::string{line};
}

} // namespace viaduct::detail

#endif
