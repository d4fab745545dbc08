#include "directive_table.hpp"

#include "conf_words.hpp"
#include "directive_rows.hpp"
#include <viaduct/detail/nearest_name.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace viaduct_proxy {

namespace {

using table = std::map<std::string_view, known_directive>;

void add_names(table& all, std::string_view names, treatment what)
{
    while (!names.empty()) {
        auto const end = std::min(names.find(' '), names.size());
        all.emplace(names.substr(0, end), known_directive{names.substr(0, end), what});
        names.remove_prefix(std::min(end + 1, names.size()));
    }
}

[[nodiscard]] table make_table()
{
    table all;
    add_names(all, supported_names, treatment::supported);
    add_names(all, own_names, treatment::own);
    add_names(all, idle_names, treatment::idle);
    add_names(all, obsolete_names, treatment::obsolete);
    for (auto const& row : directive_rows)
        all.emplace(row.name, row);
    for (auto const& [other, main] : other_names)
        all.emplace(other, all.at(main));
    return all;
}

[[nodiscard]] table const& all_directives()
{
    static auto const all = make_table();
    return all;
}

[[nodiscard]] bool is_one_of(std::string_view value, std::string_view harmless)
{
    for (auto rest = harmless; !rest.empty();) {
        auto one = rest.substr(0, rest.find('|'));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        if (one == value) return true;
        if (one.back() != '*') continue;
        one.remove_suffix(1);
        if (value.substr(0, one.size()) == one) return true;
    }
    return false;
}

/// Its words with one blank between them.
[[nodiscard]] std::string value_of(directive const& d)
{
    std::string value;
    for (auto const& w : words(d))
        value += value.empty() ? w.text : ' ' + w.text;
    return value;
}

[[nodiscard]] std::string listed(std::string_view harmless)
{
    std::string text;
    for (auto const c : harmless)
        text += c == '|' ? std::string{"' or '"} : c == '*' ? std::string{"..."} : std::string{c};
    return "only '" + text + "' can be meant here";
}

[[nodiscard]] bool is_idle(known_directive const& row)
{
    return row.what != treatment::supported && row.what != treatment::own;
}

[[nodiscard]] std::string with_hint(std::string text, std::string_view hint)
{
    return hint.empty() ? text : text + ": " + std::string{hint};
}

class sorter
{
public:
    void take(directive d)
    {
        auto const* const known = find_directive(d.name);
        if (known == nullptr) return blame(d, unknown(d.name));
        switch (known->what) {
        case treatment::supported:
        case treatment::own: d.name = known->name; return sorted.meant.push_back(std::move(d));
        case treatment::idle: return remark(d, with_hint("of no use to tunnels, ignored", known->hint));
        case treatment::obsolete: return remark(d, "obsolete, and ignored as Squid does");
        case treatment::refused: return blame(d, with_hint("not supported", known->hint));
        case treatment::harmless_if: return judge(d, *known);
        }
    }

    sorted_directives sorted;

private:
    void judge(directive const& d, known_directive const& known)
    try {
        if (is_one_of(value_of(d), known.harmless))
            remark(d, "of no use to tunnels, ignored");
        else
            blame(d, with_hint(listed(known.harmless), known.hint));
    } catch (config_mistake const& wrong) {
        tell(sorted.mistakes, wrong.told.where, wrong.told.text);
    }

    void blame(directive const& d, std::string text) { tell(sorted.mistakes, d.where(), std::move(text)); }

    void remark(directive const& d, std::string text) { tell(sorted.notices, d.where(), std::move(text)); }

    [[nodiscard]] static std::string unknown(std::string_view name)
    {
        constexpr std::string_view of_names =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
        std::string text = "there is no such directive";
        if (name.size() > 64 || name.find_first_not_of(of_names) != std::string_view::npos) return text;
        viaduct::detail::nearest_name nearest{name};
        for (bool const idle : {false, true}) // of names that are equally near the first one counts
            for (auto const& [known, row] : all_directives())
                if (is_idle(row) == idle && known.size() < name.size() + 3 && name.size() < known.size() + 3)
                    nearest.offer(known);
        if (!nearest.found().empty()) text += "; did you mean '" + std::string{nearest.found()} + "'?";
        return text;
    }
};

} // namespace

known_directive const* find_directive(std::string_view name)
{
    auto const& all = all_directives();
    auto const at = all.find(name);
    return at == all.end() ? nullptr : &at->second;
}

std::vector<std::string_view> directive_names()
{
    std::vector<std::string_view> names;
    for (auto const& [name, row] : all_directives())
        names.push_back(name);
    return names;
}

sorted_directives sort_directives(std::vector<directive> directives)
{
    sorter all;
    for (auto& d : directives)
        all.take(std::move(d));
    return std::move(all.sorted);
}

} // namespace viaduct_proxy
