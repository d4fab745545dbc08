#include "tls_files.hpp"

#include "words.hpp"

#if defined(VIADUCT_PROXY_OPENSSL)
#include <viaduct/server/tls_server.hpp>
#endif

#include <algorithm>
#include <utility>

namespace viaduct_proxy {
#if defined(VIADUCT_PROXY_OPENSSL)
namespace {

[[nodiscard]] std::string text_of(std::optional<typed> const& wish)
{
    return wish ? wish->value : std::string{};
}

[[nodiscard]] viaduct::client_certificate to_wish(tls_wishes const& wishes)
{
    bool const has_ca = wishes.client_ca || wishes.client_ca_path;
    auto const& typed_wish = wishes.client_certificate;
    if (!typed_wish)
        return has_ca ? viaduct::client_certificate::required : viaduct::client_certificate::none;
    auto const& text = typed_wish->value;
    if (text == "none") return viaduct::client_certificate::none;
    if (!has_ca && (text == "optional" || text == "required"))
        reject(*typed_wish, "say with --tls-client-ca (clientca= in squid.conf) who signs them");
    if (text == "optional") return viaduct::client_certificate::optional;
    if (text == "required") return viaduct::client_certificate::required;
    reject(*typed_wish, "write none, optional or required");
}

/// Squid's `1.2` is OpenSSL's `TLSv1.2`.
[[nodiscard]] std::string to_version(std::optional<typed> const& wish)
{
    if (!wish || wish->value == "1.0" || wish->value == "1.1" || wish->value == "1.2") return "TLSv1.2";
    if (wish->value == "1.3") return "TLSv1.3";
    reject(*wish, "write tls-min-version=1.2 or tls-min-version=1.3");
}

[[nodiscard]] viaduct::tls_server_options to_options(tls_wishes const& wishes)
{
    viaduct::tls_server_options options;
    options.certificate_file = text_of(wishes.certificate);
    options.key_file = text_of(wishes.key);
    options.client_ca_file = text_of(wishes.client_ca);
    options.client_ca_path = text_of(wishes.client_ca_path);
    options.crl_file = text_of(wishes.crl);
    options.ciphers = text_of(wishes.ciphers);
    options.min_version = to_version(wishes.min_version);
    options.client_certificate = to_wish(wishes);
    return options;
}

/// Which wish an error of TLS is about.
[[nodiscard]] std::string place_of(viaduct::error_code ec, tls_wishes const& wishes)
{
    if (ec == viaduct::errc::tls_key_invalid && wishes.key) return wishes.key->where();
    if (ec == viaduct::errc::tls_ca_invalid && wishes.client_ca) return wishes.client_ca->where();
    return wishes.certificate->where();
}

[[nodiscard]] std::string text_of(viaduct::error_code ec, viaduct::tls_option_problem const& problem)
{
    return "it cannot be used: " + (problem.detail.empty() ? ec.message() : problem.detail);
}

} // namespace

std::shared_ptr<viaduct::tls_acceptor> tls_files::acceptor_for(listener_port const& port)
{
    auto const& wishes = port.tls;
    if (!wishes.certificate)
        reject(port.what, "it needs a certificate: --tls-cert FILE (tls-cert=FILE in squid.conf)");
    auto const options = to_options(wishes);
    std::vector<std::string> of{
        options.certificate_file, options.key_file,
        options.client_ca_file,   options.client_ca_path,
        options.crl_file,         options.ciphers,
        options.min_version,      std::to_string(static_cast<int>(options.client_certificate))};
    auto const known =
        std::find_if(made_.begin(), made_.end(), [&](auto const& each) { return each.of == of; });
    if (known != made_.end()) return known->tls;
    viaduct::error_code ec;
    viaduct::tls_option_problem problem;
    auto const tls = viaduct::make_tls_acceptor(options, ec, &problem);
    if (ec) reject(place_of(ec, wishes), problem.what, text_of(ec, problem));
    made_.push_back({std::move(of), tls});
    return tls;
}
#else
std::shared_ptr<viaduct::tls_acceptor> tls_files::acceptor_for(listener_port const& port)
{
    lacks(port.what.where(), "OpenSSL");
}
#endif

} // namespace viaduct_proxy
