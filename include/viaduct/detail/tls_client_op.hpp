#ifndef VIADUCT_DETAIL_TLS_CLIENT_OP_HPP
#define VIADUCT_DETAIL_TLS_CLIENT_OP_HPP

#include <viaduct/client/tls_client.hpp>
#include <viaduct/detail/tls_handshake_op.hpp>
#include <viaduct/detail/tls_layer.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <string>
#include <vector>

namespace viaduct::detail {

/// The dot at the end of a complete DNS name stands in no certificate, and must not be sent (RFC 6066
/// section 3).
[[nodiscard]] inline std::string without_last_dot(std::string name)
{
    if (name.size() > 1 && name.back() == '.') name.pop_back();
    return name;
}

[[nodiscard]] inline error_code offer_protocols(SSL* session, std::vector<std::string> const& protocols)
{
    auto const wire = alpn_octets(protocols);
    if (!wire) return errc::tls_option_invalid;
    if (wire->empty()) return {};
    auto const* const octets = reinterpret_cast<unsigned char const*>(wire->data());
    bool const good = SSL_set_alpn_protos(session, octets, static_cast<unsigned>(wire->size())) == 0;
    return good ? error_code{} : make_error_code(errc::tls_option_invalid);
}

/// Says whom to ask for, and whose certificate to accept.
[[nodiscard]] inline error_code prepare_tls_client(SSL* session, tls_client_options const& options,
                                                   std::string const& host)
{
    auto const asked = without_last_dot(options.server_name.empty() ? host : options.server_name);
    auto const expected = without_last_dot(options.verify_host.empty() ? host : options.verify_host);
    error_code is_name; // set where it is no address
    net::ip::make_address(asked, is_name);
    if (is_name && SSL_set_tlsext_host_name(session, asked.c_str()) != 1) return errc::tls_option_invalid;
    auto* const param = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT); // RFC 9525
    if (options.verify) SSL_set_verify(session, SSL_VERIFY_PEER, SSL_get_verify_callback(session));
    if (X509_VERIFY_PARAM_set1_ip_asc(param, expected.c_str()) != 1 &&
        X509_VERIFY_PARAM_set1_host(param, expected.c_str(), expected.size()) != 1)
        return errc::tls_option_invalid;
    ERR_clear_error(); // of a name that is no address
    return offer_protocols(session, options.alpn);
}

/// The client's side of a handshake.
struct tls_client_side
{
    using facts_type = tls_facts;
    static constexpr auto role = net::ssl::stream_base::client;
    static constexpr bool lingers = false;

    error_code unusable{};

    /// What the session has agreed on, or why there is none.
    [[nodiscard]] static tls_facts facts(SSL* session)
    {
        tls_facts f;
        tell_agreement(session, f);
        f.verify_result = SSL_get_verify_result(session);
        if (auto* const certificate = SSL_get0_peer_certificate(session)) {
            std::array<char, 256> name{};
            X509_NAME_oneline(X509_get_subject_name(certificate), name.data(), static_cast<int>(name.size()));
            f.subject = name.data();
        }
        return f;
    }

    /// OpenSSL's many errors are of two kinds: the certificate, and everything else.
    [[nodiscard]] static error_code cause_of(error_code ec, tls_facts& facts)
    {
        // The result of the verification alone does not tell: nobody may have wanted it.
        bool const of_certificate = is_tls_reason(ec, SSL_R_CERTIFICATE_VERIFY_FAILED);
        facts.detail = of_certificate ? X509_verify_cert_error_string(facts.verify_result) : ec.message();
        if (of_certificate) return errc::tls_verification_failed;
        return is_of_tls(ec) ? make_error_code(errc::tls_handshake_failed) : ec;
    }
};

using tls_client_op = tls_handshake_op<tls_client_side>;

} // namespace viaduct::detail

#endif
