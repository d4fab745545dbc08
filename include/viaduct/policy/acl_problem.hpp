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
    [[nodiscard]] std::string text() const
    {
        if (hint.empty()) return what;
        bool const is_spelling = hint.find(' ') == std::string::npos;
        return is_spelling ? what + "; did you mean '" + hint + "'?" : what + "; " + hint;
    }
};

} // namespace viaduct

#endif
