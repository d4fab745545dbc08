#ifndef VIADUCT_CURL_COMMAND_VALUES_HPP
#define VIADUCT_CURL_COMMAND_VALUES_HPP

#include "command/option.hpp"
#include "failure.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct_curl {

inline constexpr std::string_view where_help_is = "try 'viaduct-curl --help' for more information";

/// For a switch that cannot be taken: exit code 2, and where there is help.
[[noreturn]] void misuse(std::string const& text);
[[noreturn]] void misuse(given const& g, std::string_view text);

/// Tells why nothing was tried, if there is still something to say.
void complain(failure const& about);

/// Something that curl goes on after: a line on the standard error, unless -s is there.
void warn(operation const& now, std::string_view text);

/// Seconds with or without a fraction, not negative.
[[nodiscard]] std::chrono::milliseconds read_seconds(given const& g);

/// A whole number; not negative unless that is said.
[[nodiscard]] std::int64_t read_number(given const& g);
[[nodiscard]] std::int64_t read_signed_number(given const& g);

/// Octets, with an optional k, M, G, T or P behind them.
[[nodiscard]] std::int64_t read_size(given const& g);

/// All of a file, or of the standard input for `-`.
/** @throws failure with 26 that names the file. */
[[nodiscard]] std::string read_file(std::string const& name);

/// The value itself, or for `@file` what is in the file.
[[nodiscard]] std::string value_or_file(given const& g);

// What rows of tables have in common: the switch is an option of libcurl and nothing else.

template <CURLoption Option>
void pass_text(given& g)
{
    g.now.passed.set(Option, g.name, g.value);
}

template <CURLoption Option>
void pass_number(given& g)
{
    g.now.passed.set(Option, g.name, read_number(g));
}

template <CURLoption Option>
void pass_size(given& g)
{
    g.now.passed.set(Option, g.name, read_size(g));
}

template <CURLoption Option>
void pass_line(given& g)
{
    g.now.passed.append(Option, g.name, g.value);
}

/// A flag: `Value` while it is on, libcurl's default or `Off` otherwise.
template <CURLoption Option, std::int64_t Value = 1, std::int64_t Off = 0>
void pass_flag(given& g)
{
    g.now.passed.set(Option, g.name, g.on ? Value : Off);
}

/// One of several flags that share an option.
template <CURLoption Option, std::int64_t Value>
void pass_choice(given& g)
{
    g.now.passed.set(Option, g.name, Value);
}

template <CURLoption Option, std::int64_t Bits>
void pass_bits(given& g)
{
    g.now.passed.set_bits(Option, g.name, Bits, g.on);
}

} // namespace viaduct_curl

#endif
