#include "command/argument_reader.hpp"

#include "command/option_table.hpp"
#include "command/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace viaduct_curl {
namespace {

/// The only switch that may do without its value.
[[nodiscard]] bool is_optional(option const& row)
{
    return row.name == "help";
}

/// Whether the value is nothing for those who list processes. A proxy's URL is, but for who asks it.
[[nodiscard]] bool is_secret(option const& row, std::string_view value)
{
    constexpr std::array<std::string_view, 7> secrets{"user", "proxy-user", "oauth2-bearer", "cert",
                                                      "pass", "proxy-cert", "proxy-pass"};
    constexpr std::array<std::string_view, 7> urls{"proxy",   "preproxy", "proxy1.0",       "socks4",
                                                   "socks4a", "socks5",   "socks5-hostname"};
    auto const is_one_of = [&](auto const& names) {
        return std::find(names.begin(), names.end(), row.name) != names.end();
    };
    return is_one_of(secrets) || (is_one_of(urls) && value.find('@') != std::string_view::npos);
}

/// curl takes no `=` either. What is behind it is left out, since it may be a secret.
[[noreturn]] void refuse_equals_sign(option const& row)
{
    if (row.argument.empty()) misuse(fmt::format("option --{}: takes no value", row.name));
    misuse(fmt::format("option --{0}: the value is a word of its own, without '=': --{0} <{1}>", row.name,
                       row.argument));
}

[[noreturn]] void unknown(std::string_view word, std::string_view nearest)
{
    auto const hint = nearest.empty() ? "" : fmt::format("; --{} is the nearest that is known", nearest);
    misuse(fmt::format("option {}: is unknown{}", word, hint));
}

/// @param name All behind the dashes.
[[noreturn]] void refuse_long(std::string_view name)
{
    auto const before = name.substr(0, name.find('='));
    if (auto const found = find_option(before); found.row && before != name) refuse_equals_sign(*found.row);
    unknown(fmt::format("--{}", before), nearest_option(before));
}

} // namespace

bool argument_reader::take_switch(std::string_view word, std::optional<std::string_view> next)
{
    secret_ = {};
    return word.starts_with("--") ? take_long(word, next) : take_letters(word, next);
}

void argument_reader::take_url(std::string_view word)
{
    auto& now = to_.operations.back();
    next_target(now, [](target const& t) { return !t.url; }).url = word;
}

bool argument_reader::take_long(std::string_view word, std::optional<std::string_view> next)
{
    auto const name = word.substr(2);
    auto const [row, on, is_ambiguous, is_no_flag] = find_option(name);
    if (is_ambiguous) misuse(fmt::format("option {}: is ambiguous", word));
    constexpr std::string_view with_value = "exit-compat="; // the one that is written so, too
    if (!row && name.starts_with(with_value)) {
        std::ignore = take_long(word.substr(0, word.find('=')), name.substr(with_value.size()));
        return false;
    }
    if (!row) refuse_long(name);
    if (is_no_flag) misuse(fmt::format("option {}: used '--no-' for option that isn't a boolean", word));
    bool const has_value = !row->argument.empty();
    given g{to_, to_.operations.back(), row->name, word, {}, on};
    if (has_value && !next && !is_optional(*row)) misuse(g, "requires parameter");
    if (has_value) g.value = next.value_or("");
    if (has_value && next && is_secret(*row, *next)) secret_ = *next;
    row->take(g);
    return has_value && next;
}

/// Several flags may stand together; the value of the last letter may follow it at once.
bool argument_reader::take_letters(std::string_view word, std::optional<std::string_view> next)
{
    for (std::size_t at = 1; at < word.size(); ++at) {
        auto const* const row = find_option(word[at]);
        auto const shown = fmt::format("-{}", word[at]);
        if (!row) unknown(shown, nearest_option(word.substr(1))); // -proxy is a name with one dash too few
        given g{to_, to_.operations.back(), row->name, shown, {}, true};
        if (row->argument.empty()) {
            row->take(g);
            continue;
        }
        bool const is_here = at + 1 < word.size();
        if (!is_here && !next && !is_optional(*row)) misuse(g, "requires parameter");
        auto const value = is_here ? word.substr(at + 1) : next.value_or("");
        if (is_secret(*row, value)) secret_ = value;
        g.value = value;
        row->take(g);
        return !is_here && next;
    }
    if (word.size() == 1) unknown(word, {});
    return false;
}

} // namespace viaduct_curl
