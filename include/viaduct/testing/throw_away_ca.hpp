#ifndef VIADUCT_TESTING_THROW_AWAY_CA_HPP
#define VIADUCT_TESTING_THROW_AWAY_CA_HPP

#include <viaduct/detail/asio_ssl.hpp>
#include <viaduct/testing/throw_away_certificate.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace viaduct::testing {

/// An authority that exists for one test run: it signs certificates, and nobody else trusts it.
/**
 * A test with TLS needs no certificate in its tree that expires some day, and no key that leaks.
 *
 * @code
 * throw_away_ca const ca;
 * auto const server = ca.server_context({.names = {"proxy.example"}});
 * auto const client = ca.client_context(); // trusts this authority alone, and verifies
 * auto const file = ca.write(directory);   // for SSL_CERT_FILE, or --cacert of a program
 * @endcode
 *
 * Needs OpenSSL 3: link viaduct-openssl. Where OpenSSL refuses, members throw std::runtime_error; contexts
 * throw system_error.
 *
 * Distinct objects: safe. Shared objects: safe, nothing changes.
 */
class throw_away_ca
{
public:
    /// @param name Its common name, which errors of verifiers tell.
    explicit throw_away_ca(std::string const& name = "throw-away authority")
        : self_{{.subject = name, .names = {}, .addresses = {}, .authority = true}}
    {}

    /// Signs a certificate for a new key.
    /** For a server or a client; by default for this machine's own name and addresses, for a day. */
    [[nodiscard]] throw_away_certificate issue(certificate_wishes const& wishes = {}) const
    {
        return throw_away_certificate{wishes, &self_};
    }

    /// A certificate for a client, who is called this and has no address.
    [[nodiscard]] throw_away_certificate issue_client(std::string const& name) const
    {
        return issue({.subject = name, .names = {}, .addresses = {}});
    }

    /// A server's side of TLS, with a new certificate.
    [[nodiscard]] std::shared_ptr<net::ssl::context>
    server_context(certificate_wishes const& wishes = {}) const
    {
        auto made = std::make_shared<net::ssl::context>(net::ssl::context::tls_server);
        issue(wishes).use_in(*made);
        return made;
    }

    /// The same, and a client without a certificate of this authority is turned away.
    [[nodiscard]] std::shared_ptr<net::ssl::context>
    demanding_server_context(certificate_wishes const& wishes = {}) const
    {
        auto made = server_context(wishes);
        trust_in(*made);
        made->set_verify_mode(net::ssl::verify_peer | net::ssl::verify_fail_if_no_peer_cert);
        return made;
    }

    /// A client's side of TLS that trusts this authority alone.
    /** It verifies the chain. The name is the stream's business: `host_name_verification`. */
    [[nodiscard]] std::shared_ptr<net::ssl::context> client_context() const
    {
        auto made = std::make_shared<net::ssl::context>(net::ssl::context::tls_client);
        trust_in(*made);
        made->set_verify_mode(net::ssl::verify_peer);
        return made;
    }

    /// Makes a context of yours trust this authority, beside whom it trusts already.
    void trust_in(net::ssl::context& context) const
    {
        auto const pem = certificate_pem();
        context.add_certificate_authority(net::buffer(pem));
    }

    /// In PEM: what a client has to trust.
    [[nodiscard]] std::string certificate_pem() const { return self_.certificate_pem(); }

    /// Writes its certificate to `NAME.pem` in a directory, for programs that want a file; returns the path.
    /** It is the caller's, as the directory is. */
    std::string write(std::filesystem::path const& directory, std::string const& name = "ca") const
    {
        return self_.write_certificate(directory, name);
    }

    /// Its own certificate and its key.
    [[nodiscard]] throw_away_certificate const& self() const noexcept { return self_; }

private:
    throw_away_certificate self_;
};

} // namespace viaduct::testing

#endif
