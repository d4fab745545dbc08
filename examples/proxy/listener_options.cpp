#include "listener_options.hpp"

#include "words.hpp"

#if defined(VIADUCT_PROXY_OPENSSL)
#include <viaduct/server/tls_server.hpp>
#endif

#include <utility>

namespace viaduct_proxy {
namespace {

constexpr char default_port[] = "127.0.0.1:3128";

#if defined(VIADUCT_PROXY_OPENSSL)
[[nodiscard]] viaduct::client_certificate to_wish(std::optional<std::string> const& typed, bool has_ca)
{
    if (!typed) return has_ca ? viaduct::client_certificate::required : viaduct::client_certificate::none;
    if (*typed == "none") return viaduct::client_certificate::none;
    if (!has_ca && (*typed == "optional" || *typed == "required"))
        reject("--tls-client-cert", *typed, "say with --tls-client-ca who signs them");
    if (*typed == "optional") return viaduct::client_certificate::optional;
    if (*typed == "required") return viaduct::client_certificate::required;
    reject("--tls-client-cert", *typed, "write none, optional or required");
}

/// Which flag an error of TLS is about.
[[nodiscard]] char const* flag_of(viaduct::error_code ec)
{
    if (ec == viaduct::errc::tls_key_invalid) return "--tls-key";
    return ec == viaduct::errc::tls_ca_invalid ? "--tls-client-ca" : "--tls-cert";
}

[[nodiscard]] std::string text_of(viaduct::error_code ec, viaduct::tls_option_problem const& problem)
{
    return "it cannot be used: " + (problem.detail.empty() ? ec.message() : problem.detail);
}

[[nodiscard]] std::string reload(viaduct::tls_server& tls)
{
    viaduct::error_code ec;
    viaduct::tls_option_problem problem;
    tls.reload(ec, &problem);
    return ec ? problem.what + ": " + text_of(ec, problem) : "";
}
#endif

} // namespace

void listener_options::declare(CLI::App& app)
{
    flag_group flags{app, "Listeners"};
    flags.list("--http-port", http_ports_, "ADDRESS:PORT",
               std::string{"Listen there; port 0 takes a free one ["} + default_port +
                   ", if there is no other]");
    flags.list("--https-port", https_ports_, "ADDRESS:PORT",
               "The same with TLS, for clients of https:// proxies");
    flags.text("--tls-cert", certificate_, "FILE", "PEM: the certificate for it, and then its chain");
    flags.text("--tls-key", key_, "FILE", "PEM: its key, if the same file does not hold it");
    flags.text("--tls-client-ca", client_ca_, "FILE", "PEM: who signs the certificates of clients");
    flags.text("--tls-client-cert", client_certificate_, "none|optional|required",
               "Whether clients show one [required, if --tls-client-ca is there]");
    flags.list(
        "--proxy-protocol-from", balancers_, "CIDR",
        "Every connection comes from these, and begins with a PROXY protocol header; others are closed");
}

void listener_options::refuse_idle_flags() const
{
    if (!https_ports_.empty()) return;
    for (auto const& [flag, value] :
         {std::pair{"--tls-cert", &certificate_}, std::pair{"--tls-key", &key_},
          std::pair{"--tls-client-ca", &client_ca_}, std::pair{"--tls-client-cert", &client_certificate_}})
        if (*value) reject(flag, **value, "there is no --https-port that it could be for");
}

std::shared_ptr<viaduct::tls_acceptor> listener_options::make_tls([[maybe_unused]] proxy_options& to) const
{
#if defined(VIADUCT_PROXY_OPENSSL)
    if (!certificate_)
        reject("--https-port", https_ports_.front(), "it needs a certificate: --tls-cert FILE");
    viaduct::tls_server_options options;
    options.certificate_file = *certificate_;
    options.key_file = key_.value_or("");
    options.client_ca_file = client_ca_.value_or("");
    options.client_certificate = to_wish(client_certificate_, client_ca_.has_value());
    viaduct::error_code ec;
    viaduct::tls_option_problem problem;
    auto const tls = viaduct::make_tls_acceptor(options, ec, &problem);
    if (ec) reject(flag_of(ec), problem.what, text_of(ec, problem));
    to.rereads.push_back({"--tls-cert " + *certificate_, [tls] { return reload(*tls); }});
    return tls;
#else
    lacks("--https-port", "OpenSSL");
#endif
}

std::optional<viaduct::proxy_protocol_in> listener_options::make_proxy_protocol() const
{
    if (balancers_.empty()) return std::nullopt;
    viaduct::proxy_protocol_in in;
    for (auto const& text : balancers_)
        in.trusted.push_back(to_block("--proxy-protocol-from", text));
    return in;
}

void listener_options::apply(proxy_options& to) const
{
    refuse_idle_flags();
    auto const add = [&to](char const* flag, std::string const& text) -> viaduct::service_listener& {
        auto& added = to.service.listen.emplace_back(to_endpoint(flag, text));
        added.name = text;
        return added;
    };
    for (auto const& text : http_ports_)
        add("--http-port", text);
    auto const tls = https_ports_.empty() ? nullptr : make_tls(to);
    for (auto const& text : https_ports_)
        add("--https-port", text).tls = tls;
    if (to.service.listen.empty()) add("--http-port", default_port);
    for (auto& each : to.service.listen)
        each.proxy_protocol = make_proxy_protocol();
}

} // namespace viaduct_proxy
