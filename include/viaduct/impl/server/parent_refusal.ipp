#ifndef VIADUCT_IMPL_SERVER_PARENT_REFUSAL_IPP
#define VIADUCT_IMPL_SERVER_PARENT_REFUSAL_IPP

#include <viaduct/condition.hpp>
#include <viaduct/http/proxy_status.hpp>
#include <viaduct/impl/server/status_profiles.hpp>
#include <viaduct/server/parent_refusal.hpp>

#include <string>
#include <string_view>

namespace viaduct {
namespace detail {

/// Whether the client is to hear this status, as if it were ours.
[[nodiscard]] inline bool is_told_on(unsigned status, status_profile profile)
{
    if (profile == status_profile::squid) return status >= 400 && status <= 599 && status != 407;
    if (profile == status_profile::apify) return false;
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

[[nodiscard]] inline refusal answered_by_parent(error_code ec, unsigned status, status_profile profile)
{
    unsigned const ours = profile != status_profile::apify ? 502 : status == 401 || status == 407 ? 597 : 590;
    refusal r;
    r.status = is_told_on(status, profile) ? status : ours;
    r.proxy_error = type_of_answer(ec, status);
    r.received_status = status;
    r.content = status == 407 ? "the parent proxy wants other credentials of this proxy"
                              : "the parent proxy answered " + std::to_string(status);
    return r;
}

/// What Squid calls a parent that has given no answer, and the status it has then.
[[nodiscard]] inline squid_page squid_page_of_parent(error_code ec, dial_phase phase)
{
    bool const late = ec == condition::timed_out;
    switch (phase) {
    case dial_phase::resolve: return {"ERR_CANNOT_FORWARD", 500};
    case dial_phase::connect: return {"ERR_CONNECT_FAIL", 503};
    case dial_phase::secure: return {"ERR_SECURE_CONNECT_FAIL", late ? 504U : 503U};
    default: return {"ERR_CONNECT_FAIL", late ? 504U : 502U};
    }
}

[[nodiscard]] inline refusal unreachable_parent(error_code ec)
{
    auto r = refusal_for(errc::parent_unavailable);
    if (ec != condition::timed_out) return r;
    r.status = 504;
    r.proxy_error = ec == errc::resolve_timeout ? proxy_error::dns_timeout : proxy_error::connection_timeout;
    return r;
}

[[nodiscard]] inline refusal unreachable_parent(error_code ec, dial_phase phase, status_profile profile)
{
    auto r = unreachable_parent(ec);
    if (profile != status_profile::squid) return r;
    auto const page = squid_page_of_parent(ec, phase);
    r.status = page.status;
    r.squid_error = squid_error_text(page.name, phase == dial_phase::connect ? ec : error_code{});
    return r;
}

} // namespace detail

VIADUCT_DECL refusal parent_refusal(error_code ec, dial_report const& report, status_profile profile)
{
    if (report.hop == "direct") return refusal_for(ec, profile);
    bool const answered = report.reply.status != 0 && !report.reply.tunnel_open();
    auto r = answered ? detail::answered_by_parent(ec, report.reply.status, profile)
                      : detail::unreachable_parent(ec, report.phase, profile);
    auto const scheme = report.hop.find("://");
    r.next_hop = scheme == std::string::npos ? report.hop : report.hop.substr(scheme + 3);
    return r;
}

} // namespace viaduct

#endif
