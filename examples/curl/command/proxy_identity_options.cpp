#include "command/values.hpp"

#include <array>

namespace viaduct_curl {
namespace {

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
    option{"proxy-key", 0, "file", [](given& g) { g.now.identity.key = g.value; }, "Its key"},
    option{"proxy-pass", 0, "password", [](given& g) { g.now.identity.key_password = g.value; },
           "The key's password"},
    option{"proxy-ciphers", 0, "list", [](given& g) { g.now.identity.ciphers = g.value; },
           "The ciphers for an https proxy, up to TLS 1.2"},
    option{"proxy-tls13-ciphers", 0, "list", [](given& g) { g.now.identity.cipher_suites = g.value; },
           "The cipher suites, from TLS 1.3 on"},
    option{"proxy-insecure", 0, "", [](given& g) { g.now.identity.insecure = g.on; },
           "Do not check an https proxy's certificate"},
};

} // namespace

topic proxy_identity_options()
{
    return {"Who asks the proxy, and which proxy it is", rows};
}

} // namespace viaduct_curl
