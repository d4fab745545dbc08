#ifndef VIADUCT_CURL_TELL_WRITE_OUT_HPP
#define VIADUCT_CURL_TELL_WRITE_OUT_HPP

#include "tell/report.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace viaduct_curl {

/// A piece of what -w prints.
struct written_piece
{
    enum class place
    {
        output,
        error,
        file
    };

    place where = place::output;
    std::string file{};
    bool appends = false; // to the file, instead of replacing it
    std::string text{};
};

/// What -w prints, in its order, and where each piece goes.
struct written
{
    std::vector<written_piece> pieces{1};
    std::string unknown{}; // messages about variables that do not exist
};

/// Fills in a format of -w.
[[nodiscard]] written write_out(std::string_view format, report const& what);

} // namespace viaduct_curl

#endif
