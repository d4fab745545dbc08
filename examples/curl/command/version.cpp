#include "command/help.hpp"
#include <viaduct/version.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

// What this build can do: the path is ours, the rest is libcurl's.

namespace viaduct_curl {
namespace {

#if defined(VIADUCT_CURL_OPENSSL)
constexpr bool has_https_proxy = true;
#else
constexpr bool has_https_proxy = false;
#endif
#if defined(VIADUCT_CURL_GSSAPI)
constexpr bool has_gssapi = true;
#else
constexpr bool has_gssapi = false;
#endif

struct feature
{
    std::string_view name;
    int bit;
    bool is_ours = true; // whether our half can do it, too
};

// In curl's order: sorted without regard to case.
constexpr std::array features
{
#if defined(CURL_VERSION_BROTLI)
    feature{"brotli", CURL_VERSION_BROTLI},
#endif
        feature{"GSS-API", CURL_VERSION_GSSAPI, has_gssapi},
#if defined(CURL_VERSION_HSTS)
        feature{"HSTS", CURL_VERSION_HSTS},
#endif
        feature{"HTTP2", CURL_VERSION_HTTP2},
        feature{"HTTPS-proxy", CURL_VERSION_HTTPS_PROXY, has_https_proxy}, feature{"IDN", CURL_VERSION_IDN},
        feature{"IPv6", CURL_VERSION_IPV6}, feature{"Kerberos", CURL_VERSION_KERBEROS5, has_gssapi},
        feature{"Largefile", CURL_VERSION_LARGEFILE}, feature{"libz", CURL_VERSION_LIBZ},
        feature{"NTLM", CURL_VERSION_NTLM, has_gssapi}, feature{"PSL", CURL_VERSION_PSL},
        feature{"SPNEGO", CURL_VERSION_SPNEGO, has_gssapi}, feature{"SSL", CURL_VERSION_SSL},
#if defined(CURL_VERSION_ZSTD)
        feature{"zstd", CURL_VERSION_ZSTD},
#endif
};

[[nodiscard]] std::string feature_names(int bits)
{
    std::string names;
    for (auto const& each : features)
        if (each.is_ours && (bits & each.bit) != 0) names += fmt::format(" {}", each.name);
    return names;
}

} // namespace

std::string version_text()
{
    auto const* const library = curl_version_info(CURLVERSION_NOW);
    return fmt::format("viaduct-curl {} ({}) {}\nProtocols: http https\nFeatures:{}\n", viaduct::version,
                       library->host, curl_version(), feature_names(library->features));
}

} // namespace viaduct_curl
