#ifndef VIADUCT_CURL_TELL_WRITE_OUT_HPP
#define VIADUCT_CURL_TELL_WRITE_OUT_HPP

#include "tell/report.hpp"

#include <string>
#include <string_view>

namespace viaduct_curl {

/// What -w prints, and where each piece goes.
struct written
{
    std::string to_stdout{};
    std::string to_stderr{};
    std::string unknown{}; // messages about variables that do not exist
};

/// Fills in a format of -w.
[[nodiscard]] written write_out(std::string_view format, report const& what);

} // namespace viaduct_curl

#endif
