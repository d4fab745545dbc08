#ifndef VIADUCT_TESTING_THROW_AWAY_TLS_HPP
#define VIADUCT_TESTING_THROW_AWAY_TLS_HPP

#include <viaduct/server/tls_server.hpp>
#include <viaduct/testing/detail/short_lived_directory.hpp>
#include <viaduct/testing/throw_away_ca.hpp>

#include <memory>

namespace viaduct::testing {

/// TLS for a `proxy_server`, with a certificate made for it. Needs OpenSSL: link viaduct-openssl.
/**
 * It is the TLS of Viaduct's own server, so what clients see is the real thing.
 *
 * @code
 * throw_away_ca const ca;
 * proxy_server proxy{{.tls = throw_away_tls(ca)}};
 * proxy.url_text(); // https://127.0.0.1:41234, for clients that trust ca
 * @endcode
 *
 * @param ca Who signs, and whose certificates are taken from clients. Not needed afterwards.
 * @param wishes What the server's certificate says: as it is, this machine's own name and addresses.
 * @param clients Whether clients have to show a certificate.
 * @throws system_error, std::runtime_error if there is no place for the files that OpenSSL reads; they are
 * gone once this returns.
 */
[[nodiscard]] inline std::shared_ptr<tls_server>
throw_away_tls(throw_away_ca const& ca, certificate_wishes const& wishes = {},
               client_certificate clients = client_certificate::none)
{
    detail::short_lived_directory const place;
    auto const shown = ca.issue(wishes);
    tls_server_options options;
    options.certificate_file = shown.write_certificate(place.path(), "proxy");
    options.key_file = shown.write_key(place.path(), "proxy");
    options.client_certificate = clients;
    if (clients != client_certificate::none) options.client_ca_file = ca.write(place.path());
    return make_tls_acceptor(options);
}

} // namespace viaduct::testing

#endif
