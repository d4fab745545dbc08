#include "flag_group.hpp"

#include "words.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace viaduct_proxy {
namespace {

/// What is to be said of a text that should be one; the help needs no word of it.
[[nodiscard]] std::string wrong_number(std::string const& text)
{
    auto const number = to_number(text);
    return number && *number <= 1'000'000'000'000 ? "" : "write a whole number, not '" + text + "'";
}

} // namespace

void flag_group::list(char const* flag, std::vector<typed>& to, char const* type, std::string const& help)
{
    auto const add = [flag, &to](std::vector<std::string> const& values) {
        for (auto const& value : values)
            to.push_back({value, flag, {}, {}});
    };
    app_.add_option_function<std::vector<std::string>>(flag, add, help)
        ->type_name(type)
        ->group(title_)
        ->allow_extra_args(false);
}

void flag_group::text(char const* flag, std::optional<typed>& to, char const* type, std::string const& help)
{
    auto const set = [flag, &to](std::string const& value) { to = {value, flag, {}, {}}; };
    app_.add_option_function<std::string>(flag, set, help)->type_name(type)->group(title_);
}

void flag_group::text(char const* flag, typed& to, char const* type, std::string const& help)
{
    auto const set = [flag, &to](std::string const& value) { to = {value, flag, {}, {}}; };
    app_.add_option_function<std::string>(flag, set, help)
        ->type_name(type)
        ->group(title_)
        ->default_str(to.value);
}

void flag_group::seconds(char const* flag, setting<double>& to, std::string const& help)
{
    auto const set = [flag, &to](double value) { to = {value, flag, {}, {}}; };
    app_.add_option_function<double>(flag, set, help)
        ->type_name("SECONDS")
        ->group(title_)
        ->default_str(fmt::format("{:g}", to.value));
}

void flag_group::number(char const* flag, setting<std::size_t>& to, std::string const& help)
{
    auto const set = [flag, &to](std::size_t value) { to = {value, flag, {}, {}}; };
    app_.add_option_function<std::size_t>(flag, set, help)
        ->type_name("N")
        ->group(title_)
        ->default_str(fmt::format("{}", to.value))
        ->check(wrong_number);
}

void flag_group::on(char const* flag, setting<bool>& to, std::string const& help)
{
    app_.add_flag_callback(
            flag,
            [flag, &to] {
                to = {true, flag, {}, {}};
            },
            help)
        ->group(title_);
}

void flag_group::several(char const* flag, std::vector<std::string>& to, std::pair<int, int> how_many,
                         char const* type, std::string const& help)
{
    app_.add_option(flag, to, help)
        ->type_name(type)
        ->group(title_)
        ->expected(how_many.first, how_many.second);
}

} // namespace viaduct_proxy
