#ifndef VIADUCT_NET_TLS_CLIENT_FACTS_HPP
#define VIADUCT_NET_TLS_CLIENT_FACTS_HPP

#include <string>

namespace viaduct {

/// What a TLS handshake has told about a client.
struct tls_client_facts
{
    std::string protocol{};    ///< `TLSv1.3`.
    std::string cipher{};      ///< `TLS_AES_256_GCM_SHA384`.
    std::string alpn{};        ///< The protocol that was agreed on; empty without.
    std::string server_name{}; ///< The name that the client asked for (SNI); empty without. Untrusted.
    std::string subject{};     ///< Of the client's certificate, which has been verified; empty without one.
    std::string
        user{}; ///< Who the certificate says the client is; empty without one. See `make_tls_acceptor`.
    std::string detail{}; ///< What went wrong, in the words of the TLS library; empty after a success.
};

} // namespace viaduct

#endif
