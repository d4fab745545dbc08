#ifndef VIADUCT_TESTS_NET_CERTIFICATES_HPP
#define VIADUCT_TESTS_NET_CERTIFICATES_HPP

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace fixture {

namespace detail {

struct openssl_deleter
{
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

template <class T>
using openssl_ptr = std::unique_ptr<T, openssl_deleter>;

inline void good(bool it_is)
{
    if (!it_is) throw std::runtime_error{"OpenSSL did not make what the test needs"};
}

} // namespace detail

/// A certificate and its key. Good for a day, and not before the program started.
class identity
{
public:
    struct wanted
    {
        std::string name = "localhost";   // common name, and alternative name
        std::string addresses{};          // more alternative names: `IP:127.0.0.1`
        bool authority = false;           // may sign others
        long from = 0;                    // seconds from now
        long until = 24 * 60 * 60;        // seconds from now
        identity const* signer = nullptr; // itself, if there is none
    };

    explicit identity(wanted const& w) : key_{EVP_EC_gen("P-256")}, certificate_{X509_new()}
    {
        auto* const x = certificate_.get();
        detail::good(key_ && x && X509_set_version(x, 2) == 1);
        static long serial = 0;
        ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(x), w.from);
        X509_gmtime_adj(X509_getm_notAfter(x), w.until);
        X509_set_pubkey(x, key_.get());
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                   reinterpret_cast<unsigned char const*>(w.name.c_str()), -1, -1, 0);
        auto const& signer = w.signer ? *w.signer : *this;
        X509_set_issuer_name(x, X509_get_subject_name(signer.certificate()));
        extend(NID_basic_constraints, w.authority ? "critical,CA:TRUE" : "CA:FALSE");
        if (!w.authority)
            extend(NID_subject_alt_name, "DNS:" + w.name + (w.addresses.empty() ? "" : ',' + w.addresses));
        detail::good(X509_sign(x, signer.key(), EVP_sha256()) != 0);
    }

    [[nodiscard]] EVP_PKEY* key() const noexcept { return key_.get(); }
    [[nodiscard]] X509* certificate() const noexcept { return certificate_.get(); }

    void use_in(SSL_CTX* context) const
    {
        detail::good(SSL_CTX_use_certificate(context, certificate()) == 1 &&
                     SSL_CTX_use_PrivateKey(context, key()) == 1);
    }

private:
    void extend(int what, std::string const& value)
    {
        detail::openssl_ptr<X509_EXTENSION> const made{
            X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str())};
        detail::good(made && X509_add_ext(certificate(), made.get(), -1) == 1);
    }

    detail::openssl_ptr<EVP_PKEY> key_;
    detail::openssl_ptr<X509> certificate_;
};

/// A directory for files, gone with this.
class temporary_directory
{
public:
    temporary_directory()
    {
        auto name = (std::filesystem::temp_directory_path() / "viaduct-XXXXXX").string();
        detail::good(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;
    ~temporary_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    /// Each returns the file's name.
    [[nodiscard]] std::string write(std::string const& name, std::string const& text) const
    {
        std::ofstream{at(name)} << text;
        return at(name);
    }

    [[nodiscard]] std::string write_certificate(std::string const& name, identity const& who) const
    {
        detail::good(PEM_write_X509(open(name).get(), who.certificate()) == 1);
        return at(name);
    }

    /// @param password Encrypts the key, unless it is empty.
    [[nodiscard]] std::string write_key(std::string const& name, identity const& who,
                                        std::string const& password = {}) const
    {
        auto const* const cipher = password.empty() ? nullptr : EVP_aes_128_cbc();
        auto const* const octets = reinterpret_cast<unsigned char const*>(password.data());
        detail::good(PEM_write_PrivateKey(open(name).get(), who.key(), cipher, octets,
                                          static_cast<int>(password.size()), nullptr, nullptr) == 1);
        return at(name);
    }

    [[nodiscard]] std::string at(std::string const& name) const { return (path_ / name).string(); }

private:
    [[nodiscard]] detail::openssl_ptr<std::FILE> open(std::string const& name) const
    {
        detail::openssl_ptr<std::FILE> file{std::fopen(at(name).c_str(), "w")};
        detail::good(file != nullptr);
        return file;
    }

    std::filesystem::path path_;
};

/// Who there is, and the files that tell of them.
struct cast
{
    identity ca{{.name = "the authority", .authority = true}};
    identity other_ca{{.name = "another authority", .authority = true}};
    identity server{{.addresses = "IP:127.0.0.1", .signer = &ca}};
    identity elsewhere{{.name = "elsewhere.example", .signer = &ca}};
    identity expired{{.from = -200, .until = -100, .signer = &ca}};
    identity client{{.name = "the client", .signer = &ca}};

    temporary_directory files;
    std::string ca_file = files.write_certificate("ca.pem", ca);
    std::string other_ca_file = files.write_certificate("other-ca.pem", other_ca);
    std::string client_file = files.write_certificate("client.pem", client);
    std::string key_file = files.write_key("client.key", client);
    std::string locked_key_file = files.write_key("locked.key", client, "opensesame");
    std::string other_key_file = files.write_key("other.key", server);
    std::string nonsense_file = files.write("nonsense.pem", "not PEM\n");
};

[[nodiscard]] inline cast const& of_this_play()
{
    static cast const all;
    return all;
}

} // namespace fixture

#endif
