#ifndef VIADUCT_NET_TLS_CONNECTOR_HPP
#define VIADUCT_NET_TLS_CONNECTOR_HPP

#include <viaduct/detail/any_handler.hpp>
#include <viaduct/net/any_stream.hpp>

#include <string>

namespace viaduct {

/// What is known of a TLS handshake, also of one that failed.
struct tls_facts
{
    std::string protocol{}; ///< `TLSv1.3`; empty if none was agreed on.
    std::string cipher{};   ///< `TLS_AES_256_GCM_SHA384`; empty if none was agreed on.
    std::string alpn{};     ///< The protocol that the proxy chose; empty without.
    std::string subject{};  ///< Of the proxy's certificate; untrusted if the verification failed.
    long verify_result = 0; ///< OpenSSL's X509_V_* code; 0 is a certificate that can be trusted.
    std::string detail{};   ///< What went wrong, in the words of the TLS library; empty after a success.
};

/// Puts TLS on a stream, as a client: what a dialer needs for an `https` proxy.
/**
 * The one for OpenSSL is made by `make_tls_connector` of `<viaduct/client/tls_client.hpp>`. Whoever dials
 * without `https` proxies needs none, and no TLS library either.
 *
 * Thread safety: `async_handshake` may be called from several threads at once.
 */
class tls_connector
{
public:
    using completion = detail::any_handler<void(error_code, any_stream, tls_facts)>;

    tls_connector() = default;
    tls_connector(tls_connector const&) = delete;
    tls_connector& operator=(tls_connector const&) = delete;
    virtual ~tls_connector() = default;

    /// Shakes hands over a stream, and verifies that its peer is `host`.
    /**
     * @param below Taken over. After a failure it is closed.
     * @param host A DNS name or an address, for the server name indication and the verification, unless the
     * connector was told another one.
     * @param done Gets `errc::tls_handshake_failed`, `errc::tls_verification_failed` or an error of the
     * stream below, or no error and the stream with TLS on it. Its slot cancels the handshake.
     */
    virtual void async_handshake(any_stream below, std::string const& host, completion done) = 0;
};

} // namespace viaduct

#endif
