#ifndef VIADUCT_IMPL_SERVER_STATUS_PROFILES_HPP
#define VIADUCT_IMPL_SERVER_STATUS_PROFILES_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/system_code.hpp>
#include <viaduct/error.hpp>
#include <viaduct/server/status_profile.hpp>

#include <cerrno>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// Why a target cannot be reached, as far as profiles tell it apart.
enum class unreached : unsigned char
{
    none,       // the fault is elsewhere
    unresolved, // no addresses
    refused,
    timed_out,
    unreachable, // any other reason
    no_way,      // no parent, and no direct way
    count
};

[[nodiscard]] inline unreached unreached_of(error_code ec) noexcept
{
    using kind = unreached;
    if (ec.category() != viaduct_category()) {
        if (ec == net::error::connection_refused) return kind::refused;
        return ec == net::error::timed_out ? kind::timed_out : kind::unreachable;
    }
    switch (static_cast<errc>(ec.value())) {
    case errc::destination_unresolvable:
    case errc::resolve_timeout:
    case errc::resolver_overloaded: return kind::unresolved;
    case errc::connect_timeout: return kind::timed_out;
    case errc::parent_unavailable: return kind::no_way;
    default: return kind::none;
    }
}

/// The statuses of profiles for these; 0 is what `standard` says.
inline constexpr unsigned short profile_statuses[][static_cast<std::size_t>(unreached::count)] = {
    {},                           // standard
    {0, 503, 503, 503, 503, 500}, // squid
    {0, 530, 521, 522, 0, 0},     // g3
    {0, 593, 594, 0, 0, 0},       // apify
};

/// The status of a profile for an error; 0 is what `standard` says.
[[nodiscard]] inline unsigned profile_status(error_code ec, status_profile profile) noexcept
{
    auto const failure = static_cast<std::size_t>(unreached_of(ec));
    return profile_statuses[static_cast<std::size_t>(profile)][failure];
}

/// What Squid's page of an error is called, and the status it has; 0 is what `standard` says.
struct squid_page
{
    std::string_view name;
    unsigned status = 0;
};

/// Errors of requests that cannot be read, or not be served.
[[nodiscard]] inline squid_page squid_page_of_request(errc e) noexcept
{
    switch (e) {
    case errc::request_line_malformed: return {"ERR_PROTOCOL_UNKNOWN"};
    case errc::version_unsupported: return {"ERR_UNSUP_HTTPVERSION"};
    case errc::method_not_connect: return {"ERR_UNSUP_REQ", 501};
    case errc::start_line_too_long:
    case errc::field_line_too_long:
    case errc::head_too_large:
    case errc::too_many_fields: return {"ERR_TOO_BIG"};
    case errc::head_timeout: return {"ERR_REQUEST_PARSE_TIMEOUT"};
    default: return {e < errc::request_line_malformed ? "ERR_INVALID_URL" : "ERR_INVALID_REQ"};
    }
}

[[nodiscard]] inline squid_page squid_page_of(errc e) noexcept
{
    if (e <= errc::head_timeout) return squid_page_of_request(e);
    switch (e) {
    case errc::authentication_required:
    case errc::authentication_failed: return {"ERR_CACHE_ACCESS_DENIED"};
    case errc::too_many_tunnels_of_client: // limits are ACLs with Squid
    case errc::too_many_tunnels_of_user:
    case errc::too_many_tunnels_to_destination:
    case errc::too_many_requests:
    case errc::quota_exceeded: return {"ERR_ACCESS_DENIED", 403};
    case errc::parent_unavailable: return {"ERR_CANNOT_FORWARD"};
    case errc::destination_unresolvable:
    case errc::resolve_timeout:
    case errc::resolver_overloaded: return {"ERR_DNS_FAIL"};
    case errc::connect_timeout: return {"ERR_CONNECT_FAIL"};
    default: return {"ERR_ACCESS_DENIED"};
    }
}

[[nodiscard]] inline squid_page squid_page_of(error_code ec) noexcept
{
    if (ec.category() != viaduct_category()) return {"ERR_CONNECT_FAIL"};
    return squid_page_of(static_cast<errc>(ec.value()));
}

/// The value of X-Squid-Error: a name, and the system's number of the error, or 0.
[[nodiscard]] inline std::string squid_error_text(std::string_view name, error_code ec)
{
    auto const number = ec == errc::connect_timeout       ? ETIMEDOUT
                        : is_system_error(ec, ec.value()) ? ec.value()
                                                          : 0;
    return std::string{name} + ' ' + std::to_string(number);
}

} // namespace viaduct::detail

#endif
