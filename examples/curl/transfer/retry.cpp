#include "transfer/retry.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace viaduct_curl {
namespace {

using namespace std::chrono_literals;

constexpr std::array<long, 6> passing_statuses{408, 429, 500, 502, 503, 504};
constexpr std::chrono::milliseconds longest_delay = 10min; // of those that double

[[nodiscard]] bool is_passing_status(report const& outcome)
{
    bool const has_answer = outcome.exit_code == CURLE_OK || outcome.exit_code == CURLE_HTTP_RETURNED_ERROR;
    return has_answer && std::find(passing_statuses.begin(), passing_statuses.end(), outcome.status) !=
                             passing_statuses.end();
}

/// Why another attempt may go better; empty: it would not.
[[nodiscard]] std::string_view reason(retry_settings const& how, report const& outcome)
{
    switch (outcome.exit_code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_OPERATION_TIMEDOUT: return " : timeout";
    default: break;
    }
    if (how.if_refused && outcome.exit_code == CURLE_COULDNT_CONNECT && outcome.connection_refused)
        return " : connection refused";
    if (is_passing_status(outcome)) return " : HTTP error";
    return how.any_failure && outcome.exit_code != CURLE_OK ? " (retrying all errors)" : "";
}

[[nodiscard]] long whole_seconds(std::chrono::milliseconds time)
{
    return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

} // namespace

retries::retries(retry_settings const& how) : how_{how}, delay_{how.delay.value_or(1s)} {}

next_attempt retries::after(report const& outcome, milliseconds elapsed)
{
    bool const in_time = how_.max_time == 0ms || elapsed < how_.max_time;
    if (made_ >= how_.times || !in_time) return {};
    auto const why = reason(how_, outcome);
    if (why.empty()) return {};
    milliseconds const named = is_passing_status(outcome) ? outcome.retry_after : 0s;
    if (named > 0ms && how_.max_time > 0ms && elapsed + named > how_.max_time)
        return {.warning =
                    "The Retry-After: time would make this command line exceed the maximum allowed time "
                    "for retries."};
    auto const delay = named > 0ms ? named : delay_;
    auto warning = fmt::format("Problem{}. Will retry in {} seconds. {} retries left.", why,
                               whole_seconds(delay), how_.times - made_);
    ++made_;
    if (!how_.delay) delay_ = std::min(delay_ * 2, longest_delay);
    return {delay, std::move(warning)};
}

} // namespace viaduct_curl
