#ifndef VIADUCT_TESTING_THROW_AWAY_CERTIFICATE_HPP
#define VIADUCT_TESTING_THROW_AWAY_CERTIFICATE_HPP

#include <viaduct/detail/asio_ssl.hpp>
#include <viaduct/testing/detail/make_certificate.hpp>

#include <filesystem>
#include <string>

namespace viaduct::testing {

/// A certificate and its key, made at run time and good for one test run.
/**
 * Comes from a `throw_away_ca`, or is its own signer, as in a test of what trusts nobody knows.
 *
 * @code
 * throw_away_certificate const stranger{{.names = {"localhost"}}}; // signed by itself
 * stranger.use_in(context); // an ssl::context
 * @endcode
 *
 * Needs OpenSSL 3. Its key is P-256. Where OpenSSL refuses, members throw std::runtime_error.
 *
 * Distinct objects: safe. Shared objects: safe, nothing changes.
 */
class throw_away_certificate
{
public:
    /// @param signer Whose key signs; this one's own if it is null. Not needed afterwards.
    explicit throw_away_certificate(certificate_wishes const& wishes = {},
                                    throw_away_certificate const* signer = nullptr)
        : key_{EVP_EC_gen("P-256")},
          certificate_{X509_new()}
    {
        auto const& by = signer ? *signer : *this;
        detail::make_certificate(certificate_.get(), key_.get(), wishes, by.certificate(), by.key());
    }

    /// In PEM.
    [[nodiscard]] std::string certificate_pem() const
    {
        return detail::pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate()); });
    }

    /// The key in PEM (PKCS #8).
    /** @param password Encrypts the key, unless it is empty. */
    [[nodiscard]] std::string key_pem(std::string const& password = {}) const
    {
        auto const* const cipher = password.empty() ? nullptr : EVP_aes_128_cbc();
        auto const* const octets = reinterpret_cast<unsigned char const*>(password.data());
        return detail::pem_of([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key(), cipher, octets, static_cast<int>(password.size()),
                                            nullptr, nullptr);
        });
    }

    /// Shows this certificate to the peers of a context, a server's or a client's.
    void use_in(net::ssl::context& context) const { use_in(context.native_handle()); }
    void use_in(SSL_CTX* context) const
    {
        detail::openssl_did(SSL_CTX_use_certificate(context, certificate()) == 1 &&
                            SSL_CTX_use_PrivateKey(context, key()) == 1);
    }

    /// Writes `NAME.pem`, for programs that want files, and returns its path.
    [[nodiscard]] std::string write_certificate(std::filesystem::path const& directory,
                                                std::string const& name) const
    {
        return detail::write_text(directory / (name + ".pem"), certificate_pem());
    }

    /// Writes `NAME.key`, which only this user can read, and returns its path.
    [[nodiscard]] std::string write_key(std::filesystem::path const& directory, std::string const& name,
                                        std::string const& password = {}) const
    {
        return detail::write_text(directory / (name + ".key"), key_pem(password));
    }

    /// OpenSSL's own. Each stays this object's.
    [[nodiscard]] X509* certificate() const noexcept { return certificate_.get(); }
    [[nodiscard]] EVP_PKEY* key() const noexcept { return key_.get(); }

private:
    detail::openssl_ptr<EVP_PKEY> key_;
    detail::openssl_ptr<X509> certificate_;
};

} // namespace viaduct::testing

#endif
