#ifndef VIADUCT_CURL_TELL_JSON_REPORT_HPP
#define VIADUCT_CURL_TELL_JSON_REPORT_HPP

#include "tell/report.hpp"

#include <string>

namespace viaduct_curl {

/// What --json-report prints: one object in one line, with the way and everything that was tried on it.
/** It holds no credentials; all text from elsewhere is escaped. */
[[nodiscard]] std::string json_report(report const& what);

} // namespace viaduct_curl

#endif
