#ifndef VIADUCT_IMPL_CLIENT_REFUSAL_ERROR_IPP
#define VIADUCT_IMPL_CLIENT_REFUSAL_ERROR_IPP

#include <viaduct/client/refusal_error.hpp>
#include <viaduct/http/proxy_status.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace viaduct {
namespace detail {

inline constexpr std::array<std::pair<std::string_view, errc>, 12> told_causes{{
    {proxy_error::dns_timeout, errc::target_timeout},
    {proxy_error::connection_timeout, errc::target_timeout},
    {proxy_error::dns_error, errc::target_unreachable},
    {proxy_error::destination_not_found, errc::target_unreachable},
    {proxy_error::destination_unavailable, errc::target_unreachable},
    {proxy_error::destination_ip_unroutable, errc::target_unreachable},
    {proxy_error::connection_refused, errc::target_unreachable},
    {proxy_error::connection_terminated, errc::target_unreachable},
    {proxy_error::destination_ip_prohibited, errc::proxy_denied},
    {proxy_error::http_request_denied, errc::proxy_denied},
    {proxy_error::http_request_error, errc::proxy_refused},
    {proxy_error::proxy_internal_error, errc::proxy_refused},
}};

} // namespace detail

VIADUCT_DECL errc refusal_error(unsigned status, field_list answer)
{
    for (auto const& told : parse_proxy_status(answer))
        for (auto const& [type, cause] : detail::told_causes)
            if (told.error == type) return cause;
    switch (status) {
    case 403:
    case 405:
    case 451: return errc::proxy_denied;
    case 404:
    case 502:
    case 503: return errc::target_unreachable;
    case 504: return errc::target_timeout;
    default: return errc::proxy_refused;
    }
}

} // namespace viaduct

#endif
