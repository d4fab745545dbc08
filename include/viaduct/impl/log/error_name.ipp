#ifndef VIADUCT_IMPL_LOG_ERROR_NAME_IPP
#define VIADUCT_IMPL_LOG_ERROR_NAME_IPP

#include <viaduct/detail/system_code.hpp>
#include <viaduct/log/error_name.hpp>

#include <array>
#include <cerrno>
#include <cstddef>

namespace viaduct {
namespace detail {

struct named_errc
{
    errc value;
    std::string_view name;
};

inline constexpr named_errc errc_names[] = {
    {errc::target_empty, "target_empty"},
    {errc::target_too_long, "target_too_long"},
    {errc::target_has_userinfo, "target_has_userinfo"},
    {errc::target_has_scheme, "target_has_scheme"},
    {errc::target_has_path, "target_has_path"},
    {errc::target_has_invalid_character, "target_has_invalid_character"},
    {errc::port_missing, "port_missing"},
    {errc::port_empty, "port_empty"},
    {errc::port_not_a_number, "port_not_a_number"},
    {errc::port_not_canonical, "port_not_canonical"},
    {errc::port_out_of_range, "port_out_of_range"},
    {errc::host_empty, "host_empty"},
    {errc::host_too_long, "host_too_long"},
    {errc::host_label_empty, "host_label_empty"},
    {errc::host_label_too_long, "host_label_too_long"},
    {errc::host_label_starts_with_hyphen, "host_label_starts_with_hyphen"},
    {errc::host_numeric_not_canonical, "host_numeric_not_canonical"},
    {errc::host_ipv6_invalid, "host_ipv6_invalid"},
    {errc::host_ipv6_unbracketed, "host_ipv6_unbracketed"},
    {errc::host_ipv6_has_zone, "host_ipv6_has_zone"},
    {errc::host_ipvfuture_unsupported, "host_ipvfuture_unsupported"},
    {errc::request_line_malformed, "request_line_malformed"},
    {errc::status_line_malformed, "status_line_malformed"},
    {errc::version_unsupported, "version_unsupported"},
    {errc::method_not_connect, "method_not_connect"},
    {errc::invalid_character_in_head, "invalid_character_in_head"},
    {errc::bare_cr, "bare_cr"},
    {errc::bare_lf, "bare_lf"},
    {errc::field_without_colon, "field_without_colon"},
    {errc::field_name_invalid, "field_name_invalid"},
    {errc::field_value_invalid, "field_value_invalid"},
    {errc::line_folded, "line_folded"},
    {errc::start_line_too_long, "start_line_too_long"},
    {errc::field_line_too_long, "field_line_too_long"},
    {errc::head_too_large, "head_too_large"},
    {errc::too_many_fields, "too_many_fields"},
    {errc::host_field_missing, "host_field_missing"},
    {errc::host_field_duplicate, "host_field_duplicate"},
    {errc::host_field_invalid, "host_field_invalid"},
    {errc::content_on_connect, "content_on_connect"},
    {errc::transfer_coding_on_connect, "transfer_coding_on_connect"},
    {errc::duplicate_proxy_authorization, "duplicate_proxy_authorization"},
    {errc::method_not_allowed, "method_not_allowed"},
    {errc::head_timeout, "head_timeout"},
    {errc::client_closed_before_head, "client_closed_before_head"},
    {errc::destination_prohibited, "destination_prohibited"},
    {errc::port_prohibited, "port_prohibited"},
    {errc::destination_unresolvable, "destination_unresolvable"},
    {errc::request_denied, "request_denied"},
    {errc::authentication_required, "authentication_required"},
    {errc::authentication_failed, "authentication_failed"},
    {errc::authentication_broken, "authentication_broken"},
    {errc::too_many_tunnels, "too_many_tunnels"},
    {errc::too_many_tunnels_of_client, "too_many_tunnels_of_client"},
    {errc::too_many_tunnels_of_user, "too_many_tunnels_of_user"},
    {errc::too_many_tunnels_to_destination, "too_many_tunnels_to_destination"},
    {errc::too_many_requests, "too_many_requests"},
    {errc::quota_exceeded, "quota_exceeded"},
    {errc::proxy_header_malformed, "proxy_header_malformed"},
    {errc::proxy_header_untrusted, "proxy_header_untrusted"},
    {errc::proxy_header_timeout, "proxy_header_timeout"},
    {errc::request_loop, "request_loop"},
    {errc::parent_unavailable, "parent_unavailable"},
    {errc::proxy_url_invalid, "proxy_url_invalid"},
    {errc::proxy_scheme_unsupported, "proxy_scheme_unsupported"},
    {errc::credentials_invalid, "credentials_invalid"},
    {errc::proxy_closed, "proxy_closed"},
    {errc::proxy_refused, "proxy_refused"},
    {errc::proxy_auth_required, "proxy_auth_required"},
    {errc::proxy_auth_rejected, "proxy_auth_rejected"},
    {errc::proxy_auth_unsupported, "proxy_auth_unsupported"},
    {errc::too_many_interim_responses, "too_many_interim_responses"},
    {errc::proxy_denied, "proxy_denied"},
    {errc::target_unreachable, "target_unreachable"},
    {errc::target_timeout, "target_timeout"},
    {errc::too_many_attempts, "too_many_attempts"},
    {errc::reconnect_required, "reconnect_required"},
    {errc::challenge_invalid, "challenge_invalid"},
    {errc::credentials_unavailable, "credentials_unavailable"},
    {errc::authentication_timeout, "authentication_timeout"},
    {errc::no_proxy_left, "no_proxy_left"},
    {errc::proxy_list_invalid, "proxy_list_invalid"},
    {errc::tunnel_not_plain, "tunnel_not_plain"},
    {errc::tls_unavailable, "tls_unavailable"},
    {errc::tls_handshake_failed, "tls_handshake_failed"},
    {errc::tls_verification_failed, "tls_verification_failed"},
    {errc::tls_timeout, "tls_timeout"},
    {errc::tls_ca_invalid, "tls_ca_invalid"},
    {errc::tls_certificate_invalid, "tls_certificate_invalid"},
    {errc::tls_key_invalid, "tls_key_invalid"},
    {errc::tls_option_invalid, "tls_option_invalid"},
    {errc::socks_reply_malformed, "socks_reply_malformed"},
    {errc::socks_auth_unsupported, "socks_auth_unsupported"},
    {errc::socks_auth_rejected, "socks_auth_rejected"},
    {errc::socks_failed, "socks_failed"},
    {errc::socks_denied, "socks_denied"},
    {errc::socks_network_unreachable, "socks_network_unreachable"},
    {errc::socks_host_unreachable, "socks_host_unreachable"},
    {errc::socks_connection_refused, "socks_connection_refused"},
    {errc::socks_ttl_expired, "socks_ttl_expired"},
    {errc::socks_command_unsupported, "socks_command_unsupported"},
    {errc::socks_address_type_unsupported, "socks_address_type_unsupported"},
    {errc::socks_host_too_long, "socks_host_too_long"},
    {errc::resolve_timeout, "resolve_timeout"},
    {errc::connect_timeout, "connect_timeout"},
    {errc::handshake_timeout, "handshake_timeout"},
    {errc::idle_timeout, "idle_timeout"},
    {errc::half_close_timeout, "half_close_timeout"},
    {errc::lifetime_exceeded, "lifetime_exceeded"},
    {errc::shutdown_timeout, "shutdown_timeout"},
    {errc::dial_timeout, "dial_timeout"},
    {errc::resolver_overloaded, "resolver_overloaded"},
    {errc::ended_by_operator, "ended_by_operator"},
    {errc::helper_unavailable, "helper_unavailable"},
    {errc::helper_overloaded, "helper_overloaded"},
    {errc::helper_timeout, "helper_timeout"},
    {errc::helper_reply_malformed, "helper_reply_malformed"},
    {errc::client_tls_failed, "client_tls_failed"},
    {errc::client_certificate_rejected, "client_certificate_rejected"},
    {errc::client_tls_timeout, "client_tls_timeout"},
};

/// The names by their values; empty where there is no such error.
inline constexpr auto name_of_errc = [] {
    std::array<std::string_view, 192> names{};
    for (auto const& known : errc_names)
        names[static_cast<std::size_t>(known.value)] = known.name;
    return names;
}();

struct named_errno
{
    int value;
    std::string_view name;
};

inline constexpr named_errno errno_names[] = {
    {ECONNREFUSED, "ECONNREFUSED"},
    {ECONNRESET, "ECONNRESET"},
    {ECONNABORTED, "ECONNABORTED"},
    {EPIPE, "EPIPE"},
    {ETIMEDOUT, "ETIMEDOUT"},
    {EHOSTUNREACH, "EHOSTUNREACH"},
    {ENETUNREACH, "ENETUNREACH"},
    {ENETDOWN, "ENETDOWN"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    {EADDRINUSE, "EADDRINUSE"},
    {EAFNOSUPPORT, "EAFNOSUPPORT"},
    {EACCES, "EACCES"},
    {EPERM, "EPERM"},
    {ECANCELED, "ECANCELED"},
    {ENOTCONN, "ENOTCONN"},
    {EBADF, "EBADF"},
    {EINVAL, "EINVAL"},
    {EIO, "EIO"},
    {EMFILE, "EMFILE"},
    {ENFILE, "ENFILE"},
    {ENOBUFS, "ENOBUFS"},
    {ENOMEM, "ENOMEM"},
};

/// As netdb.h numbers them.
inline constexpr std::string_view name_service_names[] = {"HOST_NOT_FOUND", "TRY_AGAIN", "NO_RECOVERY",
                                                          "NO_DATA"};

[[nodiscard]] inline std::string_view name_of_errno(error_code ec) noexcept
{
    for (auto const& known : errno_names)
        if (is_system_error(ec, known.value)) return known.name;
    return {};
}

[[nodiscard]] inline std::string_view foreign_name(error_code ec) noexcept
{
    std::string_view const category = ec.category().name();
    if (category == "asio.misc" && ec.value() == 2) return "eof";
    if (category == "asio.netdb" && ec.value() >= 1 && ec.value() <= 4)
        return name_service_names[ec.value() - 1];
    auto const known = name_of_errno(ec);
    return known.empty() ? category : known;
}

} // namespace detail

VIADUCT_DECL std::string_view error_name(error_code ec) noexcept
{
    if (!ec) return {};
    if (ec.category() != viaduct_category()) return detail::foreign_name(ec);
    auto const value = static_cast<std::size_t>(ec.value());
    auto const name = value < detail::name_of_errc.size() ? detail::name_of_errc[value] : std::string_view{};
    return name.empty() ? ec.category().name() : name;
}

} // namespace viaduct

#endif
