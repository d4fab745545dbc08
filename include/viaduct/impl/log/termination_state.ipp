#ifndef VIADUCT_IMPL_LOG_TERMINATION_STATE_IPP
#define VIADUCT_IMPL_LOG_TERMINATION_STATE_IPP

#include <viaduct/detail/system_code.hpp>
#include <viaduct/http/status.hpp>
#include <viaduct/log/termination_state.hpp>

#include <array>
#include <cerrno>
#include <cstddef>

namespace viaduct {
namespace detail {

/// The two letters before they are text.
struct ending
{
    char by;
    char during;
};

inline constexpr std::string_view ending_parties = "-CcSsPRK";
inline constexpr std::string_view ending_phases = "-RQCHDL";

/// All pairs, one after the other, so that any of them can be looked at as text.
inline constexpr auto ending_texts = [] {
    std::array<char, ending_parties.size() * ending_phases.size() * 2> texts{};
    std::size_t at = 0;
    for (char const by : ending_parties)
        for (char const during : ending_phases) {
            texts[at++] = by;
            texts[at++] = during;
        }
    return texts;
}();

[[nodiscard]] inline std::string_view text_of(ending end) noexcept
{
    auto const index = ending_parties.find(end.by) * ending_phases.size() + ending_phases.find(end.during);
    return {ending_texts.data() + index * 2, 2};
}

[[nodiscard]] inline char letter_of(request_phase phase) noexcept
{
    switch (phase) {
    case request_phase::arrival: return 'R';
    case request_phase::decision: return 'Q';
    case request_phase::resolving:
    case request_phase::connecting: return 'C';
    case request_phase::answering: return 'H';
    case request_phase::tunnel: break;
    }
    return 'D';
}

/// For whom a silent tunnel waited.
[[nodiscard]] inline char silent_party(tunnel_record const& record) noexcept
{
    bool const target_never_spoke = record.bytes_to_client <= record.answer_size;
    return target_never_spoke && record.bytes_from_client > 0 ? 's' : 'c';
}

/// The ends that are decided by what a request is, or by who sends it; nothing for the others.
[[nodiscard]] inline ending ending_of_request(errc e, char during) noexcept
{
    switch (e) {
    case errc::head_timeout:
    case errc::proxy_header_timeout:
    case errc::client_tls_timeout: return {'c', 'R'};
    case errc::client_closed_before_head: return {'C', 'R'};
    case errc::destination_prohibited:
    case errc::port_prohibited:
    case errc::request_denied:
    case errc::authentication_required:
    case errc::authentication_failed:
    case errc::proxy_header_malformed:
    case errc::proxy_header_untrusted:
    case errc::request_loop:
    case errc::client_tls_failed:
    case errc::client_certificate_rejected: return {'P', 'R'};
    case errc::too_many_tunnels:
    case errc::too_many_tunnels_of_client:
    case errc::too_many_tunnels_of_user:
    case errc::too_many_tunnels_to_destination:
    case errc::too_many_requests: return {'P', 'Q'};
    case errc::quota_exceeded: return {'P', during == 'D' ? 'D' : 'Q'};
    case errc::authentication_broken:
    case errc::helper_unavailable:
    case errc::helper_overloaded:
    case errc::helper_reply_malformed: return {'R', 'Q'};
    case errc::helper_timeout: return {'s', 'Q'};
    default: return {'-', '-'};
    }
}

/// The ends that come later.
[[nodiscard]] inline ending ending_of_way(tunnel_record const& record, errc e, char during) noexcept
{
    switch (e) {
    case errc::target_timeout:
    case errc::authentication_timeout:
    case errc::tls_timeout:
    case errc::resolve_timeout:
    case errc::connect_timeout:
    case errc::handshake_timeout:
    case errc::dial_timeout: return {'s', 'C'};
    case errc::resolver_overloaded: return {'R', 'C'};
    case errc::idle_timeout: return {silent_party(record), 'D'};
    case errc::half_close_timeout: return {silent_party(record), 'L'};
    case errc::lifetime_exceeded: return {'P', during};
    case errc::ended_by_operator:
    case errc::shutdown_timeout: return {'K', during};
    default: return {'S', 'C'}; // of a parent, of TLS or SOCKS with it, of the name service
    }
}

[[nodiscard]] inline ending ending_of(tunnel_record const& record, errc e, char during) noexcept
{
    bool const of_head = e < errc::head_timeout; // a target, or a head, that is not valid
    if (of_head) return during == 'C' ? ending{'S', 'C'} : ending{'P', 'R'};
    auto const early = ending_of_request(e, during);
    return early.by != '-' ? early : ending_of_way(record, e, during);
}

[[nodiscard]] inline bool is_shortage(error_code ec) noexcept
{
    for (int const value : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EADDRINUSE})
        if (is_system_error(ec, value)) return true;
    return false;
}

/// Whom an error of the system's, or of TLS, is to be laid at.
[[nodiscard]] inline char party_of(tunnel_record const& record, char during) noexcept
{
    switch (record.ended_by) {
    case tunnel_party::client: return 'C';
    case tunnel_party::upstream: return 'S';
    case tunnel_party::proxy: return 'P';
    case tunnel_party::nobody: break;
    }
    if (record.status == 0) return 'C'; // nobody was there to be told
    return during == 'C' || during == 'D' ? 'S' : 'C';
}

[[nodiscard]] inline ending ending_of_system_error(tunnel_record const& record, char during) noexcept
{
    if (is_of_name_service(record.error)) return {'S', 'C'};
    if (is_shortage(record.error)) return {'R', during};
    auto const party = party_of(record, during);
    if (is_system_error(record.error, ETIMEDOUT)) return {party == 'C' ? 'c' : 's', during};
    return {party == 'P' && is_system_error(record.error, ECANCELED) ? 'K' : party, during};
}

[[nodiscard]] inline ending ending_without_error(tunnel_record const& record, char during) noexcept
{
    bool const is_page = record.outcome == request_outcome::page; // whatever its status
    if (record.event != record_event::end || is_success(record.status) || is_page) return {'-', '-'};
    if (record.outcome == request_outcome::denied) return {'P', 'R'};
    if (record.status == 0) return {'C', during}; // it went in good order, and without an answer
    return record.outcome == request_outcome::unread ? ending{'P', 'R'} : ending{'S', 'C'};
}

} // namespace detail

VIADUCT_DECL std::string_view termination_state(tunnel_record const& record) noexcept
{
    auto const during = detail::letter_of(record.phase);
    if (!record.error) return detail::text_of(detail::ending_without_error(record, during));
    if (record.error.category() != viaduct_category())
        return detail::text_of(detail::ending_of_system_error(record, during));
    return detail::text_of(detail::ending_of(record, static_cast<errc>(record.error.value()), during));
}

} // namespace viaduct

#endif
