#ifndef VIADUCT_CURL_TELL_VARIABLES_HPP
#define VIADUCT_CURL_TELL_VARIABLES_HPP

#include "tell/report.hpp"

#include <string>
#include <string_view>

namespace viaduct_curl {

/// A variable of -w.
struct variable
{
    enum class kind
    {
        text,
        present_text, // in JSON never null
        number,
        status // a number, with three digits outside of JSON
    };

    std::string_view name;
    kind what;
    std::string (*value)(report const&);
    bool is_ours = false; // no part of %{json}, which is what curl's is
};

/// @return Null if there is none of that name.
[[nodiscard]] variable const* find_variable(std::string_view name);

/// What stands in the place of one.
[[nodiscard]] std::string text_of(variable const& which, report const& what);

/// %{json}: all of curl's.
[[nodiscard]] std::string all_as_json(report const& what);

/// %{header_json}: the last head, with its names in lower case.
[[nodiscard]] std::string head_as_json(report const& what);

/// %header{name}: what the first field of that name holds.
[[nodiscard]] std::string field_value(report const& what, std::string_view name);

/// %{url.host} and its like: a piece of the URL; of the last one for names that begin with `urle.`.
/** @param[out] text Empty for a piece that the URL has not.
 * @return Whether the name is one of those. */
[[nodiscard]] bool url_piece(report const& what, std::string_view name, std::string& text);

} // namespace viaduct_curl

#endif
