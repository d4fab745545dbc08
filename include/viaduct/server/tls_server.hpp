#ifndef VIADUCT_SERVER_TLS_SERVER_HPP
#define VIADUCT_SERVER_TLS_SERVER_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/tls_acceptor.hpp>
#include <viaduct/net/tls_option_problem.hpp>

#include <memory>
#include <string>
#include <vector>

namespace viaduct {

/// Whether clients show a certificate.
enum class client_certificate : unsigned char
{
    none,     ///< They are not asked.
    optional, ///< They are asked; one that they show must be good all the same.
    required  ///< Without one there is no TLS.
};

/// What of a client's certificate is the user's name.
enum class certificate_user : unsigned char
{
    common_name,       ///< The subject's common name; the last one, which is the most specific.
    alternative_email, ///< The first rfc822Name among the alternative names.
    alternative_dns,   ///< The first dNSName among them.
    subject            ///< The whole subject as RFC 2253 writes it: `CN=alice,O=Example`.
};

/// How to speak TLS with clients.
struct tls_server_options
{
    std::string certificate_file{}; ///< PEM: the server's own, and then its chain.
    std::string key_file{};         ///< PEM; empty if the certificate's file holds it.
    std::string key_password{};     ///< Of the key, if it is encrypted.

    viaduct::client_certificate client_certificate = viaduct::client_certificate::none;
    std::string client_ca_file{}; ///< PEM: who signs clients' certificates. Never what the system trusts.
    std::string client_ca_path{}; ///< A directory with hashed names, as `c_rehash` makes.
    std::string crl_file{}; ///< PEM: revoked certificates, of every authority that signs clients directly;
                            ///< empty for no such check.
    certificate_user user = certificate_user::common_name;

    std::vector<std::string> alpn{
        "http/1.1"};                    ///< Accepted protocols, the best first; empty for any. A client
                                        ///< that has others only gets `no_application_protocol`.
    std::string ciphers{};              ///< Of TLS 1.2, OpenSSL's syntax; empty for its default.
    std::string cipher_suites{};        ///< Of TLS 1.3; empty for OpenSSL's default.
    std::string min_version{"TLSv1.2"}; ///< `TLSv1.2` or `TLSv1.3`.
    bool session_tickets = true; ///< Sessions are resumed with them, for five minutes. Nothing is kept here.
};

/// TLS for listeners, whose files can be read again.
/**
 * Thread safety: every member may be called from several threads at once.
 */
class tls_server : public tls_acceptor
{
public:
    /// Reads all files again, for the handshakes to come.
    /**
     * Those under way, and the tunnels that there are, keep what they have begun with. Sessions from before
     * are not resumed, so that who is revoked by a new file stays outside.
     *
     * @param ec One of the errors of `make_tls_acceptor`. What was read before stays in use then.
     * @param problem What it was; may be null.
     */
    virtual void reload(error_code& ec, tls_option_problem* problem = nullptr) = 0;

    /// The same with the error as an exception that names the file.
    /** @throws system_error */
    virtual void reload() = 0;
};

/// Makes what a TLS listener needs. Needs OpenSSL: link `viaduct-openssl`.
/**
 * At least TLS 1.2, without renegotiation and compression. A handshake ends with
 *
 *   - `errc::client_certificate_rejected` where a certificate is required and missing, or one was shown that
 * nobody trusted has signed, that is out of date, revoked, or not for clients;
 *   - `errc::client_tls_failed` for everything else that is no TLS, or not as is wanted: a plain request, an
 * old version, no cipher or protocol in common, an end in the middle;
 *   - an error of the stream below; `operation_aborted` after a cancellation of any type.
 *
 * The client is told by TLS's alert, and gets two seconds to take it. The time for the handshake is the
 * caller's to measure.
 *
 * A certificate that has no such name as `user` asks for, or one with a control character in it, is nobody's:
 * `tls_client_facts::user` is empty then, and `subject` is not.
 *
 * @param options Files are read now.
 * @param ec `errc::tls_certificate_invalid`, `tls_key_invalid`, `tls_ca_invalid` (also of the list of revoked
 * ones, and where nobody is named who signs clients' certificates) or `tls_option_invalid`.
 * @param problem What it was; may be null.
 * @return Null on an error.
 */
[[nodiscard]] VIADUCT_DECL std::shared_ptr<tls_server>
make_tls_acceptor(tls_server_options const& options, error_code& ec, tls_option_problem* problem = nullptr);

/// The same with the error as an exception that names file or value.
/** @throws system_error */
[[nodiscard]] VIADUCT_DECL std::shared_ptr<tls_server> make_tls_acceptor(tls_server_options const& options);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/tls_server.ipp>
#endif

#endif
