#ifndef VIADUCT_TESTING_DETAIL_MAKE_CERTIFICATE_HPP
#define VIADUCT_TESTING_DETAIL_MAKE_CERTIFICATE_HPP

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace viaduct::testing {

/// What a throw-away certificate says.
struct certificate_wishes
{
    /// The common name. Empty: the first of `names`.
    std::string subject{};

    /// Names of the host (subjectAltName); `*.example` is one of many.
    std::vector<std::string> names{"localhost"};

    /// Addresses of the host.
    std::vector<std::string> addresses{"127.0.0.1", "::1"};

    /// Mail addresses of a client.
    std::vector<std::string> emails{};

    /// From when to when it is valid, from now. A minute in the past, for machines whose clocks differ.
    std::chrono::seconds from = -std::chrono::minutes{1};
    std::chrono::seconds until = std::chrono::hours{24};

    /// Whether it may sign others. Then it has none of these names.
    bool authority = false;
};

namespace detail {

struct openssl_deleter
{
    void operator()(BIO* text) const noexcept { BIO_free(text); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
};

template <class T>
using openssl_ptr = std::unique_ptr<T, openssl_deleter>;

inline void openssl_did(bool it)
{
    if (!it) throw std::runtime_error{"OpenSSL did not make what the test needs"};
}

template <class Write>
[[nodiscard]] std::string pem_of(Write write)
{
    openssl_ptr<BIO> const out{BIO_new(BIO_s_mem())};
    openssl_did(out && write(out.get()) == 1);
    char* octets = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &octets);
    return {octets, static_cast<std::size_t>(size)};
}

/// Only this user can read it.
inline std::string write_text(std::filesystem::path const& path, std::string const& text)
{
    using std::filesystem::perms;
    std::ofstream out{path, std::ios::binary | std::ios::trunc};
    std::error_code refused;
    permissions(path, perms::owner_read | perms::owner_write, refused);
    if (!(out << text << std::flush) || refused) throw std::runtime_error{"cannot write " + path.string()};
    return path.string();
}

inline void add_extension(X509* certificate, X509* signer, int what, char const* value)
{
    X509V3_CTX about{};
    X509V3_set_ctx(&about, signer, certificate, nullptr, nullptr, 0);
    openssl_ptr<X509_EXTENSION> const made{X509V3_EXT_conf_nid(nullptr, &about, what, value)};
    openssl_did(made && X509_add_ext(certificate, made.get(), -1) == 1);
}

/// Not as text in the syntax of OpenSSL's configuration: there a comma in a name would begin another one.
inline void add_names(X509* certificate, certificate_wishes const& wishes)
{
    openssl_ptr<GENERAL_NAMES> const all{GENERAL_NAMES_new()};
    auto const add = [&](int kind, std::string const& value) {
        auto* const one = a2i_GENERAL_NAME(nullptr, nullptr, nullptr, kind, value.c_str(), 0);
        openssl_did(one && sk_GENERAL_NAME_push(all.get(), one) > 0);
    };
    for (auto const& name : wishes.names)
        add(GEN_DNS, name);
    for (auto const& address : wishes.addresses)
        add(GEN_IPADD, address);
    for (auto const& email : wishes.emails)
        add(GEN_EMAIL, email);
    if (sk_GENERAL_NAME_num(all.get()) == 0) return;
    openssl_did(X509_add1_ext_i2d(certificate, NID_subject_alt_name, all.get(), 0, X509V3_ADD_DEFAULT) == 1);
}

/// As strict verifiers want it (RFC 5280 section 4.2), for there are some among other languages' clients.
inline void add_extensions(X509* certificate, certificate_wishes const& wishes, X509* signer)
{
    add_extension(certificate, signer, NID_subject_key_identifier, "hash");
    if (wishes.authority) {
        add_extension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
        return add_extension(certificate, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    add_extension(certificate, signer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, signer, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, signer, NID_ext_key_usage, "serverAuth,clientAuth");
    if (signer != certificate) add_extension(certificate, signer, NID_authority_key_identifier, "keyid");
    add_names(certificate, wishes);
}

/// A number that no other certificate has: browsers and OpenSSL take two with one number for a forgery.
[[nodiscard]] inline std::uint64_t new_serial()
{
    std::uint64_t number = 0;
    openssl_did(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
    return (number >> 1) + 1;
}

inline void make_certificate(X509* made, EVP_PKEY* key, certificate_wishes const& wishes, X509* signer,
                             EVP_PKEY* signing_key)
{
    openssl_did(made && key && X509_set_version(made, 2) == 1 && X509_set_pubkey(made, key) == 1);
    openssl_did(ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), new_serial()) == 1);
    X509_gmtime_adj(X509_getm_notBefore(made), static_cast<long>(wishes.from.count()));
    X509_gmtime_adj(X509_getm_notAfter(made), static_cast<long>(wishes.until.count()));
    auto const first_name = wishes.names.empty() ? std::string{} : wishes.names.front();
    auto const& subject = wishes.subject.empty() ? first_name : wishes.subject;
    if (!subject.empty())
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<unsigned char const*>(subject.c_str()), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(signer));
    add_extensions(made, wishes, signer);
    openssl_did(X509_sign(made, signing_key, EVP_sha256()) != 0);
}

} // namespace detail
} // namespace viaduct::testing

#endif
