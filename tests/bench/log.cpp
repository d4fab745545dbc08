// What a record costs on its way into a log: each format, each place, and spdlog beside them.
//
// Every round measures every row, in an order that moves on by one from round to round. The figures are
// medians.

#include "allocations.hpp"
#include "arguments.hpp"
#include "log_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace bench {
namespace {

[[nodiscard]] double median(std::vector<double> values)
{
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// The medians of one row's rounds, as a JSON object.
[[nodiscard]] std::string text_of(log_row const& row, std::vector<log_cost> const& rounds)
{
    auto const of = [&](double log_cost::*figure) {
        std::vector<double> values;
        for (auto const& each : rounds)
            values.push_back(each.*figure);
        return median(std::move(values));
    };
    return fmt::format(
        R"({{"name": "{}", "kind": "{}", "writer_ns": {:.1f}, "all_ns": {:.1f}, "cpu_ns": {:.1f}, )"
        R"("octets": {:.1f}, "allocations": {:.4f}, "lost": {:.0f}}})",
        row.name, row.kind, of(&log_cost::writer_ns), of(&log_cost::all_ns), of(&log_cost::cpu_ns),
        of(&log_cost::octets), of(&log_cost::allocations), of(&log_cost::lost));
}

void run(arguments const& typed)
{
    auto const count = typed.number<std::size_t>("--count", 200'000);
    auto const rounds = typed.number<std::size_t>("--rounds", 5);
    auto const rows = log_rows(typed.text("--directory"));
    std::vector<std::vector<log_cost>> costs(rows.size());
    for (std::size_t round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < rows.size(); ++i) {
            auto const which = (i + round) % rows.size();
            costs[which].push_back(rows[which].measure(count));
        }
    std::cout << '[';
    for (std::size_t i = 0; i < rows.size(); ++i)
        std::cout << (i == 0 ? "" : ",\n ") << text_of(rows[i], costs[i]);
    std::cout << "]\n";
}

} // namespace
} // namespace bench

int main(int argc, char** argv)
{
    try {
        bench::run({1, argc, argv});
    } catch (std::exception const& e) {
        std::cerr << "bench-log: " << e.what() << '\n';
        return 1;
    }
}
