#ifndef VIADUCT_CURL_CHECK_REPORT_HPP
#define VIADUCT_CURL_CHECK_REPORT_HPP

#include "judge.hpp"
#include "vector.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace viaduct_curl::check {

/// What was found of one vector, and where it belongs.
struct row
{
    vector_group const* group = nullptr;
    probe_vector const* what = nullptr;
    finding found{};

    [[nodiscard]] std::string_view rfc() const { return what->rfc.empty() ? group->rfc : what->rfc; }
    [[nodiscard]] std::string_view risk() const { return what->risk.empty() ? group->risk : what->risk; }
};

/// How many rows have this verdict.
[[nodiscard]] std::size_t count(std::span<row const> rows, verdict worth);

/// A table in lines of at most `width` columns where words permit; the risk stands below what is not right.
[[nodiscard]] std::string as_table(std::span<row const> rows, std::size_t width, bool coloured);

/// One object of JSON a line.
[[nodiscard]] std::string as_json(std::span<row const> rows);

} // namespace viaduct_curl::check

#endif
