#include "listener_options.hpp"

#include "directive_match.hpp"
#include "tls_files.hpp"
#include "words.hpp"

#include <algorithm>
#include <utility>

namespace viaduct_proxy {
namespace {

constexpr char default_port[] = "127.0.0.1:3128";

} // namespace

void listener_options::declare(CLI::App& app)
{
    flag_group flags{app, "Listeners"};
    flags.list("--http-port", http_ports_, "ADDRESS:PORT",
               std::string{"Listen there; port 0 takes a free one ["} + default_port +
                   ", if there is no other]");
    flags.list("--https-port", https_ports_, "ADDRESS:PORT",
               "The same with TLS, for clients of https:// proxies");
    flags.text("--tls-cert", tls_.certificate, "FILE", "PEM: the certificate for it, and then its chain");
    flags.text("--tls-key", tls_.key, "FILE", "PEM: its key, if the same file does not hold it");
    flags.text("--tls-client-ca", tls_.client_ca, "FILE", "PEM: who signs the certificates of clients");
    flags.text("--tls-client-cert", tls_.client_certificate, "none|optional|required",
               "Whether clients show one [required, if --tls-client-ca is there]");
    flags.list("--management-port", management_ports_, "ADDRESS:PORT",
               "Only for the proxy's own pages: /metrics, /healthz, /readyz, /tunnels; open until the last "
               "tunnel has ended");
    flags.list(
        "--proxy-protocol-from", balancers_, "CIDR",
        "Every connection comes from these, and begins with a PROXY protocol header; others are closed");
}

void listener_options::take(directive_match& line)
{
    line.each("http_port",
              [this](typed const& what) { squid_ports_.push_back(read_squid_port(what, false)); })
        .each("https_port",
              [this](typed const& what) { squid_ports_.push_back(read_squid_port(what, true)); })
        .list("proxy_protocol_access", proxy_protocol_access_)
        .list("management_port", management_ports_);
}

void listener_options::refuse_idle_flags() const
{
    if (!https_ports_.empty()) return;
    for (auto const* value : {&tls_.certificate, &tls_.key, &tls_.client_ca, &tls_.client_certificate})
        if (*value) reject(**value, "there is no --https-port that it could be for");
}

/// All ports, those of the file and those of the command line.
std::vector<listener_port> listener_options::ports() const
{
    auto all = squid_ports_;
    auto const add = [&](typed const& what, bool has_tls) {
        all.push_back(
            {what, to_endpoint(what.where(), what.value), what.value, has_tls, !balancers_.empty(), tls_});
    };
    for (auto const& each : http_ports_)
        add(each, false);
    for (auto const& each : https_ports_)
        add(each, true);
    return all;
}

/// From whom a PROXY protocol header is believed.
viaduct::proxy_protocol_in listener_options::trusted(std::shared_ptr<viaduct::policy> const& rules) const
{
    viaduct::proxy_protocol_in in;
    for (auto const& each : balancers_)
        in.trusted.push_back(to_block(each.where(), each.value));
    if (proxy_protocol_access_.empty()) return in;
    auto& list = rules->others["proxy_protocol_access"];
    for (auto const& each : proxy_protocol_access_)
        add_rule(list, rules->acls, each, split_plain(each));
    in.trusts = [rules, &list](viaduct::net::ip::tcp::endpoint const& from,
                               viaduct::net::ip::tcp::endpoint const& to) {
        viaduct::authority const nowhere{"invalid", 1}; // nothing has been asked for yet
        viaduct::request_facts facts;
        facts.target = &nowhere;
        facts.client = from;
        facts.local = to;
        return list.decide(facts).what == viaduct::verdict::kind::allow;
    };
    return in;
}

void listener_options::apply(proxy_options& to, std::shared_ptr<viaduct::policy> const& rules) const
{
    refuse_idle_flags();
    auto& listen = to.service.listen;
    tls_files files;
    for (auto const& port : ports()) {
        auto& added = listen.emplace_back(port.endpoint);
        added.name = port.name;
        if (port.has_tls) added.tls = files.acceptor_for(port);
        added.liveness = port.liveness;
        if (port.requires_proxy_header) added.proxy_protocol = trusted(rules);
    }
    to.listens_by_default = listen.empty();
    if (listen.empty()) {
        listen.emplace_back(to_endpoint("--http-port", default_port)).name = default_port;
        if (!balancers_.empty()) listen.back().proxy_protocol = trusted(rules);
    }
    for (auto const& each : management_ports_) {
        auto& added = listen.emplace_back(to_endpoint(each.where(), each.value));
        added.name = "management";
        added.pages_only = true;
    }
}

} // namespace viaduct_proxy
