#include "path/proxy_identity.hpp"

#include "failure.hpp"
#include <viaduct/http/characters.hpp>

#if defined(VIADUCT_CURL_OPENSSL)
#include <viaduct/auth/digest_authenticator.hpp>
#endif
#if defined(VIADUCT_CURL_GSSAPI)
#include <viaduct/auth/negotiate.hpp>
#include <viaduct/auth/ntlm.hpp>
#endif

#include <curl/curl.h>
#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

namespace viaduct_curl {
namespace {

/// For a switch of which this build has nothing.
[[noreturn, maybe_unused]] void lacks(char const* option, char const* library)
{
    throw failure{CURLE_FAILED_INIT,
                  fmt::format("option {}: this viaduct-curl was built without {}", option, library)};
}

[[nodiscard]] viaduct::auth_scheme digest()
{
#if defined(VIADUCT_CURL_OPENSSL)
    return viaduct::digest_scheme();
#else
    lacks("--proxy-digest", "OpenSSL");
#endif
}

[[nodiscard]] viaduct::auth_scheme negotiate()
{
#if defined(VIADUCT_CURL_GSSAPI)
    return viaduct::negotiate_scheme();
#else
    lacks("--proxy-negotiate", "GSSAPI");
#endif
}

[[nodiscard]] viaduct::auth_scheme ntlm()
{
#if defined(VIADUCT_CURL_GSSAPI)
    return viaduct::ntlm_scheme();
#else
    lacks("--proxy-ntlm", "GSSAPI");
#endif
}

/// All that this build has, the strongest first.
[[nodiscard]] std::vector<viaduct::auth_scheme> all_schemes()
{
    return
    {
#if defined(VIADUCT_CURL_GSSAPI)
        negotiate(),
#endif
#if defined(VIADUCT_CURL_OPENSSL)
            digest(),
#endif
#if defined(VIADUCT_CURL_GSSAPI)
            ntlm(),
#endif
            viaduct::basic_scheme()
    };
}

/// curl's order, where several are asked for.
void list_schemes(operation const& wanted, viaduct::dialer_options& to)
{
    if (wanted.identity.any)
        to.schemes = all_schemes();
    else if (wanted.identity.negotiate)
        to.schemes = {negotiate()};
    else if (wanted.identity.ntlm)
        to.schemes = {ntlm()};
    else if (wanted.identity.digest)
        to.schemes = {digest()};
    else
        to.unasked = true; // Basic, which is there by default
}

/// The service's name is no part of a scheme, so Negotiate is made here.
[[nodiscard]] viaduct::proxy_auth::scheme_ptr make_scheme(viaduct::auth_scheme const& scheme,
                                                          viaduct::credentials const& who,
                                                          std::optional<std::string> const& service)
{
#if defined(VIADUCT_CURL_GSSAPI)
    if (service && viaduct::characters::iequals(scheme.name, negotiate().name)) {
        viaduct::negotiate_options options;
        options.service = *service;
        return std::make_shared<viaduct::negotiate_authenticator>(options);
    }
#else
    static_cast<void>(service);
#endif
    return scheme.make(who);
}

/// What the dialer would do by itself, but for the service's name.
[[nodiscard]] std::shared_ptr<viaduct::proxy_auth>
make_auth(operation const& wanted, viaduct::dialer_options const& options, viaduct::proxy_url const& proxy)
{
    std::vector<viaduct::proxy_auth::scheme_ptr> made;
    for (auto const& scheme : options.schemes)
        if (proxy.who || !scheme.needs_credentials)
            made.push_back(
                make_scheme(scheme, proxy.who.value_or(viaduct::credentials{}), wanted.identity.service));
    if (made.empty()) return nullptr;
    auto auth = std::make_shared<viaduct::proxy_auth>(std::move(made));
    if (options.unasked) auth->begin_with(auth->schemes().front());
    return auth;
}

/// Asks each proxy as it was asked before.
void remember(operation const& wanted, viaduct::dialer_options& in, known_proxies& known)
{
    in.auth = [&wanted, &known, options = in](viaduct::proxy_url const& proxy) {
        auto const key =
            to_text(proxy) + ' ' + (proxy.who ? proxy.who->user + '\n' + proxy.who->password : "");
        auto const [at, is_new] = known.try_emplace(key);
        if (is_new) at->second = make_auth(wanted, options, proxy);
        return at->second;
    };
}

} // namespace

void choose_schemes(operation const& wanted, viaduct::dialer_options& to, known_proxies& known)
{
    list_schemes(wanted, to);
    remember(wanted, to, known);
}

} // namespace viaduct_curl
