#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

/// libcurl can read other forms, and a dial of ours cannot.
void take_form(given& g)
{
    if (g.value != "PEM") misuse(g, "PEM is the only form that is known; openssl makes it of the others");
}

void refuse_srp(given& g)
{
    misuse(g, "is not there: nobody offers TLS-SRP any more; see --proxy-cert");
}

void ignore(given&) {}

constexpr std::array rows{
    option{"proxy-user", 'U', "user:password", [](given& g) { g.now.identity.user = g.value; },
           "Who asks the proxy"},
    option{"proxy-basic", 0, "", [](given& g) { g.now.identity.basic = g.on; },
           "Basic, without waiting to be asked; the default"},
    option{"proxy-digest", 0, "", [](given& g) { g.now.identity.digest = g.on; }, "Digest"},
    option{"proxy-ntlm", 0, "", [](given& g) { g.now.identity.ntlm = g.on; }, "NTLM"},
    option{"proxy-negotiate", 0, "", [](given& g) { g.now.identity.negotiate = g.on; },
           "Negotiate, with the ticket that is there"},
    option{"proxy-anyauth", 0, "", [](given& g) { g.now.identity.any = g.on; },
           "The strongest that the proxy offers"},
    option{"proxy-service-name", 0, "name", [](given& g) { g.now.identity.service = g.value; },
           "The Kerberos service of the proxy, instead of HTTP"},
    option{"proxy-cacert", 0, "file", [](given& g) { g.now.identity.ca_file = g.value; },
           "The certificates to check an https proxy with"},
    option{"proxy-capath", 0, "directory", [](given& g) { g.now.identity.ca_path = g.value; },
           "The same, as a directory"},
    option{"proxy-cert", 0, "file[:password]", [](given& g) { g.now.identity.certificate = g.value; },
           "The certificate for an https proxy"},
    option{"proxy-key", 0, "file", [](given& g) { g.now.identity.key = g.value; }, "The key of --proxy-cert"},
    option{"proxy-pass", 0, "password", [](given& g) { g.now.identity.key_password = g.value; },
           "The key's password"},
    option{"proxy-ciphers", 0, "list", [](given& g) { g.now.identity.ciphers = g.value; },
           "The ciphers for an https proxy, up to TLS 1.2"},
    option{"proxy-tls13-ciphers", 0, "list", [](given& g) { g.now.identity.cipher_suites = g.value; },
           "The cipher suites, from TLS 1.3 on"},
    option{"proxy-cert-type", 0, "PEM", take_form, "The form of --proxy-cert"},
    option{"proxy-key-type", 0, "PEM", take_form, "The form of --proxy-key"},
    option{"proxy-crlfile", 0, "file",
           [](given& g) { g.now.direct.set(CURLOPT_PROXY_CRLFILE, g.name, g.value); },
           "Certificates that do not hold any more, where there is no tunnel"},
    option{"proxy-pinnedpubkey", 0, "hashes",
           [](given& g) { g.now.direct.set(CURLOPT_PROXY_PINNEDPUBLICKEY, g.name, g.value); },
           "The public key of an https proxy, where there is no tunnel"},
    option{"proxy-tlsv1", 0, "", ignore, "TLS 1.2 or later with an https proxy, as always"},
    option{"proxy-ca-native", 0, "", ignore, "The system's certificates, as always without --proxy-cacert"},
    option{"proxy-ssl-allow-beast", 0, "", ignore, "Of no effect from TLS 1.2 on"},
    option{"proxy-ssl-auto-client-cert", 0, "", ignore, "Of no effect outside Windows"},
    option{"proxy-tlsuser", 0, "name", refuse_srp, "Refused: TLS-SRP is not there"},
    option{"proxy-tlspassword", 0, "text", refuse_srp, "Refused: TLS-SRP is not there"},
    option{"proxy-tlsauthtype", 0, "type", refuse_srp, "Refused: TLS-SRP is not there"},
    option{"socks5-basic", 0, "", ignore, "User and password with SOCKS5, as always where there are any"},
    option{"socks5-gssapi", 0, "",
           [](given& g) {
               if (g.on) misuse(g, "is not there: SOCKS5 is spoken with user and password, or without");
           },
           "Refused: SOCKS5 is spoken with user and password, or without"},
    option{"proxy-insecure", 0, "", [](given& g) { g.now.identity.insecure = g.on; },
           "Do not check an https proxy's certificate"},
};

} // namespace

topic proxy_identity_options()
{
    return {"Who asks the proxy, and which proxy it is", rows};
}

} // namespace viaduct_curl
