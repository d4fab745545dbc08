#ifndef VIADUCT_IMPL_HTTP_FIELDS_IPP
#define VIADUCT_IMPL_HTTP_FIELDS_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/http/fields.hpp>

#include <algorithm>
#include <utility>

namespace viaduct {
namespace detail {

/// The length of the first line of `block` with its ending, the folded lines that continue it included.
[[nodiscard]] inline std::size_t field_line_size(std::string_view block)
{
    std::size_t end = 0;
    do {
        auto const lf = block.find('\n', end);
        if (lf == std::string_view::npos) return block.size();
        end = lf + 1;
    } while (end < block.size() && characters::is_blank(block[end]));
    return end;
}

[[nodiscard]] inline std::string_view without_line_ending(std::string_view line)
{
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

[[nodiscard]] inline field_view split_field_line(std::string_view line)
{
    line = without_line_ending(line);
    auto const colon = line.find(':');
    if (colon == std::string_view::npos) return {line, {}};
    return {line.substr(0, colon), characters::trim(line.substr(colon + 1))};
}

} // namespace detail

VIADUCT_DECL field_list::iterator::iterator(std::string_view rest) : rest_{rest}
{
    ++*this;
}

VIADUCT_DECL field_list::iterator& field_list::iterator::operator++()
{
    line_ = rest_.substr(0, detail::field_line_size(rest_));
    rest_.remove_prefix(line_.size());
    current_ = detail::split_field_line(line_);
    return *this;
}

VIADUCT_DECL std::size_t field_list::count(std::string_view name) const
{
    return static_cast<std::size_t>(
        std::count_if(begin(), end(), [&](field_view f) { return characters::iequals(f.name, name); }));
}

VIADUCT_DECL std::optional<std::string_view> field_list::find(std::string_view name) const
{
    for (auto const field : *this)
        if (characters::iequals(field.name, name)) return field.value;
    return std::nullopt;
}

VIADUCT_DECL bool field_list::has_token(std::string_view name, std::string_view token) const
{
    for (auto const field : *this) {
        if (!characters::iequals(field.name, name)) continue;
        for (auto rest = field.value;;) {
            auto const comma = rest.find(',');
            if (characters::iequals(characters::trim(rest.substr(0, comma)), token)) return true;
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return false;
}

VIADUCT_DECL bool is_field_name(std::string_view name) noexcept
{
    return characters::is_token(name);
}

VIADUCT_DECL bool is_field_value(std::string_view value) noexcept
{
    if (value.size() != characters::trim(value).size()) return false;
    return std::none_of(value.begin(), value.end(), characters::is_forbidden_control);
}

VIADUCT_DECL fields::fields(field_list received)
{
    block_.reserve(received.block().size());
    for (auto const field : received) {
        block_.append(field.name).append(": ");
        auto const start = block_.size();
        block_.append(field.value).append("\r\n");
        // What is left of a fold inside the value becomes spaces.
        std::replace_if(block_.begin() + static_cast<std::ptrdiff_t>(start), block_.end() - 2,
                        characters::is_forbidden_control, ' ');
    }
}

VIADUCT_DECL void fields::add(std::string_view name, std::string_view value)
{
    if (!is_field_name(name)) throw system_error(errc::field_name_invalid, "fields::add");
    if (!is_field_value(value)) throw system_error(errc::field_value_invalid, "fields::add");
    std::string line; // of its own, for name and value may be views of block_
    line.reserve(name.size() + value.size() + 4);
    block_ += line.append(name).append(": ").append(value).append("\r\n");
}

VIADUCT_DECL void fields::set(std::string_view name, std::string_view value)
{
    fields line;
    line.add(name, value);
    erase(name);
    block_ += line.block_;
}

VIADUCT_DECL std::size_t fields::erase(std::string_view name)
{
    std::size_t erased = 0;
    std::string kept; // built aside, for name may be a view of block_
    for (auto rest = std::string_view{block_}; !rest.empty();) {
        auto const line = rest.substr(0, detail::field_line_size(rest));
        rest.remove_prefix(line.size());
        if (characters::iequals(detail::split_field_line(line).name, name))
            ++erased;
        else
            kept += line;
    }
    if (erased != 0) block_ = std::move(kept);
    return erased;
}

} // namespace viaduct

#endif
