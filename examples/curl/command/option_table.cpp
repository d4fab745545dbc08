#include "command/option_table.hpp"

#include <viaduct/detail/nearest_name.hpp>

namespace viaduct_curl {
namespace {

template <class Function>
void for_each_option(Function const& function)
{
    for (auto const& t : all_topics())
        for (auto const& row : t.options)
            function(row);
}

/// By the whole name, or by a beginning of it.
[[nodiscard]] found_option find_by_name(std::string_view name)
{
    found_option found;
    bool exact = false;
    for_each_option([&](option const& row) {
        if (exact || !row.name.starts_with(name)) return;
        exact = row.name == name;
        found.is_ambiguous = !exact && found.row;
        found.row = &row;
    });
    if (found.is_ambiguous) found.row = nullptr;
    return found;
}

} // namespace

std::vector<topic> const& all_topics()
{
    static std::vector<topic> const topics{
        way_options(),    proxy_identity_options(),  connection_options(), request_options(),
        body_options(),   origin_identity_options(), origin_tls_options(), repeat_options(),
        answer_options(), telling_options(),         own_options(),        check_options(),
        task_options(),
    };
    return topics;
}

found_option find_option(std::string_view name)
{
    auto found = find_by_name(name);
    if (found.row || !name.starts_with("no-")) return found;
    auto taken_back = find_by_name(name.substr(3));
    if (!taken_back.row) return found;
    taken_back.is_no_flag = !taken_back.row->argument.empty();
    taken_back.on = false;
    return taken_back;
}

option const* find_option(char letter)
{
    option const* found = nullptr;
    for_each_option([&](option const& row) {
        if (row.letter == letter) found = &row;
    });
    return found;
}

std::string_view nearest_option(std::string_view name)
{
    viaduct::detail::nearest_name nearest{name};
    for_each_option([&](option const& row) { nearest.offer(row.name); });
    return nearest.found();
}

} // namespace viaduct_curl
