#ifndef VIADUCT_CURL_CHECK_OBSERVATION_HPP
#define VIADUCT_CURL_CHECK_OBSERVATION_HPP

#include <chrono>
#include <string>

namespace viaduct_curl::check {

/// How a connection to the proxy went on, or ended.
enum class ending : unsigned char
{
    untried,     ///< There was none, as something was missing.
    unreachable, ///< There was none, as it could not be made.
    seen_enough, ///< We have ended it: the answer was all that mattered.
    kept_open,   ///< The proxy had answered, and went on waiting.
    silent,      ///< The time was over before there was an answer.
    closed,      ///< The proxy has ended it in order.
    reset        ///< The proxy has broken it off.
};

/// What was seen of one vector.
struct observation
{
    ending end = ending::untried;
    std::string received{};            ///< Untrusted; the beginning of it, if it was too much.
    std::string problem{};             ///< Why it could not be reached, or was not tried.
    std::chrono::milliseconds took{0}; ///< From the connection to its end.
};

} // namespace viaduct_curl::check

#endif
