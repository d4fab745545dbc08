#ifndef VIADUCT_CLIENT_TLS_CLIENT_HPP
#define VIADUCT_CLIENT_TLS_CLIENT_HPP

#include <viaduct/detail/asio_ssl.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/tls_connector.hpp>
#include <viaduct/net/tls_option_problem.hpp>

#include <memory>
#include <string>
#include <vector>

namespace viaduct {

/// How to speak TLS to a proxy. It has nothing to do with the TLS that goes through the tunnel to the origin.
struct tls_client_options
{
    std::string ca_file{};          ///< PEM. Empty, and `ca_path` too: what the system trusts.
    std::string ca_path{};          ///< A directory with hashed names, as `c_rehash` makes.
    std::string certificate_file{}; ///< Of the client, PEM with its chain; empty for none.
    std::string key_file{};         ///< PEM; empty if the certificate's file holds it.
    std::string key_password{};     ///< Of the key, if it is encrypted.
    bool verify = true;             ///< Off for a proxy whose certificate nobody checks.
    std::string verify_host{};      ///< The name in the certificate; empty for the proxy's own.
    std::string
        server_name{}; ///< For the server name indication; empty for the proxy's own, if it is a name.
    std::vector<std::string> alpn{"http/1.1"}; ///< Offered protocols; empty for no such extension.
    std::string ciphers{};                     ///< Of TLS 1.2, OpenSSL's syntax; empty for its default.
    std::string cipher_suites{};               ///< Of TLS 1.3; empty for OpenSSL's default.
    std::string min_version{"TLSv1.2"};        ///< `TLSv1.2` or `TLSv1.3`.
};

/// Makes what a dialer needs for `https` proxies. Needs OpenSSL: link `viaduct-openssl`.
/**
 * At least TLS 1.2. Connections may use it at the same time; sessions are not resumed. An ALPN answer other
 * than `http/1.1` is what the caller has asked for by offering it.
 *
 * @param options Files are read now.
 * @param ec `errc::tls_ca_invalid`, `tls_certificate_invalid`, `tls_key_invalid` or `tls_option_invalid`.
 * @param problem What it was; may be null.
 * @return Null on an error.
 */
[[nodiscard]] VIADUCT_DECL std::shared_ptr<tls_connector>
make_tls_connector(tls_client_options const& options, error_code& ec, tls_option_problem* problem = nullptr);

/// The same with the error as an exception that names file or value.
/** @throws system_error */
[[nodiscard]] VIADUCT_DECL std::shared_ptr<tls_connector>
make_tls_connector(tls_client_options const& options = {});

/// The same over a context of one's own.
/** @param context Used as it is; of `options` count the names, the protocols, and `verify` if it is on. */
[[nodiscard]] VIADUCT_DECL std::shared_ptr<tls_connector>
make_tls_connector(std::shared_ptr<net::ssl::context> context, tls_client_options const& options);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/tls_client.ipp>
#endif

#endif
