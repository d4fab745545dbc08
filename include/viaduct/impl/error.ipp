#ifndef VIADUCT_IMPL_ERROR_IPP
#define VIADUCT_IMPL_ERROR_IPP

#include <viaduct/error.hpp>

#include <string>

namespace viaduct {
namespace detail {

[[nodiscard]] constexpr char const* target_message(errc e) noexcept
{
    switch (e) {
    case errc::target_empty: return "the target is empty";
    case errc::target_too_long: return "the target is longer than any host:port can be";
    case errc::target_has_userinfo: return "the target holds a user name; CONNECT takes host:port only";
    case errc::target_has_scheme: return "the target is a URL; CONNECT takes host:port only";
    case errc::target_has_path: return "the target holds a path; CONNECT takes host:port only";
    case errc::target_has_invalid_character: return "the target holds a character that no host name has";
    case errc::port_missing: return "there is no port, and no default one";
    case errc::port_empty: return "the port is empty";
    case errc::port_not_a_number: return "the port is not a number";
    case errc::port_not_canonical: return "the port has leading zeros";
    case errc::port_out_of_range: return "the port is not between 1 and 65535";
    case errc::host_empty: return "the host is empty";
    case errc::host_too_long: return "the host name is above 253 octets";
    case errc::host_label_empty: return "the host name has an empty label";
    case errc::host_label_too_long: return "the host name has a label above 63 octets";
    case errc::host_label_starts_with_hyphen: return "a label of the host name starts with a hyphen";
    case errc::host_numeric_not_canonical: return "the host is numeric but not a dotted IPv4 address";
    case errc::host_ipv6_invalid: return "the brackets hold no IPv6 address";
    case errc::host_ipv6_unbracketed: return "an IPv6 address must stand in brackets";
    case errc::host_ipv6_has_zone: return "an IPv6 address with a zone means nothing to another machine";
    case errc::host_ipvfuture_unsupported: return "there is no known IP version above 6";
    default: return nullptr;
    }
}

[[nodiscard]] constexpr char const* head_message(errc e) noexcept
{
    switch (e) {
    case errc::request_line_malformed: return "the request line is malformed";
    case errc::status_line_malformed: return "the status line is malformed";
    case errc::version_unsupported: return "the HTTP version is neither 1.0 nor 1.1";
    case errc::method_not_connect: return "the method is not CONNECT";
    case errc::invalid_character_in_head: return "the head holds a control character";
    case errc::bare_cr: return "the head holds a CR without LF";
    case errc::bare_lf: return "the head holds a LF without CR";
    case errc::field_without_colon: return "a field line has no colon";
    case errc::field_name_invalid: return "a field name is not a token";
    case errc::field_value_invalid: return "a field value holds a control character or outer white space";
    case errc::line_folded: return "a field line is folded";
    case errc::start_line_too_long: return "the first line is too long";
    case errc::field_line_too_long: return "a field line is too long";
    case errc::head_too_large: return "the head is too large";
    case errc::too_many_fields: return "the head has too many fields";
    case errc::host_field_missing: return "the Host field is missing";
    case errc::host_field_duplicate: return "there is more than one Host field";
    case errc::host_field_invalid: return "the Host field is invalid";
    case errc::content_on_connect: return "the request announces content";
    case errc::transfer_coding_on_connect: return "the request announces a transfer coding";
    case errc::duplicate_proxy_authorization: return "there is more than one Proxy-Authorization field";
    case errc::method_not_allowed: return "the method is not served here";
    default: return nullptr;
    }
}

[[nodiscard]] constexpr char const* peer_message(errc e) noexcept
{
    switch (e) {
    case errc::head_timeout: return "the request head was not complete in time";
    case errc::client_closed_before_head: return "the client closed before its request head was complete";
    case errc::destination_prohibited: return "every address of the target is refused by the address guard";
    case errc::port_prohibited: return "the target's port is not permitted";
    case errc::destination_unresolvable: return "the target's name has no address";
    case errc::proxy_header_malformed: return "what came first is no PROXY protocol header";
    case errc::proxy_header_untrusted: return "the sender of the PROXY protocol header is not trusted";
    case errc::proxy_header_timeout: return "the PROXY protocol header was not complete in time";
    case errc::request_loop: return "the request has come through this proxy before";
    case errc::parent_unavailable: return "no parent proxy can be reached, and there is no direct way";
    case errc::proxy_url_invalid: return "the proxy URL is not [scheme://][user[:password]@]host[:port]";
    case errc::proxy_scheme_unsupported: return "the scheme of the proxy URL is not supported";
    case errc::credentials_invalid:
        return "the credentials hold a colon in the user name or a control character";
    case errc::proxy_closed: return "the proxy closed before its answer was complete";
    case errc::proxy_refused: return "the proxy refused the tunnel";
    case errc::proxy_auth_required: return "the proxy asks for credentials";
    case errc::proxy_auth_rejected: return "the proxy rejected the credentials";
    case errc::proxy_auth_unsupported: return "the proxy offers no authentication scheme that can be used";
    case errc::too_many_interim_responses: return "the proxy sent too many interim responses";
    case errc::proxy_denied: return "the proxy does not permit the tunnel";
    case errc::target_unreachable: return "the proxy could not reach the target";
    case errc::target_timeout: return "the target did not answer the proxy in time";
    case errc::too_many_attempts: return "the proxy kept asking for credentials";
    case errc::reconnect_required: return "the conversation with the proxy needs a new connection";
    case errc::challenge_invalid: return "the proxy's challenge cannot be answered";
    case errc::credentials_unavailable: return "there are no credentials for the proxy's challenge";
    case errc::authentication_timeout: return "the credentials were not there in time";
    case errc::no_proxy_left: return "the list of proxies is empty";
    case errc::proxy_list_invalid: return "the list of proxies is neither one of URLs nor a PAC result";
    case errc::tunnel_not_plain: return "there is TLS in the tunnel, so its bare socket is of no use";
    default: return nullptr;
    }
}

[[nodiscard]] constexpr char const* admission_message(errc e) noexcept
{
    switch (e) {
    case errc::request_denied: return "a rule denies the request";
    case errc::authentication_required: return "the proxy wants to know who asks";
    case errc::authentication_failed: return "the credentials are wrong";
    case errc::authentication_broken: return "the credentials cannot be checked at the moment";
    case errc::too_many_tunnels: return "there are as many tunnels as there may be";
    case errc::too_many_tunnels_of_client: return "the client has as many tunnels as it may have";
    case errc::too_many_tunnels_of_user: return "the user has as many tunnels as they may have";
    case errc::too_many_tunnels_to_destination:
        return "there are as many tunnels to the host as there may be";
    case errc::too_many_requests: return "too many new tunnels in a short time";
    case errc::quota_exceeded: return "the quota of octets is used up";
    case errc::helper_unavailable: return "the helper program does not run";
    case errc::helper_overloaded: return "too many requests are waiting for the helper program";
    case errc::helper_timeout: return "the helper program did not answer in time";
    case errc::helper_reply_malformed: return "the helper program's reply is malformed";
    case errc::client_tls_failed: return "the TLS handshake with the client failed";
    case errc::client_certificate_rejected: return "the client's certificate is missing or cannot be trusted";
    case errc::client_tls_timeout: return "the TLS handshake with the client was not over in time";
    default: return nullptr;
    }
}

[[nodiscard]] constexpr char const* tls_message(errc e) noexcept
{
    switch (e) {
    case errc::tls_unavailable:
        return "the proxy wants TLS, and no TLS was given to the dialer: see with_openssl";
    case errc::tls_handshake_failed: return "the TLS handshake with the proxy failed";
    case errc::tls_verification_failed: return "the proxy's certificate cannot be trusted";
    case errc::tls_timeout: return "the TLS handshake with the proxy was not over in time";
    case errc::tls_ca_invalid: return "the trusted certificates cannot be used";
    case errc::tls_certificate_invalid: return "the client certificate cannot be used";
    case errc::tls_key_invalid: return "the client certificate's key cannot be used";
    case errc::tls_option_invalid: return "TLS does not know this option's value";
    default: return nullptr;
    }
}

[[nodiscard]] constexpr char const* socks_message(errc e) noexcept
{
    switch (e) {
    case errc::socks_reply_malformed: return "the proxy's answer is not of the SOCKS version it was asked in";
    case errc::socks_auth_unsupported: return "the SOCKS proxy accepts none of the authentication methods";
    case errc::socks_auth_rejected: return "the SOCKS proxy rejected the credentials";
    case errc::socks_failed: return "the SOCKS proxy failed";
    case errc::socks_denied: return "the SOCKS proxy does not permit the connection";
    case errc::socks_network_unreachable: return "the SOCKS proxy finds the network unreachable";
    case errc::socks_host_unreachable: return "the SOCKS proxy finds the host unreachable";
    case errc::socks_connection_refused: return "the target refused the SOCKS proxy's connection";
    case errc::socks_ttl_expired: return "the SOCKS proxy's connection expired on its way";
    case errc::socks_command_unsupported: return "the SOCKS proxy knows no CONNECT";
    case errc::socks_address_type_unsupported: return "the SOCKS proxy does not know this type of address";
    case errc::socks_host_too_long: return "SOCKS has no room for more than 255 octets of a name or password";
    default: return nullptr;
    }
}

[[nodiscard]] constexpr char const* clock_message(errc e) noexcept
{
    switch (e) {
    case errc::resolve_timeout: return "the name service did not answer in time";
    case errc::connect_timeout: return "no connection in time";
    case errc::handshake_timeout: return "the proxy did not answer in time";
    case errc::idle_timeout: return "the tunnel was idle for too long";
    case errc::half_close_timeout: return "one direction had ended and the other was idle for too long";
    case errc::lifetime_exceeded: return "the tunnel reached its longest permitted age";
    case errc::shutdown_timeout: return "the tunnel was still open when the drain time was over";
    case errc::dial_timeout: return "the tunnel was not open in the time for everything";
    case errc::resolver_overloaded: return "too many look-ups are waiting";
    case errc::ended_by_operator: return "the operator of the proxy has ended the tunnel";
    default: return nullptr;
    }
}

// The destructor of Boost's category is protected rather than virtual: nobody deletes a category through its
// base.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

class viaduct_category_type final : public error_category
{
public:
    char const* name() const noexcept override { return "viaduct"; }

    std::string message(int value) const override
    {
        auto const e = static_cast<errc>(value);
        for (auto text : {target_message(e), head_message(e), peer_message(e), admission_message(e),
                          tls_message(e), socks_message(e), clock_message(e)})
            if (text) return text;
        return "unknown viaduct error";
    }
};

#pragma GCC diagnostic pop

} // namespace detail

VIADUCT_DECL error_category const& viaduct_category() noexcept
{
    static detail::viaduct_category_type const instance;
    return instance;
}

} // namespace viaduct

#endif
