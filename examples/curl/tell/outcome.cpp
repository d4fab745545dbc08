#include "tell/outcome.hpp"

#include "command/values.hpp"
#include "tell/json_report.hpp"
#include "tell/verbose.hpp"
#include "tell/write_out.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
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

void print(operation const& wanted, written_piece const& piece)
{
    switch (piece.where) {
    case written_piece::place::output: return print(stdout, piece.text);
    case written_piece::place::error: return print(stderr, piece.text);
    case written_piece::place::file: break;
    }
    std::ofstream file{piece.file, piece.appends ? std::ios::app : std::ios::trunc};
    if (!(file << piece.text).flush()) warn(wanted, "Failed to write to " + piece.file);
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
    if (wanted.answer.write_out) {
        auto const text = write_out(*wanted.answer.write_out, outcome);
        print(stderr, printable(text.unknown));
        for (auto const& piece : text.pieces)
            print(wanted, piece);
    }
    if (wanted.answer.json) print(stdout, json_report(outcome) + '\n');
}

} // namespace viaduct_curl
