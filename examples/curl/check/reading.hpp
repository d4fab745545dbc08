#ifndef VIADUCT_CURL_CHECK_READING_HPP
#define VIADUCT_CURL_CHECK_READING_HPP

#include "answers.hpp"
#include "observation.hpp"

#include <vector>

namespace viaduct_curl::check {

/// An observation, read. The observation must outlive it.
struct reading
{
    observation const& seen;
    std::vector<answer> answers = read_answers(seen.received);

    [[nodiscard]] unsigned status() const { return answers.empty() ? 0 : answers.front().status; }
    [[nodiscard]] bool accepted() const { return status() / 100 == 2; }
    [[nodiscard]] bool refused() const { return status() / 100 == 4 || status() / 100 == 3; }
    [[nodiscard]] bool failed() const { return status() / 100 == 5; }
    [[nodiscard]] bool has_ended() const { return seen.end == ending::closed || seen.end == ending::reset; }
    [[nodiscard]] bool silent() const { return seen.end == ending::silent; }
    [[nodiscard]] bool carries() const { return accepted() && !answers.front().rest.empty(); }
};

} // namespace viaduct_curl::check

#endif
