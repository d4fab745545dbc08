#ifndef VIADUCT_CLIENT_WITH_OPENSSL_HPP
#define VIADUCT_CLIENT_WITH_OPENSSL_HPP

#include <viaduct/auth/digest_authenticator.hpp>
#include <viaduct/client/dialer_options.hpp>
#include <viaduct/client/tls_client.hpp>

#include <algorithm>
#include <utility>

namespace viaduct {

/// What OpenSSL adds to a dialer: `https` proxies, and Digest, which is preferred to NTLM, Bearer and Basic.
/// Link `viaduct-openssl`.
/**
 * @param options To be completed. A connector that is there already stays.
 * @param tls For the proxies' TLS.
 * @throws system_error as `make_tls_connector`
 */
[[nodiscard]] inline dialer_options with_openssl(dialer_options options = {},
                                                 tls_client_options const& tls = {})
{
    if (!options.tls) options.tls = make_tls_connector(tls);
    auto const weaker = std::find_if(options.schemes.begin(), options.schemes.end(), [](auto const& scheme) {
        return scheme.name == "NTLM" || scheme.name == "Bearer" || scheme.name == "Basic";
    });
    options.schemes.insert(weaker, digest_scheme());
    return options;
}

} // namespace viaduct

#endif
