#include "transfer/url_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace viaduct_curl {

std::string url_pattern::choice::text() const
{
    if (auto const* const words = std::get_if<set>(&from)) return (*words)[static_cast<std::size_t>(at)];
    auto const& [first, last, step, width] = std::get<range>(from);
    auto const value = first + at * step;
    return width == 0 ? std::string(1, static_cast<char>(value)) : fmt::format("{:0{}}", value, width);
}

url_pattern url_pattern::literal(std::string text)
{
    url_pattern result;
    result.front_ = std::move(text);
    return result;
}

std::string url_pattern::url() const
{
    auto text = front_;
    for (auto const& one : choices_)
        text.append(one.text()).append(one.behind);
    return text;
}

std::string url_pattern::fill_in(std::string_view name) const
{
    std::string filled;
    while (!name.empty()) {
        auto const sign = std::min(name.find('#'), name.size());
        filled += name.substr(0, sign);
        name.remove_prefix(sign);
        if (name.empty()) break;
        std::size_t number = 0;
        auto const read = std::from_chars(name.data() + 1, name.data() + name.size(), number);
        auto const size = static_cast<std::size_t>(read.ptr - name.data());
        bool const is_known = read.ec == std::errc{} && number > 0 && number <= choices_.size();
        filled += is_known ? choices_[number - 1].text() : std::string{name.substr(0, size)};
        name.remove_prefix(size);
    }
    return filled;
}

bool url_pattern::advance()
{
    for (auto one = choices_.rbegin(); one != choices_.rend(); ++one) {
        if (++one->at < one->count) return true;
        one->at = 0;
    }
    return false;
}

} // namespace viaduct_curl
