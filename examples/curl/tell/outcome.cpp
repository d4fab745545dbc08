#include "tell/outcome.hpp"

#include "tell/verbose.hpp"
#include "tell/write_out.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace viaduct_curl {
namespace {

/// Whoever has closed the stream does not want to know.
void print(std::FILE* to, std::string_view text) noexcept
{
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

} // namespace

void tell_error(operation const& wanted, report const& outcome)
{
    bool const loud = !wanted.answer.silent || wanted.answer.show_error;
    if (!loud || outcome.error.empty()) return;
    print(stderr, fmt::format("viaduct-curl: ({}) {}\n", outcome.exit_code, printable(outcome.error)));
}

void tell_outcome(operation const& wanted, report const& outcome)
{
    tell_error(wanted, outcome);
    if (!wanted.answer.write_out) return;
    auto const text = write_out(*wanted.answer.write_out, outcome);
    print(stderr, printable(text.unknown) + text.to_stderr);
    print(stdout, text.to_stdout);
}

} // namespace viaduct_curl
