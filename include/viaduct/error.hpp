#ifndef VIADUCT_ERROR_HPP
#define VIADUCT_ERROR_HPP

#include <viaduct/detail/config.hpp>

#include <type_traits>

namespace viaduct {

/// Everything that Viaduct itself can report, one value per cause.
/**
 * Failures of the operating system (a refused connection, a reset) and of the name service keep the codes
 * that Asio gives them: `errc` holds only what the system has no name for. All values are non-zero.
 *
 * For the usual questions, such as whether it was a matter of time, see `condition`.
 */
enum class errc
{
    // The target of a CONNECT: `host:port`.
    target_empty = 1,              ///< The target has no characters.
    target_too_long,               ///< The target is longer than any valid authority (260 octets).
    target_has_userinfo,           ///< `user@host:port`; an authority-form target has no userinfo.
    target_has_scheme,             ///< `http://host:port`; CONNECT takes the authority form only.
    target_has_path,               ///< Something like `/`, `?` or `#` follows the authority.
    target_has_invalid_character,  ///< A space, a control or a character that no host name has.
    port_missing,                  ///< `host`; CONNECT has no default port.
    port_empty,                    ///< `host:`.
    port_not_a_number,             ///< `host:+443`, `host:443x`.
    port_not_canonical,            ///< `host:00443`.
    port_out_of_range,             ///< Zero, or above 65535.
    host_empty,                    ///< `:443`.
    host_too_long,                 ///< A DNS name above 253 octets.
    host_label_empty,              ///< `a..b`, `.a`, or more than one trailing dot.
    host_label_too_long,           ///< A label above 63 octets.
    host_label_starts_with_hyphen, ///< `-a.example`; no resolver takes it, and it reads like an option.
    host_numeric_not_canonical, ///< `127.1`, `0x7f.1`, `2130706433`: looks like an IPv4 address, is not one.
    host_ipv6_invalid,          ///< The brackets hold no IPv6 address, or are not balanced.
    host_ipv6_unbracketed,      ///< `::1:443`.
    host_ipv6_has_zone,         ///< `[fe80::1%eth0]`; a zone means nothing to another machine.
    host_ipvfuture_unsupported, ///< `[v1.x]`.

    // A message head.
    request_line_malformed = 30, ///< Not `METHOD SP TARGET SP HTTP/x.y`.
    status_line_malformed,       ///< Not `HTTP/1.x SP 3DIGIT [SP REASON]`.
    version_unsupported,         ///< A well-formed HTTP version that is not 1.0 or 1.1.
    method_not_connect,          ///< A valid request with a method other than CONNECT.
    invalid_character_in_head,   ///< NUL or another control character.
    bare_cr,                     ///< CR that no LF follows.
    bare_lf,                     ///< LF without CR, where the rules in force ask for both.
    field_without_colon,         ///< A field line that has no colon.
    field_name_invalid,          ///< A field name that is empty or not a token; white space before the colon.
    field_value_invalid,         ///< A field value that cannot be sent.
    line_folded,                 ///< obs-fold where it is not accepted.
    start_line_too_long,         ///< The request or status line is above its limit.
    field_line_too_long,         ///< A field line is above its limit.
    head_too_large,              ///< The head as a whole is above its limit.
    too_many_fields,             ///< More field lines than the limit.
    host_field_missing,          ///< HTTP/1.1 without Host.
    host_field_duplicate,        ///< More than one Host.
    host_field_invalid,          ///< Host that is not `uri-host [":" port]`.
    content_on_connect,          ///< Content-Length above zero, or unreadable, where nobody wants content.
    transfer_coding_on_connect,  ///< Transfer-Encoding, likewise.
    duplicate_proxy_authorization, ///< More than one Proxy-Authorization.
    method_not_allowed,            ///< A CONNECT where there are pages only; a method that no page knows.

    // The server.
    head_timeout = 60,         ///< The request head was not complete in time.
    client_closed_before_head, ///< The client ended the connection before its request head was complete.
    destination_prohibited,    ///< Every address of the target is refused by the address guard.
    port_prohibited,           ///< The target's port is not among the permitted ones.
    destination_unresolvable,  ///< The name service has no address for the target.
    request_denied,            ///< A rule denies the request.
    authentication_required,   ///< The client has offered no credentials, and a rule asks who it is.
    authentication_failed,     ///< The client's credentials are wrong.
    authentication_broken,     ///< Nobody can tell whether they are right: a store or a helper does not work.
    too_many_tunnels,          ///< As many tunnels as there may be in all.
    too_many_tunnels_of_client,      ///< As many as a client may have.
    too_many_tunnels_of_user,        ///< As many as a user may have.
    too_many_tunnels_to_destination, ///< As many as there may be to one host.
    too_many_requests,               ///< More new tunnels in a while than there may be.
    quota_exceeded,                  ///< As many octets as were allowed for a period have been carried.
    proxy_header_malformed,          ///< What a trusted proxy sent first is no PROXY protocol header.
    proxy_header_untrusted,          ///< A PROXY protocol header is due, and its sender is not trusted.
    proxy_header_timeout,            ///< The PROXY protocol header was not complete in time.
    request_loop,                    ///< The request has come through this proxy before.
    parent_unavailable,              ///< No parent proxy can be reached, and there is no direct way.

