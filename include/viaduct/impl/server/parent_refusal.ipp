#ifndef VIADUCT_IMPL_SERVER_PARENT_REFUSAL_IPP
#define VIADUCT_IMPL_SERVER_PARENT_REFUSAL_IPP

#include <viaduct/condition.hpp>
#include <viaduct/http/proxy_status.hpp>
#include <viaduct/server/parent_refusal.hpp>

#include <string>
#include <string_view>

namespace viaduct {
namespace detail {

/// Whether the client is to hear this status, as if it were ours.
[[nodiscard]] inline bool is_told_on(unsigned status)
{
    return status == 403 || status == 404 || status == 410 || status == 429 || status == 451 ||
           (status >= 500 && status <= 599);
}

/// The error type for an answer of a parent.
[[nodiscard]] inline std::string_view type_of_answer(error_code ec, unsigned status)
{
    if (status == 407) return proxy_error::proxy_configuration_error; // of our credentials
    if (ec == errc::proxy_denied || status == 429) return proxy_error::http_request_denied;
    if (ec == errc::target_timeout) return proxy_error::connection_timeout;
    return status == 508 ? proxy_error::proxy_loop_detected : proxy_error::destination_unavailable;
}

[[nodiscard]] inline refusal answered_by_parent(error_code ec, unsigned status)
{
    refusal r;
    r.status = is_told_on(status) ? status : 502;
    r.proxy_error = type_of_answer(ec, status);
    r.received_status = status;
    r.content = status == 407 ? "the parent proxy wants other credentials of this proxy"
                              : "the parent proxy answered " + std::to_string(status);
    return r;
}

[[nodiscard]] inline refusal unreachable_parent(error_code ec)
{
    auto r = refusal_for(errc::parent_unavailable);
    if (ec != condition::timed_out) return r;
    r.status = 504;
    r.proxy_error = ec == errc::resolve_timeout ? proxy_error::dns_timeout : proxy_error::connection_timeout;
    return r;
}

} // namespace detail

VIADUCT_DECL refusal parent_refusal(error_code ec, dial_report const& report)
{
    if (report.hop == "direct") return refusal_for(ec);
    bool const answered = report.reply.status != 0 && !report.reply.tunnel_open();
    auto r = answered ? detail::answered_by_parent(ec, report.reply.status) : detail::unreachable_parent(ec);
    auto const scheme = report.hop.find("://");
    r.next_hop = scheme == std::string::npos ? report.hop : report.hop.substr(scheme + 3);
    return r;
}

} // namespace viaduct

#endif
