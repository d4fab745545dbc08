#include "command/origin_trust.hpp"
#include "command/values.hpp"

#include <array>
#include <cstdlib>
#include <memory>

namespace viaduct_curl {
namespace {

void take_insecure(given& g)
{
    g.now.passed.set(CURLOPT_SSL_VERIFYPEER, g.name, g.on ? 0 : 1);
    g.now.passed.set(CURLOPT_SSL_VERIFYHOST, g.name, g.on ? 0 : 2);
}

/// `file:password`, in which a backslash keeps what is behind it from having a meaning.
void take_certificate(given& g)
{
    std::string file;
    std::size_t at = 0;
    bool const is_uri = g.value.starts_with("pkcs11:"); // holds colons of its own
    for (; at < g.value.size() && (is_uri || g.value[at] != ':'); ++at) {
        auto const next = at + 1 < g.value.size() ? g.value[at + 1] : '\0';
        if (g.value[at] == '\\' && (next == '\\' || next == ':')) ++at;
        file += g.value[at];
    }
    g.now.passed.set(CURLOPT_SSLCERT, g.name, file);
    if (at + 1 < g.value.size()) g.now.passed.set(CURLOPT_KEYPASSWD, g.name, g.value.substr(at + 1));
}

/// Saves time and changes nothing else; curl goes on where the library for TLS cannot do it.
void take_false_start(given& g)
{
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const probe{curl_easy_init(), curl_easy_cleanup};
    bool const can = probe && curl_easy_setopt(probe.get(), CURLOPT_SSL_FALSESTART, 1L) == CURLE_OK;
    if (can) pass_flag<CURLOPT_SSL_FALSESTART>(g);
}

constexpr std::int64_t lowest_bits = 0xffff; // the others are the highest version

/// Replaces one half of the range of versions.
void set_versions(given& g, std::int64_t mask, std::int64_t value)
{
    auto const* const now = g.now.passed.find(CURLOPT_SSLVERSION);
    auto const versions = now ? std::get<std::int64_t>(*now) : std::int64_t{0};
    g.now.passed.set(CURLOPT_SSLVERSION, g.name, (versions & ~mask) | value);
}

template <std::int64_t Lowest>
void take_lowest(given& g)
{
    set_versions(g, lowest_bits, Lowest);
}

void take_highest(given& g)
{
    std::int64_t highest = 0;
    if (g.value == "default") highest = CURL_SSLVERSION_MAX_DEFAULT;
    if (g.value == "1.0") highest = CURL_SSLVERSION_MAX_TLSv1_0;
    if (g.value == "1.1") highest = CURL_SSLVERSION_MAX_TLSv1_1;
    if (g.value == "1.2") highest = CURL_SSLVERSION_MAX_TLSv1_2;
    if (g.value == "1.3") highest = CURL_SSLVERSION_MAX_TLSv1_3;
    if (highest == 0) misuse(g, "is one of default, 1.0, 1.1, 1.2 and 1.3");
    set_versions(g, ~lowest_bits, highest);
}

constexpr std::array rows{
    option{"insecure", 'k', "", take_insecure, "Do not check the origin's certificate"},
    option{"cacert", 0, "file", pass_text<CURLOPT_CAINFO>, "The certificates to check with"},
    option{"capath", 0, "directory", pass_text<CURLOPT_CAPATH>,
           "A directory with certificates to check with"},
    option{"ca-native", 0, "", pass_bits<CURLOPT_SSL_OPTIONS, CURLSSLOPT_NATIVE_CA>, "The system's own, too"},
    option{"crlfile", 0, "file", pass_text<CURLOPT_CRLFILE>, "Certificates that were revoked"},
    option{"cert-status", 0, "", pass_flag<CURLOPT_SSL_VERIFYSTATUS>,
           "Check by what the origin staples that its certificate was not revoked"},
    option{"pinnedpubkey", 0, "file|hashes", pass_text<CURLOPT_PINNEDPUBLICKEY>, "The origin's public key"},
    option{"cert", 'E', "file[:password]", take_certificate, "The client's certificate"},
    option{"cert-type", 0, "type", pass_text<CURLOPT_SSLCERTTYPE>, "PEM, DER, P12 or ENG"},
    option{"key", 0, "file", pass_text<CURLOPT_SSLKEY>, "The key of --cert"},
    option{"key-type", 0, "type", pass_text<CURLOPT_SSLKEYTYPE>, "PEM, DER or ENG"},
    option{"pass", 0, "password", pass_text<CURLOPT_KEYPASSWD>, "The password of that key"},
    option{"ciphers", 0, "list", pass_text<CURLOPT_SSL_CIPHER_LIST>, "Ciphers up to TLS 1.2"},
    option{"tls13-ciphers", 0, "list", pass_text<CURLOPT_TLS13_CIPHERS>, "Cipher suites of TLS 1.3"},
    option{"curves", 0, "list", pass_text<CURLOPT_SSL_EC_CURVES>,
           "Curves, or groups, for the exchange of keys"},
    option{"tlsv1", '1', "", take_lowest<CURL_SSLVERSION_TLSv1>, "TLS 1.0 or later"},
    option{"tlsv1.0", 0, "", take_lowest<CURL_SSLVERSION_TLSv1_0>, "TLS 1.0 or later"},
    option{"tlsv1.1", 0, "", take_lowest<CURL_SSLVERSION_TLSv1_1>, "TLS 1.1 or later"},
    option{"tlsv1.2", 0, "", take_lowest<CURL_SSLVERSION_TLSv1_2>, "TLS 1.2 or later"},
    option{"tlsv1.3", 0, "", take_lowest<CURL_SSLVERSION_TLSv1_3>, "TLS 1.3 or later"},
    option{"tls-max", 0, "version", take_highest, "No later one"},
    option{"tlsauthtype", 0, "type", pass_text<CURLOPT_TLSAUTH_TYPE>, "SRP, where libcurl has it"},
    option{"tlsuser", 0, "user", pass_text<CURLOPT_TLSAUTH_USERNAME>, "The user for --tlsauthtype"},
    option{"tlspassword", 0, "password", pass_text<CURLOPT_TLSAUTH_PASSWORD>, "The password for that"},
    option{"no-alpn", 0, "", pass_flag<CURLOPT_SSL_ENABLE_ALPN, 0, 1>, "Do not negotiate a protocol"},
    option{"no-sessionid", 0, "", pass_flag<CURLOPT_SSL_SESSIONID_CACHE, 0, 1>, "Do not resume sessions"},
    option{"false-start", 0, "", take_false_start, "Send before the handshake is over"},
    option{"ssl-allow-beast", 0, "", pass_bits<CURLOPT_SSL_OPTIONS, CURLSSLOPT_ALLOW_BEAST>,
           "Leave out a protection that old servers do not bear"},
};

/// What a variable names, unless it is empty.
[[nodiscard]] char const* variable(char const* name)
{
    auto const* const value = std::getenv(name);
    return value && *value != '\0' ? value : nullptr;
}

} // namespace

topic origin_tls_options()
{
    return {"TLS with the origin", rows};
}

void trust_environment(passed_options& to)
{
    auto const* const checks = to.find(CURLOPT_SSL_VERIFYPEER);
    bool const is_lax = checks && std::get<std::int64_t>(*checks) == 0;
    if (is_lax || to.find(CURLOPT_CAINFO) || to.find(CURLOPT_CAPATH)) return;
    if (auto const* const file = variable("CURL_CA_BUNDLE")) return to.set(CURLOPT_CAINFO, "cacert", file);
    if (auto const* const directory = variable("SSL_CERT_DIR")) to.set(CURLOPT_CAPATH, "capath", directory);
    if (auto const* const file = variable("SSL_CERT_FILE")) to.set(CURLOPT_CAINFO, "cacert", file);
}

} // namespace viaduct_curl