    // The client.
    proxy_url_invalid = 80,     ///< Not `[scheme://][user[:password]@]host[:port]`.
    proxy_scheme_unsupported,   ///< A URL with a scheme that no proxy speaks here.
    credentials_invalid,        ///< A user name with a colon, or a control character in either part.
    proxy_closed,               ///< The proxy ended the connection before its answer was complete.
    proxy_refused,              ///< A final answer that is none of 2xx and 407 and of those below.
    proxy_auth_required,        ///< 407, and no credentials were given.
    proxy_auth_rejected,        ///< 407 again, although credentials were sent.
    proxy_auth_unsupported,     ///< 407 with no scheme that the credentials fit.
    too_many_interim_responses, ///< More 1xx answers than the limit.
    proxy_denied,            ///< The proxy does not permit the tunnel: 403, 405, 451, or so its Proxy-Status.
    target_unreachable,      ///< The proxy could not reach the target: 404, 502, 503, or so its Proxy-Status.
    target_timeout,          ///< The target did not answer the proxy in time: 504, or so its Proxy-Status.
    too_many_attempts,       ///< More requests for one tunnel than the limit: a proxy that asks for ever.
    reconnect_required,      ///< The conversation goes on, but on a new connection to the same proxy.
    challenge_invalid,       ///< A challenge lacks what its scheme needs, or holds what nobody can answer.
    credentials_unavailable, ///< An authenticator has none: no ticket, no token.
    authentication_timeout,  ///< An authenticator did not answer in time.
    no_proxy_left,           ///< The list of proxies is empty.
    proxy_list_invalid,      ///< No list of proxies, as URLs or as a PAC engine gives it.
    tunnel_not_plain,        ///< There is TLS in the tunnel, and its bare socket was asked for.

    // TLS to a proxy.
    tls_unavailable = 110,   ///< An `https` proxy, and nothing was given that speaks TLS.
    tls_handshake_failed,    ///< The proxy does not speak TLS, or not as is wanted.
    tls_verification_failed, ///< The proxy's certificate is not for its name, or nobody trusted has signed
                             ///< it.
    tls_timeout,             ///< The TLS handshake was not over in time.
    tls_ca_invalid,          ///< The file or directory of trusted certificates cannot be used.
    tls_certificate_invalid, ///< The file of the own certificate cannot be used.
    tls_key_invalid,         ///< The file of the own key cannot be used, or the key is not the certificate's.
    tls_option_invalid,      ///< A cipher list, a version or a protocol name that TLS does not know.

    // A SOCKS proxy. Replies from 1 are SOCKS5's (RFC 1928, RFC 1929), those from 0x5b SOCKS4's.
    socks_reply_malformed = 130,    ///< What came is no answer of the version of SOCKS that was spoken.
    socks_auth_unsupported,         ///< None of the methods that were offered is accepted.
    socks_auth_rejected,            ///< The user name or the password is wrong; replies 0x5c and 0x5d.
    socks_failed,                   ///< Replies 1 and 0x5b, general failure, or a code that is not assigned.
    socks_denied,                   ///< Reply 2: not allowed by the rules.
    socks_network_unreachable,      ///< Reply 3.
    socks_host_unreachable,         ///< Reply 4.
    socks_connection_refused,       ///< Reply 5.
    socks_ttl_expired,              ///< Reply 6.
    socks_command_unsupported,      ///< Reply 7.
    socks_address_type_unsupported, ///< Reply 8; a SOCKS4 proxy, and a target without an IPv4 address.
    socks_host_too_long,            ///< A name above 255 octets; a user name or a password, too.

    // Clocks.
    resolve_timeout = 150, ///< The name service did not answer in time.
    connect_timeout,       ///< No TCP connection in time.
    handshake_timeout,     ///< The proxy did not answer the CONNECT in time.
    idle_timeout,          ///< No byte in either direction for the idle time.
    half_close_timeout,    ///< One direction had ended and the other went silent.
    lifetime_exceeded,     ///< The tunnel reached its longest permitted age.
    shutdown_timeout,      ///< The tunnel was still open when the drain time of a shutdown was over.
    dial_timeout,          ///< The tunnel was not open in the time for everything together.
    resolver_overloaded,   ///< Too many look-ups are waiting already.
    ended_by_operator,     ///< Whoever runs the proxy has ended the tunnel: `service::end_tunnel`.

    // A helper process.
    helper_unavailable = 170, ///< The program does not start, or ends again and again.
    helper_overloaded,        ///< Too many requests are waiting for it already.
    helper_timeout,           ///< It has not answered in time.
    helper_reply_malformed,   ///< What it answers is no reply of its protocol.

    // TLS from clients.
    client_tls_failed = 180,     ///< The client does not speak TLS, or not as is wanted.
    client_certificate_rejected, ///< The client's certificate is missing, or nobody trusted has signed it.
    client_tls_timeout,          ///< The TLS handshake was not over in time.
};

/// The category of `errc`; its name is "viaduct".
[[nodiscard]] VIADUCT_DECL error_category const& viaduct_category() noexcept;

/// Makes an `error_code` of an `errc`; found by argument-dependent look-up, so that `ec == errc::x` works.
[[nodiscard]] inline error_code make_error_code(errc e) noexcept
{
    return {static_cast<int>(e), viaduct_category()};
}

} // namespace viaduct

#if defined(VIADUCT_BOOST_ASIO)
template <>
struct boost::system::is_error_code_enum<viaduct::errc> : std::true_type
{};
#else
template <>
struct std::is_error_code_enum<viaduct::errc> : std::true_type
{};
#endif

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/error.ipp>
#endif

#endif
