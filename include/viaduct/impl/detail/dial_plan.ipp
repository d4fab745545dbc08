#ifndef VIADUCT_IMPL_DETAIL_DIAL_PLAN_IPP
#define VIADUCT_IMPL_DETAIL_DIAL_PLAN_IPP

#include <viaduct/condition.hpp>
#include <viaduct/detail/dial_plan.hpp>
#include <viaduct/detail/system_code.hpp>

#include <algorithm>
#include <cerrno>

namespace viaduct::detail {

VIADUCT_DECL dial_plan::step dial_plan::begin()
{
    if (!ways_.empty()) return try_way();
    error_ = errc::no_proxy_left;
    return step::done;
}

VIADUCT_DECL dial_plan::step dial_plan::try_way()
{
    hop_ = 0;
    phase_ = dial_phase::resolve;
    auto const wants_tls = [](proxy_url const& p) { return p.scheme == proxy_scheme::https; };
    bool const secure = std::any_of(route().begin(), route().end(), wants_tls);
    if (secure && !can_.tls) return on_failure(errc::tls_unavailable);
    if (secure && can_.plain_only) return on_failure(errc::tunnel_not_plain);
    return step::resolve;
}

VIADUCT_DECL dial_plan::step dial_plan::on_resolved(error_code ec)
{
    if (ec) return on_failure(ec);
    phase_ = dial_phase::connect;
    return step::connect;
}

VIADUCT_DECL dial_plan::step dial_plan::on_connected(error_code ec)
{
    if (ec) return on_failure(ec);
    return can_.header ? step::send_header : enter_hop();
}

VIADUCT_DECL dial_plan::step dial_plan::on_header_sent(error_code ec)
{
    return ec ? on_failure(ec) : enter_hop();
}

VIADUCT_DECL dial_plan::step dial_plan::enter_hop()
{
    auto const* const next = proxy();
    if (!next) {
        phase_ = dial_phase::established;
        error_ = {};
        return step::done;
    }
    if (next->scheme != proxy_scheme::https) return ask();
    phase_ = dial_phase::secure;
    return step::secure;
}

VIADUCT_DECL dial_plan::step dial_plan::on_secured(error_code ec)
{
    return ec ? on_failure(ec) : ask();
}

VIADUCT_DECL dial_plan::step dial_plan::ask()
{
    phase_ = dial_phase::handshake;
    switch (proxy()->scheme) {
    case proxy_scheme::socks5h:
    case proxy_scheme::socks4a: return step::socks;
    case proxy_scheme::socks5: return next_target().is_address() ? step::socks : step::resolve_target;
    case proxy_scheme::socks4: // of an IPv6 address the look-up says that it is of no use
        return next_target().kind() == host_kind::ipv4 ? step::socks : step::resolve_target;
    default: return step::converse;
    }
}

VIADUCT_DECL dial_plan::step dial_plan::on_target_resolved(error_code ec)
{
    return ec ? on_failure(ec) : step::socks;
}

VIADUCT_DECL dial_plan::step dial_plan::on_asked(error_code ec)
{
    if (ec == errc::reconnect_required) {
        hop_ = 0;
        phase_ = dial_phase::connect;
        answered_ = true;
        return step::connect;
    }
    // A handshake that is refused late, as TLS 1.3 has it, means that nothing has been answered.
    bool const is_answer = hop_ + 1 == route().size() && ec != errc::tls_handshake_failed;
    if (ec) return on_failure(ec, is_answer || is_verdict(ec));
    ++hop_;
    return enter_hop();
}

VIADUCT_DECL dial_plan::step dial_plan::on_failure(error_code ec, bool last_asked)
{
    error_ = ec;
    if (last_asked || answered_ || is_final(ec) || way_ + 1 == ways_.size()) return step::done;
    ++way_;
    return try_way();
}

/// Whether a proxy that should lead to the next one has said no, and not that it could not get there.
VIADUCT_DECL bool dial_plan::is_verdict(error_code ec)
{
    return ec == errc::proxy_refused || ec == condition::permission_denied ||
           ec == errc::credentials_invalid || ec == errc::credentials_unavailable ||
           ec == errc::challenge_invalid || ec == errc::too_many_attempts;
}

VIADUCT_DECL bool dial_plan::is_final(error_code ec)
{
    return ec == errc::tls_unavailable || ec == errc::tunnel_not_plain || is_system_error(ec, ECANCELED);
}

} // namespace viaduct::detail

#endif
