#include "command/values.hpp"

#include "failure.hpp"
#include "tell/verbose.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <system_error>

namespace viaduct_curl {
namespace {

constexpr char no_number[] = "expected a proper numerical parameter";

/// Reads a number from the front.
/** @return What stands behind it. */
[[nodiscard]] std::string_view read_digits(given const& g, std::int64_t& to)
{
    auto const* const end = g.value.data() + g.value.size();
    auto const read = std::from_chars(g.value.data(), end, to);
    if (read.ec != std::errc{}) misuse(g, no_number);
    return {read.ptr, static_cast<std::size_t>(end - read.ptr)};
}

/// How far a unit shifts, or -1.
[[nodiscard]] int shift_of(std::string_view unit)
{
    if (unit.empty() || unit == "B" || unit == "b") return 0;
    if (unit.size() != 1) return -1;
    constexpr std::string_view units = "kmgtp";
    auto const at = units.find(static_cast<char>(unit.front() | 0x20));
    return at == std::string_view::npos ? -1 : static_cast<int>(at + 1) * 10;
}

} // namespace

void misuse(std::string const& text)
{
    throw failure{CURLE_FAILED_INIT, fmt::format("{}\nviaduct-curl: {}", text, where_help_is)};
}

void misuse(given const& g, std::string_view text)
{
    misuse(fmt::format("option {}: {}", g.shown, text));
}

void complain(failure const& about)
{
    if (about.message().empty()) return;
    std::fprintf(stderr, "viaduct-curl: %s\n", about.what());
}

void warn(operation const& now, std::string_view text)
{
    if (now.answer.silent) return;
    constexpr std::size_t width = 70; // of what is behind the word and the line's end, as in curl
    auto const clean = printable(text);
    std::string_view rest{clean};
    std::string lines;
    while (rest.size() >= width) {
        auto const blank = rest.rfind(' ', width - 1);
        auto const size = (blank == std::string_view::npos || blank == 0 ? width - 1 : blank) + 1;
        lines += fmt::format("Warning: {}\n", rest.substr(0, size));
        rest.remove_prefix(size);
    }
    std::fputs(fmt::format("{}Warning: {}\n", lines, rest).c_str(), stderr);
}

std::chrono::milliseconds read_seconds(given const& g)
{
    double seconds = 0;
    auto const* const end = g.value.data() + g.value.size();
    auto const read = std::from_chars(g.value.data(), end, seconds);
    bool const is_number = read.ec == std::errc{} && read.ptr == end && std::isfinite(seconds);
    if (!is_number || seconds > 1e9) misuse(g, no_number);
    if (seconds < 0) misuse(g, "expected a positive numerical parameter");
    auto const exact = std::chrono::duration<double>{seconds};
    auto const rounded = std::chrono::duration_cast<std::chrono::milliseconds>(exact);
    return seconds > 0 && rounded.count() == 0 ? std::chrono::milliseconds{1} : rounded;
}

std::int64_t read_signed_number(given const& g)
{
    std::int64_t number = 0;
    if (!read_digits(g, number).empty()) misuse(g, no_number);
    return number;
}

std::int64_t read_number(given const& g)
{
    auto const number = read_signed_number(g);
    if (number < 0) misuse(g, "expected a positive numerical parameter");
    return number;
}

std::int64_t read_size(given const& g)
{
    std::int64_t number = 0;
    auto const shift = shift_of(read_digits(g, number));
    if (shift < 0 || number < 0) misuse(g, no_number);
    if (number > std::numeric_limits<std::int64_t>::max() >> shift) misuse(g, "the number is too large");
    return number << shift;
}

std::string read_file(std::string const& name)
{
    using octets = std::istreambuf_iterator<char>;
    if (name == "-") return {octets{std::cin}, octets{}};
    std::ifstream file{name, std::ios::binary};
    if (!file) throw failure{CURLE_READ_ERROR, "Failed to open " + name};
    try {
        return {octets{file}, octets{}};
    } catch (std::ios_base::failure const&) { // a directory, for one
        throw failure{CURLE_READ_ERROR, "Failed to read " + name};
    }
}

std::string value_or_file(given const& g)
{
    return g.value.starts_with('@') ? read_file(g.value.substr(1)) : g.value;
}

} // namespace viaduct_curl
