#include "words.hpp"

#include "config/conf_words.hpp"
#include <viaduct/detail/nearest_name.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace viaduct_proxy {
namespace {

template <class Number>
[[nodiscard]] std::optional<Number> read(std::string_view text)
{
    Number number = 0;
    auto const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, number);
    return error == std::errc{} && end == last ? std::optional{number} : std::nullopt;
}

[[nodiscard]] unsigned shift_of(char suffix)
{
    switch (suffix) {
    case 'k':
    case 'K': return 10;
    case 'm':
    case 'M': return 20;
    case 'g':
    case 'G': return 30;
    default: return 0;
    }
}

/// What a terminal would obey is not shown: lists of ACLs come from anywhere.
[[nodiscard]] std::string without_control(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7f; }, '?');
    return text;
}

/// Takes the word that begins at `at`.
[[nodiscard]] word take(std::string_view flag, std::string_view value, std::size_t& at)
{
    bool const quoted = value[at] == '"';
    if (!quoted) {
        auto const end = std::min(value.find_first_of(" \t", at), value.size());
        auto const begin = std::exchange(at, end);
        return {std::string{value.substr(begin, end - begin)}, false};
    }
    auto const end = value.find('"', at + 1);
    if (end == std::string_view::npos) reject(flag, value, "a double quote is not closed");
    auto const begin = std::exchange(at, end + 1) + 1;
    return {std::string{value.substr(begin, end - begin)}, true};
}

} // namespace

void reject(std::string_view flag, std::string_view value, std::string_view hint)
{
    throw mistake{without_control(fmt::format("{} '{}': {}", flag, value, hint))};
}

void reject(typed const& what, std::string_view hint)
{
    reject(what.where(), what.value, hint);
}

std::string without_arguments(std::string_view value)
{
    constexpr char blanks[] = " \t";
    auto begin = value.find_first_not_of(blanks);
    auto const first = begin;
    while (begin != value.npos && value[begin] != '/')
        begin = value.find_first_not_of(blanks, value.find_first_of(blanks, begin));
    auto const end = value.find_first_of(blanks, begin == value.npos ? first : begin);
    return end == value.npos ? std::string{value} : std::string{value.substr(0, end)} + " ...";
}

void lacks(std::string_view flag, std::string_view library)
{
    throw mistake{fmt::format("{}: this viaduct-proxy was built without {}", flag, library)};
}

std::vector<word> split(std::string_view flag, std::string_view value)
{
    std::vector<word> words;
    for (std::size_t at = 0; (at = value.find_first_not_of(" \t", at)) != std::string_view::npos;)
        words.push_back(take(flag, value, at));
    return words;
}

std::vector<word> split(typed const& what)
{
    return split(what.where(), what.value);
}

std::vector<std::string> split_plain(typed const& what)
{
    if (!what.line) return split_plain(what.where(), what.value);
    std::vector<std::string> texts;
    bool const quotes_count = what.name == "dns_nameservers";
    for (auto& each : words(*what.line, quotes_count ? word_syntax::quoting : word_syntax::plain))
        texts.push_back(std::move(each.text));
    return texts;
}

std::vector<std::string> split_plain(std::string_view flag, std::string_view value)
{
    std::vector<std::string> words;
    for (auto& each : split(flag, value))
        words.push_back(std::move(each.text));
    return words;
}

std::optional<std::pair<std::string_view, std::string_view>> as_setting(std::string_view text)
{
    auto const equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

std::optional<std::uint64_t> to_number(std::string_view text)
{
    return read<std::uint64_t>(text);
}

std::uint64_t to_count(std::string_view flag, std::string_view value, std::string_view text,
                       std::uint64_t most)
{
    auto const number = to_number(text);
    if (!number || *number > most)
        reject(flag, value, fmt::format("'{}' is not a number from 0 to {}", text, most));
    return *number;
}

std::uint64_t to_count(typed const& what, std::string_view text, std::uint64_t most)
{
    return to_count(what.where(), what.value, text, most);
}

std::string guess(std::string_view wrong, std::vector<std::string_view> const& names)
{
    viaduct::detail::nearest_name nearest{wrong};
    for (auto const name : names)
        nearest.offer(name);
    return nearest.found().empty() ? std::string{} : fmt::format("did you mean '{}'? ", nearest.found());
}

std::uint64_t to_octets(std::string_view flag, std::string_view value, std::string_view text)
{
    auto const shift = text.empty() ? 0 : shift_of(text.back());
    auto const number = to_number(text.substr(0, text.size() - (shift == 0 ? 0 : 1)));
    if (!number || *number > (std::numeric_limits<std::uint64_t>::max() >> 1 >> shift))
        reject(flag, value, fmt::format("'{}' is no number of octets, such as 64k, 10m or 1g", text));
    return *number << shift;
}

std::optional<std::uint16_t> to_port(std::string_view text)
{
    return read<std::uint16_t>(text);
}

viaduct::net::ip::tcp::endpoint to_endpoint(std::string_view flag, std::string const& text,
                                            std::optional<std::uint16_t> default_port)
{
    bool const has_port = !default_port ||
                          (text.find(':') == text.rfind(':') && text.find(':') != text.npos) ||
                          text.find("]:") != text.npos;
    auto const colon = has_port ? text.rfind(':') : std::string::npos;
    auto const port =
        colon == std::string::npos ? default_port : to_port(std::string_view{text}.substr(colon + 1));
    auto host = text.substr(0, colon);
    bool const bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    viaduct::error_code ec;
    auto const address = viaduct::net::ip::make_address(host, ec);
    if (!port || ec || (bracketed != address.is_v6() && has_port))
        reject(flag, text,
               default_port ? "write ADDRESS or ADDRESS:PORT, such as 192.0.2.1 or [2001:db8::1]:53"
                            : "write ADDRESS:PORT, such as 127.0.0.1:3128, 0.0.0.0:3128 or [::1]:3128");
    return {address, *port};
}

viaduct::address_block to_block(std::string_view flag, std::string const& text)
{
    viaduct::error_code ec;
    auto const block = viaduct::address_block::parse(text, ec);
    if (ec)
        reject(flag, text,
               "write ADDRESS/LENGTH with no bits set beyond the length, such as 10.0.0.0/8 or fd00::/8");
    return block;
}

std::chrono::milliseconds to_duration(setting<double> const& seconds, double least, double most)
{
    if (!(seconds.value >= least && seconds.value <= most))
        reject(seconds.where(), fmt::format("{}", seconds.value),
               fmt::format("write seconds from {} to {}", least, most));
    return std::chrono::milliseconds{static_cast<std::int64_t>(seconds.value * 1000)};
}

} // namespace viaduct_proxy
