#ifndef VIADUCT_POLICY_ACL_PROBLEM_HPP
#define VIADUCT_POLICY_ACL_PROBLEM_HPP

#include <cstddef>
#include <string>

namespace viaduct {

/// What is wrong with the words of an ACL or of a rule, for the operator who wrote them.
struct acl_problem
{
    std::size_t word = 0; ///< Which of the words that were given, from 0; their number if one is missing.
    std::string what{};   ///< What is wrong with it.
    std::string hint{};   ///< What could have been meant: a supported spelling, or advice; may be empty.

    /// Both in one line.
    [[nodiscard]] std::string text() const { return hint.empty() ? what : what + "; " + hint; }
};

} // namespace viaduct

#endif
