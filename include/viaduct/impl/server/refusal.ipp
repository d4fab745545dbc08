#ifndef VIADUCT_IMPL_SERVER_REFUSAL_IPP
#define VIADUCT_IMPL_SERVER_REFUSAL_IPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/http/proxy_status.hpp>
#include <viaduct/http/status.hpp>
#include <viaduct/impl/server/status_profiles.hpp>
#include <viaduct/server/page.hpp>
#include <viaduct/server/refusal.hpp>

namespace viaduct {
namespace detail {

[[nodiscard]] inline unsigned status_of(errc e) noexcept
{
    switch (e) {
    case errc::version_unsupported: return 505;
    case errc::method_not_connect:
    case errc::method_not_allowed: return 405;
    case errc::start_line_too_long: return 414;
    case errc::field_line_too_long:
    case errc::head_too_large:
    case errc::too_many_fields: return 431;
    case errc::head_timeout: return 408;
    case errc::destination_prohibited:
    case errc::port_prohibited:
    case errc::request_denied: return 403;
    case errc::authentication_required:
    case errc::authentication_failed: return 407;
    case errc::too_many_tunnels_of_client:
    case errc::too_many_tunnels_of_user:
    case errc::too_many_tunnels_to_destination:
    case errc::too_many_requests:
    case errc::quota_exceeded: return 429;
    case errc::destination_unresolvable:
    case errc::parent_unavailable: return 502;
    case errc::too_many_tunnels:
    case errc::resolver_overloaded: return 503;
    case errc::resolve_timeout:
    case errc::connect_timeout: return 504;
    case errc::request_loop: return 508;
    default: return e < errc::head_timeout ? 400 : 500; // what comes before is about targets and heads
    }
}

[[nodiscard]] inline std::string_view proxy_error_of(errc e) noexcept
{
    switch (e) {
    case errc::destination_prohibited: return proxy_error::destination_ip_prohibited;
    case errc::port_prohibited:
    case errc::request_denied:
    case errc::authentication_required:
    case errc::authentication_failed:
    case errc::too_many_tunnels_of_client:
    case errc::too_many_tunnels_of_user:
    case errc::too_many_requests:
    case errc::quota_exceeded:
    case errc::method_not_connect:
    case errc::method_not_allowed: return proxy_error::http_request_denied;
    case errc::too_many_tunnels_to_destination: return proxy_error::connection_limit_reached;
    case errc::parent_unavailable: return proxy_error::destination_unavailable;
    case errc::request_loop: return proxy_error::proxy_loop_detected;
    case errc::destination_unresolvable: return proxy_error::dns_error;
    case errc::resolve_timeout: return proxy_error::dns_timeout;
    case errc::connect_timeout: return proxy_error::connection_timeout;
    default:
        return e <= errc::head_timeout ? proxy_error::http_request_error : proxy_error::proxy_internal_error;
    }
}

[[nodiscard]] inline bool is_unroutable(error_code ec) noexcept
{
    return ec == net::error::network_unreachable || ec == net::error::host_unreachable ||
           ec == net::error::network_down || ec == net::error::address_family_not_supported;
}

} // namespace detail

VIADUCT_DECL unsigned status_of(error_code ec, status_profile profile) noexcept
{
    if (profile == status_profile::squid)
        if (auto const status = detail::squid_page_of(ec).status) return status;
    if (auto const status = detail::profile_status(ec, profile)) return status;
    if (ec.category() == viaduct_category()) return detail::status_of(static_cast<errc>(ec.value()));
    return ec == net::error::timed_out ? 504
                                       : 502; // the system's words for a destination that cannot be reached
}

VIADUCT_DECL std::string_view proxy_error_of(error_code ec) noexcept
{
    if (ec.category() == viaduct_category()) return detail::proxy_error_of(static_cast<errc>(ec.value()));
    if (ec == net::error::connection_refused) return proxy_error::connection_refused;
    if (ec == net::error::timed_out) return proxy_error::connection_timeout;
    if (ec == net::error::connection_reset) return proxy_error::connection_terminated;
    return detail::is_unroutable(ec) ? proxy_error::destination_ip_unroutable
                                     : proxy_error::destination_unavailable;
}

VIADUCT_DECL refusal refusal_for(error_code ec, status_profile profile)
{
    refusal r;
    r.status = status_of(ec, profile);
    r.proxy_error = proxy_error_of(ec);
    bool const ours = ec.category() == viaduct_category();
    r.content = ours ? ec.message() : "the target could not be reached: " + r.proxy_error;
    if (profile == status_profile::squid)
        r.squid_error = detail::squid_error_text(detail::squid_page_of(ec).name, ec);
    if (r.status == 405) r.fields.add("Allow", ec == errc::method_not_connect ? "CONNECT" : page_methods);
    return r;
}

VIADUCT_DECL refusal refusal_for(error_code ec, std::chrono::seconds retry_after, status_profile profile)
{
    auto r = refusal_for(ec, profile);
    if (retry_after > std::chrono::seconds::zero())
        r.fields.add("Retry-After", std::to_string(retry_after.count()));
    return r;
}

VIADUCT_DECL std::string refusal::text(std::string_view name, after_answer then) const
{
    std::string out = "HTTP/1.1 " + std::to_string(status);
    out.append(" ").append(reason_phrase(status)).append("\r\n");
    if (!proxy_error.empty())
        out.append("Proxy-Status: ")
            .append(to_string(proxy_status{.proxy = std::string{name},
                                           .error = proxy_error,
                                           .next_hop = next_hop,
                                           .received_status = received_status}))
            .append("\r\n");
    if (!squid_error.empty()) out.append("X-Squid-Error: ").append(squid_error).append("\r\n");
    out.append(fields.block());
    if (!content.empty()) out.append("Content-Type: ").append(content_type).append("\r\n");
    out.append("Content-Length: ").append(std::to_string(content_length())).append("\r\nConnection: ");
    out.append(then == after_answer::close ? "close" : "keep-alive").append("\r\n\r\n");
    if (!content.empty()) out.append(content).append("\n");
    return out;
}

} // namespace viaduct

#endif
