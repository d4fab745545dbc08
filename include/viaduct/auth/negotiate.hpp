#ifndef VIADUCT_AUTH_NEGOTIATE_HPP
#define VIADUCT_AUTH_NEGOTIATE_HPP

#include <viaduct/auth/auth_scheme.hpp>
#include <viaduct/auth/authenticator.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

namespace detail {
class gss_party;
}

/// How `negotiate_authenticator` goes about it.
struct negotiate_options
{
    /// The service of the proxy's principal, as in `HTTP/proxy.example`.
    /** With a slash in it, it is the whole principal (`HTTP/proxy.example@REALM`) and no host is added. */
    std::string service = "HTTP";

    /// The host of the principal, where it is not the name by which the proxy is reached; empty if it is.
    std::string host{};

    /// Hands the proxy a ticket to act for the user with, if the ticket permits it.
    bool delegate = false;

    /// Lets SPNEGO choose another mechanism, NTLM above all, where Kerberos does not come about.
    /** A choice that whoever stands between could force, so it is not made unasked. */
    bool allow_ntlm = false;
};

/// The Negotiate scheme (RFC 4559): Kerberos by SPNEGO, through GSSAPI.
/**
 * The user is whoever has logged in: the tickets are those of the default credential cache (`KRB5CCNAME`) at
 * the moment of asking, there is no password. Needs the library viaduct-gssapi.
 *
 * GSSAPI may ask a key distribution centre and wait for it, so it never runs on the caller's thread: the
 * completion of `auth_exchange::respond` is called later, on one of at most eight threads that all
 * authenticators of this kind share and that live as long as the process. An exchange may be destroyed
 * meanwhile; the completion may be destroyed uncalled then. The exchanges may outlive the authenticator.
 *
 * Errors of `respond`:
 *
 *   - `errc::credentials_unavailable`: no ticket, or none to be had for this proxy; also a proxy without a
 * name;
 *   - `errc::challenge_invalid`: the proxy's token is not base64, does not fit the conversation, or comes
 * when there is nothing to add;
 *   - the system's `resource_unavailable_try_again` if there is no thread to be had.
 *
 * A token in a challenge that comes before the exchange's first answer belonged to another connection, and is
 * not looked at. A challenge without a token after an answer is a rejection.
 *
 * Whether the proxy has proved who it is: if its 2xx carries a token (in Proxy-Authenticate or
 * Proxy-Authentication-Info), that is checked, and a wrong one shows in `last_failure`, but the tunnel stays.
 * Few proxies send one to a CONNECT, and whoever could leave it out gains nothing by sending a wrong one: TLS
 * to the proxy is what tells who it is.
 *
 * Thread safety: the members may be called from several threads at once. The process should not change
 * `KRB5CCNAME` and its like meanwhile.
 */
class negotiate_authenticator final : public authenticator
{
public:
    VIADUCT_DECL explicit negotiate_authenticator(negotiate_options options = {});

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Negotiate"; }
    [[nodiscard]] bool binds_connection() const noexcept override { return true; }

    /// Begins the conversation of one tunnel, on one connection.
    [[nodiscard]] VIADUCT_DECL std::unique_ptr<auth_exchange> begin() override;

    /// What GSSAPI said to the most recent failure of any exchange, for a human; empty if there was none.
    /** One line of at most a few hundred octets, without controls; it may name principals, never a secret. */
    [[nodiscard]] VIADUCT_DECL std::string last_failure() const override;

private:
    std::shared_ptr<detail::gss_party> party_;
};

/// The Negotiate scheme with the default options; the user name and the password are not looked at.
/** So `-U :` and a whole `-U user:password` mean the same to it: the tickets of the credential cache. */
[[nodiscard]] VIADUCT_DECL auth_scheme negotiate_scheme() noexcept;

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/negotiate.ipp>
#endif

#endif
