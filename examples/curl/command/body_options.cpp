#include "command/values.hpp"

#include <algorithm>
#include <array>

namespace viaduct_curl {
namespace {

/// Pieces of -d are fields of one form.
void add_piece(request_settings& to, std::string const& piece)
{
    to.body = to.body ? *to.body + '&' + piece : piece;
}

/// The line ends of files are left out, as curl does.
void take_data(given& g)
{
    auto text = value_or_file(g);
    auto const is_dropped = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    if (g.value.starts_with('@'))
        text.erase(std::remove_if(text.begin(), text.end(), is_dropped), text.end());
    add_piece(g.now.request, text);
}

constexpr std::array rows{
    option{"data", 'd', "data|@file", take_data, "Send a form with POST"},
};

} // namespace

topic body_options()
{
    return {"The request's content", rows};
}

} // namespace viaduct_curl
