#ifndef VIADUCT_CURL_TASKS_SAY_HPP
#define VIADUCT_CURL_TASKS_SAY_HPP

#include "command/command_line.hpp"
#include "failure.hpp"
#include "tell/verbose.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace viaduct_curl {

/// A line on the standard error.
inline void say(std::string const& line)
{
    std::fputs(fmt::format("viaduct-curl: {}\n", printable(line)).c_str(), stderr);
}

/// What went wrong, as after a transfer: not with -s alone, nor where nobody needs to know.
inline void tell(operation const& wanted, failure const& what)
{
    bool const loud = !wanted.answer.silent || wanted.answer.show_error;
    if (loud && !what.message().empty()) say(fmt::format("({}) {}", what.exit_code(), what.message()));
}

} // namespace viaduct_curl

#endif
