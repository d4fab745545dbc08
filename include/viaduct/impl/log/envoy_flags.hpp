#ifndef VIADUCT_IMPL_LOG_ENVOY_FLAGS_HPP
#define VIADUCT_IMPL_LOG_ENVOY_FLAGS_HPP

#include <viaduct/detail/system_code.hpp>
#include <viaduct/log/tunnel_record.hpp>

#include <cerrno>
#include <string_view>

namespace viaduct::detail {

/// What Envoy calls a cause: in RESPONSE_FLAGS, and in RESPONSE_FLAGS_LONG.
struct envoy_flag
{
    std::string_view letters{};
    std::string_view words{};
};

namespace envoy_flags {

inline constexpr envoy_flag none{};
inline constexpr envoy_flag no_healthy_upstream{"UH", "NoHealthyUpstream"};
inline constexpr envoy_flag upstream_failure{"UF", "UpstreamConnectionFailure"};
inline constexpr envoy_flag upstream_overflow{"UO", "UpstreamOverflow"};
inline constexpr envoy_flag no_route{"NR", "NoRouteFound"};
inline constexpr envoy_flag duration{"DT", "DurationTimeout"};
inline constexpr envoy_flag downstream_gone{"DC", "DownstreamConnectionTermination"};
inline constexpr envoy_flag upstream_timeout{"UT", "UpstreamRequestTimeout"};
inline constexpr envoy_flag local_reset{"LR", "LocalReset"};
inline constexpr envoy_flag upstream_reset{"UR", "UpstreamRemoteReset"};
inline constexpr envoy_flag upstream_gone{"UC", "UpstreamConnectionTermination"};
inline constexpr envoy_flag rate_limited{"RL", "RateLimited"};
inline constexpr envoy_flag unauthorized{"UAEX", "UnauthorizedExternalService"};
inline constexpr envoy_flag idle{"SI", "StreamIdleTimeout"};
inline constexpr envoy_flag bad_request{"DPE", "DownstreamProtocolError"};
inline constexpr envoy_flag bad_answer{"UPE", "UpstreamProtocolError"};
inline constexpr envoy_flag overloaded{"OM", "OverloadManagerTerminated"};
inline constexpr envoy_flag dns{"DF", "DnsResolutionFailed"};

/// Errors of the server's, and those of its clocks.
[[nodiscard]] constexpr envoy_flag of_server(errc e) noexcept
{
    switch (e) {
    case errc::method_not_connect:
    case errc::request_loop:
    case errc::proxy_header_untrusted: return no_route;
    case errc::destination_prohibited:
    case errc::port_prohibited:
    case errc::request_denied:
    case errc::authentication_required:
    case errc::authentication_failed:
    case errc::authentication_broken:
    case errc::helper_unavailable:
    case errc::helper_overloaded:
    case errc::helper_timeout:
    case errc::helper_reply_malformed: return unauthorized;
    case errc::too_many_tunnels_to_destination: return upstream_overflow;
    case errc::too_many_tunnels: return overloaded;
    case errc::too_many_tunnels_of_client:
    case errc::too_many_tunnels_of_user:
    case errc::too_many_requests:
    case errc::quota_exceeded: return rate_limited;
    case errc::head_timeout:
    case errc::proxy_header_timeout:
    case errc::client_tls_timeout:
    case errc::idle_timeout:
    case errc::half_close_timeout: return idle;
    case errc::client_closed_before_head: return downstream_gone;
    case errc::proxy_header_malformed:
    case errc::client_tls_failed:
    case errc::client_certificate_rejected: return bad_request;
    case errc::lifetime_exceeded: return duration;
    case errc::ended_by_operator:
    case errc::shutdown_timeout: return local_reset;
    default: return none;
    }
}

/// Errors on the way to the target.
[[nodiscard]] constexpr envoy_flag of_way(errc e) noexcept
{
    switch (e) {
    case errc::destination_unresolvable:
    case errc::resolve_timeout:
    case errc::resolver_overloaded: return dns;
    case errc::parent_unavailable:
    case errc::no_proxy_left: return no_healthy_upstream;
    case errc::handshake_timeout:
    case errc::dial_timeout:
    case errc::target_timeout: return upstream_timeout;
    case errc::proxy_closed: return upstream_gone;
    case errc::socks_reply_malformed:
    case errc::challenge_invalid:
    case errc::too_many_interim_responses: return bad_answer;
    default: return upstream_failure;
    }
}

[[nodiscard]] constexpr envoy_flag of_errc(errc e, request_phase phase) noexcept
{
    auto const flag = of_server(e);
    if (!flag.letters.empty()) return flag;
    if (e >= errc::head_timeout) return of_way(e);
    return phase < request_phase::resolving ? bad_request : bad_answer;
}

/// Errors of the system's, which say nothing of who is to blame.
[[nodiscard]] inline envoy_flag of_system(tunnel_record const& record) noexcept
{
    if (is_of_name_service(record.error)) return dns;
    bool const by_upstream = record.ended_by == tunnel_party::upstream;
    bool const by_client = record.ended_by == tunnel_party::client;
    if (by_client || (record.status == 0 && !by_upstream)) return downstream_gone;
    if (record.phase != request_phase::tunnel) return upstream_failure;
    if (record.ended_by == tunnel_party::proxy) return local_reset;
    return is_system_error(record.error, ECONNRESET) ? upstream_reset : upstream_gone;
}

} // namespace envoy_flags

/// The flag of a record; empty letters for an orderly end.
[[nodiscard]] inline envoy_flag envoy_flag_of(tunnel_record const& record) noexcept
{
    if (!record.error) return {};
    if (record.error.category() != viaduct_category()) return envoy_flags::of_system(record);
    return envoy_flags::of_errc(static_cast<errc>(record.error.value()), record.phase);
}

} // namespace viaduct::detail

#endif
