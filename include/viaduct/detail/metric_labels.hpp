#ifndef VIADUCT_DETAIL_METRIC_LABELS_HPP
#define VIADUCT_DETAIL_METRIC_LABELS_HPP

#include <viaduct/detail/system_code.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/proxy_status.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>

// The values of the labels of metrics: lists that nothing from outside can make longer.
namespace viaduct::detail {

inline constexpr std::array<std::string_view, 4> metric_outcomes{"unread", "denied", "tunnel", "page"};
inline constexpr std::array<std::string_view, 21> metric_statuses{
    "none", "200", "400", "403", "404", "405", "407", "408", "410", "414",  "429",
    "431",  "451", "500", "501", "502", "503", "504", "505", "508", "other"};
inline constexpr std::array<std::string_view, 16> metric_errors{proxy_error::dns_timeout,
                                                                proxy_error::dns_error,
                                                                proxy_error::destination_not_found,
                                                                proxy_error::destination_unavailable,
                                                                proxy_error::destination_ip_prohibited,
                                                                proxy_error::destination_ip_unroutable,
                                                                proxy_error::connection_refused,
                                                                proxy_error::connection_terminated,
                                                                proxy_error::connection_timeout,
                                                                proxy_error::connection_limit_reached,
                                                                proxy_error::http_request_error,
                                                                proxy_error::http_request_denied,
                                                                proxy_error::proxy_configuration_error,
                                                                proxy_error::proxy_internal_error,
                                                                proxy_error::proxy_loop_detected,
                                                                "other"};
inline constexpr std::array<std::string_view, 7> metric_schemes{"Basic",     "Bearer", "Digest", "NTLM",
                                                                "Negotiate", "TLS",    "other"};
inline constexpr std::array<std::string_view, 4> metric_parties{"nobody", "client", "upstream", "proxy"};
inline constexpr std::array<std::string_view, 9> metric_reasons{
    "close", "reset", "idle", "half_close", "lifetime", "shutdown", "quota", "operator", "error"};
inline constexpr std::array<std::string_view, 2> metric_directions{"to_client", "from_client"};

/// Where a value stands in its list; at the end, which is `other`, if it is not there.
template <std::size_t Size>
[[nodiscard]] std::size_t place_in(std::array<std::string_view, Size> const& list, std::string_view value)
{
    auto const at = std::find(list.begin(), list.end() - 1, value);
    return static_cast<std::size_t>(at - list.begin());
}

[[nodiscard]] inline std::size_t status_place(unsigned status)
{
    if (status == 0) return 0;
    std::array<char, 3> const digits{static_cast<char>('0' + status / 100 % 10),
                                     static_cast<char>('0' + status / 10 % 10),
                                     static_cast<char>('0' + status % 10)};
    return place_in(metric_statuses, status > 999 ? "" : std::string_view{digits.data(), digits.size()});
}

/// What a tunnel has ended of, as a place in the list of reasons.
[[nodiscard]] inline std::size_t reason_place(error_code ec)
{
    auto const name = [ec]() -> std::string_view {
        if (!ec) return "close";
        if (ec == errc::idle_timeout) return "idle";
        if (ec == errc::half_close_timeout) return "half_close";
        if (ec == errc::lifetime_exceeded) return "lifetime";
        if (ec == errc::quota_exceeded) return "quota";
        if (ec == errc::ended_by_operator) return "operator";
        if (ec == errc::shutdown_timeout || is_system_error(ec, ECANCELED)) return "shutdown";
        if (is_system_error(ec, ECONNRESET) || is_system_error(ec, EPIPE)) return "reset";
        return "error";
    };
    return place_in(metric_reasons, name());
}

} // namespace viaduct::detail

#endif
