#include "path/dial_settings.hpp"

#include "failure.hpp"
#include <viaduct/http/characters.hpp>
#include <viaduct/version.hpp>

#if defined(VIADUCT_CURL_OPENSSL)
#include <viaduct/client/tls_client.hpp>
#endif

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_curl {
namespace {

using viaduct::characters::iequals;

constexpr std::size_t max_refusal = 64 * 1024; // of its body

/// `Name:` takes a default field away.
void remove_default(viaduct::connect_options& from, std::string_view name)
{
    if (iequals(name, "User-Agent")) from.user_agent.clear();
    if (iequals(name, "Proxy-Connection")) from.proxy_connection = false;
}

/// `Name: value` adds or replaces, `Name;` does so without a value; curl ignores everything else.
void add_line(viaduct::connect_options& to, std::string_view line)
{
    auto const end = line.find_first_of(":;");
    if (end == std::string_view::npos) return;
    auto const name = line.substr(0, end);
    auto const value = viaduct::characters::trim(line.substr(end + 1));
    if (line[end] == ':' && value.empty()) return remove_default(to, name);
    if (line[end] == ':' || value.empty()) to.proxy_fields.add(name, value);
}

#if defined(VIADUCT_CURL_OPENSSL)
[[nodiscard]] viaduct::tls_client_options tls_options(operation const& wanted)
{
    viaduct::tls_client_options tls;
    tls.ca_file = wanted.identity.ca_file.value_or("");
    tls.ca_path = wanted.identity.ca_path.value_or("");
    auto const [file, password] = split_certificate(wanted);
    tls.certificate_file = file;
    tls.key_file = wanted.identity.key.value_or("");
    tls.key_password = password;
    tls.ciphers = wanted.identity.ciphers.value_or("");
    tls.cipher_suites = wanted.identity.cipher_suites.value_or("");
    tls.verify = !wanted.identity.insecure;
    return tls;
}

[[nodiscard]] int exit_code_of(viaduct::error_code why)
{
    if (why == viaduct::errc::tls_ca_invalid) return CURLE_SSL_CACERT_BADFILE;
    return why == viaduct::errc::tls_option_invalid ? CURLE_SSL_CIPHER : CURLE_SSL_CERTPROBLEM;
}
#endif

[[nodiscard]] bool has_https(viaduct::proxy_list const& ways)
{
    for (auto const& way : ways)
        for (auto const& proxy : way)
            if (proxy.scheme == viaduct::proxy_scheme::https) return true;
    return false;
}

[[nodiscard]] viaduct::proxy_header make_header(operation const& wanted)
{
    viaduct::proxy_header header;
    if (!wanted.way.haproxy_client) return header;
    viaduct::error_code ec;
    auto const address = viaduct::net::ip::make_address(*wanted.way.haproxy_client, ec);
    if (ec)
        throw failure{CURLE_BAD_FUNCTION_ARGUMENT,
                      fmt::format("--haproxy-clientip '{}': this is no address", *wanted.way.haproxy_client)};
    header.source = viaduct::net::ip::tcp::endpoint{address, 0};
    return header;
}

} // namespace

certificate_and_password split_certificate(operation const& wanted)
{
    auto const given = wanted.identity.certificate.value_or("");
    auto const colon = std::min(given.find(':'), given.size());
    auto const behind = given.substr(std::min(colon + 1, given.size()));
    return {given.substr(0, colon), wanted.identity.key_password.value_or(behind)};
}

std::shared_ptr<viaduct::tls_connector> make_tls(operation const& wanted)
{
#if defined(VIADUCT_CURL_OPENSSL)
    viaduct::error_code ec;
    viaduct::tls_option_problem problem;
    auto made = viaduct::make_tls_connector(tls_options(wanted), ec, &problem);
    if (!ec) return made;
    throw failure{exit_code_of(ec), fmt::format("{}: '{}': {}", ec.message(), problem.what, problem.detail)};
#else
    static_cast<void>(wanted);
    throw failure{CURLE_NOT_BUILT_IN, "Unsupported proxy: this viaduct-curl was built without OpenSSL"};
#endif
}

std::string default_user_agent()
{
    return fmt::format("viaduct-curl/{}", viaduct::version);
}

viaduct::connect_options make_connect_options(operation const& wanted)
{
    viaduct::connect_options options;
    options.user_agent = wanted.request.user_agent.value_or(default_user_agent());
    options.minor_version = wanted.way.http_1_0 ? 0 : 1;
    options.max_body = wanted.answer.connect_body || wanted.answer.json ? max_refusal : 0;
    for (auto const& line : wanted.way.proxy_headers) {
        try {
            add_line(options, line);
        } catch (viaduct::system_error const& e) {
            throw failure{CURLE_BAD_FUNCTION_ARGUMENT,
                          fmt::format("--proxy-header '{}': {}", line.substr(0, line.find_first_of(":;")),
                                      e.code().message())};
        }
    }
    return options;
}

viaduct::dialer_options make_dialer_options(operation const& wanted, viaduct::proxy_list const& ways,
                                            known_proxies& known)
{
    viaduct::dialer_options options;
    options.proxies.proxies = ways;
    options.connect = make_connect_options(wanted);
    choose_schemes(wanted, options, known);
    if (has_https(ways)) options.tls = make_tls(wanted);
    if (wanted.way.haproxy_protocol || wanted.way.haproxy_client) options.header = make_header(wanted);
    return options;
}

} // namespace viaduct_curl
