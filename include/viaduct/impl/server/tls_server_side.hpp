#ifndef VIADUCT_IMPL_SERVER_TLS_SERVER_SIDE_HPP
#define VIADUCT_IMPL_SERVER_TLS_SERVER_SIDE_HPP

#include <viaduct/detail/tls_handshake_op.hpp>
#include <viaduct/net/tls_client_facts.hpp>
#include <viaduct/server/tls_server.hpp>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string>

namespace viaduct::detail {

/// The subject as RFC 2253 writes it, controls escaped, in UTF-8.
[[nodiscard]] inline std::string subject_of(X509 const* certificate)
{
    bio_ptr const text{BIO_new(BIO_s_mem())};
    auto const how = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    if (!text || X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, how) < 0) return {};
    char* octets = nullptr;
    auto const size = BIO_get_mem_data(text.get(), &octets);
    return {octets, static_cast<std::size_t>(size)};
}

/// The text in UTF-8; nothing if there is a control in it, or a NUL that makes it look like another.
[[nodiscard]] inline std::string plain_text(ASN1_STRING const* string)
{
    unsigned char* octets = nullptr;
    auto const size = string ? ASN1_STRING_to_UTF8(&octets, string) : -1;
    if (size < 0) return {};
    std::string const text(reinterpret_cast<char const*>(octets), static_cast<std::size_t>(size));
    OPENSSL_free(octets);
    bool const plain = std::none_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    return plain ? text : std::string{};
}

[[nodiscard]] inline std::string common_name_of(X509 const* certificate)
{
    auto const* const subject = X509_get_subject_name(certificate);
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
        last = at;
    auto const* const entry = last < 0 ? nullptr : X509_NAME_get_entry(subject, last);
    return entry ? plain_text(X509_NAME_ENTRY_get_data(entry)) : std::string{};
}

struct general_names_deleter
{
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

/// The first alternative name of this kind: `GEN_EMAIL` or `GEN_DNS`.
[[nodiscard]] inline std::string alternative_name_of(X509 const* certificate, int kind)
{
    std::unique_ptr<GENERAL_NAMES, general_names_deleter> const names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int found = 0;
        auto const* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &found);
        if (found == kind) return plain_text(static_cast<ASN1_STRING const*>(value));
    }
    return {};
}

[[nodiscard]] inline std::string user_of(X509 const* certificate, certificate_user which)
{
    switch (which) {
    case certificate_user::common_name: return common_name_of(certificate);
    case certificate_user::alternative_email: return alternative_name_of(certificate, GEN_EMAIL);
    case certificate_user::alternative_dns: return alternative_name_of(certificate, GEN_DNS);
    case certificate_user::subject: break;
    }
    return subject_of(certificate);
}

/// The server's side of a handshake.
struct tls_server_side
{
    using facts_type = tls_client_facts;
    static constexpr auto role = net::ssl::stream_base::server;
    static constexpr bool lingers = true;

    certificate_user which;
    error_code unusable{}; // never

    [[nodiscard]] tls_client_facts facts(SSL* session) const
    {
        tls_client_facts f;
        tell_agreement(session, f);
        auto const* const name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
        f.server_name = name ? name : "";
        auto const result = SSL_get_verify_result(session);
        if (result != X509_V_OK) f.detail = X509_verify_cert_error_string(result);
        auto const* const certificate = SSL_get0_peer_certificate(session);
        if (!certificate || result != X509_V_OK) return f;
        f.subject = subject_of(certificate);
        f.user = user_of(certificate, which);
        return f;
    }

    [[nodiscard]] error_code cause_of(error_code ec, tls_client_facts& facts) const
    {
        facts.subject.clear(); // of somebody who is not let in
        facts.user.clear();
        if (is_tls_reason(ec, SSL_R_CERTIFICATE_VERIFY_FAILED)) return errc::client_certificate_rejected;
        facts.detail = ec.message();
        if (is_tls_reason(ec, SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE))
            return errc::client_certificate_rejected;
        return is_of_tls(ec) ? make_error_code(errc::client_tls_failed) : ec;
    }
};

using tls_server_op = tls_handshake_op<tls_server_side>;

} // namespace viaduct::detail

#endif
