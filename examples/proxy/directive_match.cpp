#include "directive_match.hpp"

#include "config/values.hpp"
#include "words.hpp"

#include <fmt/format.h>

#include <chrono>

namespace viaduct_proxy {

bool directive_match::matches(std::string_view name) noexcept
{
    if (line_->name != name) return false;
    return found_ = true;
}

typed directive_match::as_typed() const
{
    return {line_->rest, line_->name, legible(fmt::format("{}:{}", line_->file, line_->line)), line_};
}

/// The words behind the name, without a comment.
typed directive_match::as_value() const
{
    auto const what = as_typed();
    return with_value(what, fmt::format("{}", fmt::join(split_plain(what), " ")));
}

directive_match& directive_match::list(std::string_view name, std::vector<typed>& to)
{
    if (matches(name)) to.push_back(as_typed());
    return *this;
}

directive_match& directive_match::text(std::string_view name, std::optional<typed>& to)
{
    if (matches(name)) to = as_value();
    return *this;
}

directive_match& directive_match::text(std::string_view name, typed& to)
{
    if (matches(name)) to = as_value();
    return *this;
}

directive_match& directive_match::time(std::string_view name, setting<double>& to)
{
    if (!matches(name)) return *this;
    auto const what = as_value();
    auto const time = to_time(what.value, time_grain::milliseconds);
    if (!time) reject(what, "write a time, such as '30 seconds', '5 minutes' or '1 day'");
    to = with_value(what, std::chrono::duration<double>{*time}.count());
    return *this;
}

directive_match& directive_match::number(std::string_view name, setting<std::size_t>& to)
{
    if (!matches(name)) return *this;
    auto const what = as_value();
    to = with_value(what, static_cast<std::size_t>(to_count(what, what.value)));
    return *this;
}

directive_match& directive_match::on(std::string_view name, setting<bool>& to)
{
    if (!matches(name)) return *this;
    auto const what = as_value();
    auto const on = to_on_off(what.value);
    if (!on) reject(what, "write on or off");
    to = with_value(what, *on);
    return *this;
}

} // namespace viaduct_proxy
