#include "log_formats.hpp"

#include "words.hpp"
#include <viaduct/log/format_problem.hpp>
#include <viaduct/log/named_formats.hpp>
#include <viaduct/log/squid_logformat.hpp>

#include <fmt/format.h>

#include <memory>
#include <vector>

namespace viaduct_proxy {

void log_formats::add(typed const& what)
{
    auto const& value = what.value;
    constexpr char blanks[] = " \t";
    auto const begin = value.find_first_not_of(blanks);
    auto const name_end = value.find_first_of(blanks, begin);
    auto const spec = value.find_first_not_of(blanks, name_end);
    if (begin == value.npos || spec == value.npos)
        reject(what, "write a name and what is to be logged, such as 'mine %ts.%03tu %>a %ru'");
    auto const name = value.substr(begin, name_end - begin);
    if (name.find('=') != name.npos || viaduct::format_named(name))
        reject(what,
               fmt::format("the name '{}' {}", name,
                           viaduct::format_named(name) ? "is that of a built-in format: choose another one"
                                                       : "has an '=' in it"));
    if (own_.contains(name)) reject(what, fmt::format("there is a format '{}' already", name));
    try {
        own_.emplace(name, std::make_shared<viaduct::squid_logformat>(std::string_view{value}.substr(spec)));
    } catch (viaduct::format_problem const& e) {
        reject(what, fmt::format("column {}: {}", spec + e.column(), e.what()));
    }
}

viaduct::record_format_ptr log_formats::find(std::string_view name) const
{
    auto const own = own_.find(name);
    return own == own_.end() ? viaduct::format_named(name) : own->second;
}

viaduct::record_format_ptr log_formats::get(log_line const& line) const
{
    if (auto found = find(line.format)) return found;
    reject(line.flag, line.value,
           fmt::format("column {}: there is no format '{}'; {}the formats are {} and those of --logformat",
                       line.value.rfind(line.format) + 1, line.format, guess_for(line.format),
                       fmt::join(viaduct::format_names(), ", ")));
}

std::string log_formats::guess_for(std::string_view wrong) const
{
    auto names = viaduct::format_names();
    for (auto const& each : own_)
        names.push_back(each.first);
    return guess(wrong, names);
}

} // namespace viaduct_proxy
