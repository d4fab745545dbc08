#ifndef VIADUCT_IMPL_DETAIL_DIAL_ACCOUNT_IPP
#define VIADUCT_IMPL_DETAIL_DIAL_ACCOUNT_IPP

// What a dial hears of while its steps are under way, and what it makes of failures.

#include <viaduct/condition.hpp>
#include <viaduct/detail/dial_state.hpp>
#include <viaduct/detail/system_code.hpp>

#include <atomic>
#include <cerrno>

namespace viaduct::detail {

/// Whether a failure on the way to a proxy is that of the proxy: with the lack of a descriptor or of a
/// network on this machine another one is no better.
[[nodiscard]] inline bool is_of_proxy(error_code ec)
{
    return ec == condition::timed_out || ec == condition::refused || is_system_error(ec, ECONNRESET) ||
           is_system_error(ec, EHOSTUNREACH) || ec == net::error::host_not_found ||
           ec == net::error::no_data || ec == errc::tls_handshake_failed ||
           ec == errc::tls_verification_failed;
}

VIADUCT_DECL std::uint64_t dial_state::next_id() noexcept
{
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

/// The first proxy of a way could not be reached: the next dials try others first.
VIADUCT_DECL void dial_state::blame_proxy(error_code why)
{
    if (is_of_proxy(why) && !plan_.route().empty()) dialer_->health().failed(plan_.route().front());
}

VIADUCT_DECL void dial_state::on_attempt(endpoint const& to) noexcept
{
    report_.remote = to;
    if (observer()) observer()->on_connecting(now(), to);
}

VIADUCT_DECL void dial_state::on_failed(endpoint const& to, error_code ec) noexcept
{
    note({.phase = dial_phase::connect, .address = to, .error = ec});
    if (observer()) observer()->on_connect_failed(now(), to, ec);
}

VIADUCT_DECL void dial_state::on_authorizing(std::string_view scheme)
{
    if (observer()) observer()->on_authorizing(now(), scheme);
}

VIADUCT_DECL void dial_state::on_request(client_handshake const& request)
{
    if (observer()) observer()->on_request(now(), redacted_request{request});
}

VIADUCT_DECL void dial_state::on_answer(std::string_view head, connect_reply const& reply, error_code ec)
{
    note({.phase = dial_phase::handshake,
          .error = ec,
          .status = reply.status,
          .scheme = conversation().handshake().scheme()});
    if (observer()) observer()->on_answer(now(), head, reply, ec);
}

} // namespace viaduct::detail

#endif
