#include "squid_config.hpp"

#include "config/config_file.hpp"
#include "config/directive_table.hpp"
#include "directive_match.hpp"
#include "say.hpp"
#include "words.hpp"

#include <memory>
#include <utility>

namespace viaduct_proxy {
namespace {

[[nodiscard]] std::vector<std::string> lines_of(problems const& found)
{
    std::vector<std::string> lines;
    for (auto const& each : found)
        lines.push_back(each.line());
    return lines;
}

void take_one(directive line, typed_options& to)
{
    directive_match match{std::make_shared<directive const>(std::move(line))};
    if (!to.take(match)) throw mistake{match.where() + ": it is known, and nothing here takes it"};
}

void tell_all(problems const& notices)
{
    for (auto const& each : notices)
        tell(each.line());
}

} // namespace

void read_squid_config(std::string const& path, typed_options& to, bool wants_notices)
{
    auto file = read_config(path);
    if (wants_notices) tell_all(file.notices);
    mistake_list{lines_of(file.mistakes)}.refuse_if_any();
    auto sorted = sort_directives(std::move(file.directives));
    if (wants_notices) tell_all(sorted.notices);
    mistake_list found{lines_of(sorted.mistakes)};
    to.assume_squid();
    for (auto& each : sorted.meant)
        found.attempt([&] { take_one(std::move(each), to); });
    found.refuse_if_any();
}

} // namespace viaduct_proxy
