#ifndef VIADUCT_EXAMPLES_PROXY_WORDS_HPP
#define VIADUCT_EXAMPLES_PROXY_WORDS_HPP

#include "mistake.hpp"
#include "settings.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/server/address_guard.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_proxy {

/// Refuses a value: names the flag, the value, what is wrong with it, and the way out.
[[noreturn]] void reject(std::string_view flag, std::string_view value, std::string_view hint);

/// The same for a setting as it was written.
[[noreturn]] void reject(typed const& what, std::string_view hint);

/// The value of a flag that names a program, as a message may show it: up to the program, as what is behind
/// it may hold a password.
[[nodiscard]] std::string without_arguments(std::string_view value);

/// For a flag of which this build has nothing.
[[noreturn]] void lacks(std::string_view flag, std::string_view library);

/// A word of a value, and whether it stood between double quotes.
struct word
{
    std::string text;
    bool quoted = false;
};

/// The words of a value: split at blanks, but for those between double quotes.
[[nodiscard]] std::vector<word> split(std::string_view flag, std::string_view value);

[[nodiscard]] std::vector<word> split(typed const& what);

/// The same for values in which quotes only keep blanks together.
[[nodiscard]] std::vector<std::string> split_plain(std::string_view flag, std::string_view value);
[[nodiscard]] std::vector<std::string> split_plain(typed const& what);

/// `key=value`; nothing if there is no `=` in it, or it comes first.
[[nodiscard]] std::optional<std::pair<std::string_view, std::string_view>> as_setting(std::string_view text);

/// A whole number in decimal digits, and nothing else.
[[nodiscard]] std::optional<std::uint64_t> to_number(std::string_view text);

/// The same for a value that must be one, up to `most`.
[[nodiscard]] std::uint64_t to_count(std::string_view flag, std::string_view value, std::string_view text,
                                     std::uint64_t most = UINT32_MAX);

[[nodiscard]] std::uint64_t to_count(typed const& what, std::string_view text,
                                     std::uint64_t most = UINT32_MAX);

/// The start of a hint, `did you mean 'this'? `, if one of the names is near; empty if none is.
[[nodiscard]] std::string guess(std::string_view wrong, std::vector<std::string_view> const& names);

/// Octets, with `k`, `m` or `g` for so many times 1024.
[[nodiscard]] std::uint64_t to_octets(std::string_view flag, std::string_view value, std::string_view text);

[[nodiscard]] std::optional<std::uint16_t> to_port(std::string_view text);

/// An address and a port; with `default_port` it may be missing.
[[nodiscard]] viaduct::net::ip::tcp::endpoint to_endpoint(std::string_view flag, std::string const& text,
                                                          std::optional<std::uint16_t> default_port = {});

[[nodiscard]] viaduct::address_block to_block(std::string_view flag, std::string const& text);

inline constexpr double a_day = 86400;
inline constexpr double a_year = 366 * a_day;

[[nodiscard]] std::chrono::milliseconds to_duration(setting<double> const& seconds, double least,
                                                    double most = a_day);

} // namespace viaduct_proxy

#endif
