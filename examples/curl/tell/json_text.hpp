#ifndef VIADUCT_CURL_TELL_JSON_TEXT_HPP
#define VIADUCT_CURL_TELL_JSON_TEXT_HPP

#include <chrono>
#include <concepts>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// A text with its quotes, escaped; however long it is.
[[nodiscard]] std::string json_text(std::string_view text);

/// The same, or null for nothing.
[[nodiscard]] std::string json_text_or_null(std::string_view text);

/// Seconds with six digits behind the point.
[[nodiscard]] std::string seconds_text(std::chrono::duration<double> time);

/// A JSON object that is put together member by member.
class json_object
{
public:
    /// @param value JSON already.
    json_object& add(std::string_view name, std::string_view value);

    json_object& add_text(std::string_view name, std::string_view text) { return add(name, json_text(text)); }

    json_object& add_optional(std::string_view name, std::string_view text)
    {
        return add(name, json_text_or_null(text));
    }

    template <std::integral Number>
    json_object& add_number(std::string_view name, Number value)
    {
        return add(name, std::to_string(value));
    }

    json_object& add_flag(std::string_view name, bool value) { return add(name, value ? "true" : "false"); }

    json_object& add_seconds(std::string_view name, std::chrono::duration<double> time)
    {
        return add(name, seconds_text(time));
    }

    [[nodiscard]] std::string text() const { return '{' + members_ + '}'; }

private:
    std::string members_;
};

/// `[` and `]` around what `write` makes of each.
template <class Range, class Write>
[[nodiscard]] std::string json_list(Range const& of, Write const& write)
{
    std::string list = "[";
    for (auto const& one : of) {
        if (list.size() > 1) list += ',';
        list += write(one);
    }
    return list + ']';
}

} // namespace viaduct_curl

#endif
