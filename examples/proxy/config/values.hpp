#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_VALUES_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_VALUES_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace viaduct_proxy {

/// The values of squid.conf, as Squid 5 reads them; nothing for what it refuses. They take words without
/// blanks around them, and what is of two words with blanks between them.

/// `on` or `off`; `enable` and `disable` are the same. Capitals are not.
[[nodiscard]] std::optional<bool> to_on_off(std::string_view text) noexcept;

/// A whole number as C writes it: decimal, or behind `0x` and `0` hexadecimal and octal, with a sign.
[[nodiscard]] std::optional<long> to_c_number(std::string_view text);

enum class time_grain
{
    seconds,
    milliseconds
};

/// `5 minutes`, `1.5 hours`, and `0`: only that has no unit. Units are whole words in any case, with an `s`
/// behind them or without, from milliseconds to decades.
/**
 * @param grain what the directive counts in: a smaller unit is refused, as is what would be rounded to 0; the
 * rest is cut to it. A month has 30 days and a year 8766 hours.
 */
[[nodiscard]] std::optional<std::chrono::milliseconds> to_time(std::string_view text,
                                                               time_grain grain = time_grain::seconds);

/// Octets: `64 KB`, `1.5 MB`, `2 GB`, `512 bytes`; a number alone counts in `unit`.
/** Units are those, or `kbytes` and so on, in any case, and apart from the number. */
[[nodiscard]] std::optional<std::uint64_t> to_size(std::string_view text, std::uint64_t unit = 1);

} // namespace viaduct_proxy

#endif
