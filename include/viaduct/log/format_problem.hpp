#ifndef VIADUCT_LOG_FORMAT_PROBLEM_HPP
#define VIADUCT_LOG_FORMAT_PROBLEM_HPP

#include <cstddef>
#include <stdexcept>
#include <string>

namespace viaduct {

/// What is wrong with a format string, for the operator who wrote it.
class format_problem : public std::invalid_argument
{
public:
    /// @param column Where it begins, from 1.
    /// @param what What is wrong, naming it: `unknown code '%zz'`.
    /// @param hint What could have been meant: a supported code, or advice; may be empty.
    format_problem(std::size_t column, std::string const& what, std::string const& hint = {})
        : std::invalid_argument{hint.empty() ? what : what + "; " + hint},
          column_{column}
    {}

    /// Where it begins, from 1.
    [[nodiscard]] std::size_t column() const noexcept { return column_; }

private:
    std::size_t column_;
};

} // namespace viaduct

#endif
