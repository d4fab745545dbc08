#ifndef VIADUCT_TESTS_BENCH_LOG_ROWS_HPP
#define VIADUCT_TESTS_BENCH_LOG_ROWS_HPP

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What one record cost, in one round.
struct log_cost
{
    double writer_ns = 0;   ///< until whoever brought it could go on
    double all_ns = 0;      ///< until all of them were with the system
    double cpu_ns = 0;      ///< of the whole process
    double octets = 0;      ///< of a line
    double allocations = 0; ///< of the whole process
    double lost = 0;        ///< records, in all
};

/// One thing that is measured.
struct log_row
{
    std::string name;
    std::string kind; ///< format or sink
    std::function<log_cost(std::size_t count)> measure;
};

/// All of them; files go into a directory, and are removed again.
[[nodiscard]] std::vector<log_row> log_rows(std::string const& directory);

} // namespace bench

#endif
