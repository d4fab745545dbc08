#include "path/teller.hpp"

#include "path/address_text.hpp"
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/http/content_length.hpp>

#include <fmt/format.h>

namespace viaduct_curl {

void teller::on_resolving(moment const&, viaduct::authority const& whom)
{
    stop_ = whom.host();
}

void teller::on_connecting(moment const&, endpoint const& to)
{
    log_.note(fmt::format("  Trying {}...", address_and_port(to)));
}

void teller::on_connect_failed(moment const&, endpoint const& to, error_code why)
{
    log_.note(
        fmt::format("connect to {} port {} failed: {}", to.address().to_string(), to.port(), why.message()));
}

void teller::on_connected(moment const&, endpoint const& remote, endpoint const&)
{
    ++connects_;
    log_.connected();
    log_.note(
        fmt::format("Connected to {} ({}) port {}", stop_, remote.address().to_string(), remote.port()));
}

void teller::on_secured(moment const&, viaduct::tls_facts const& facts, error_code ec)
{
    if (ec) return;
    log_.note(fmt::format("SSL connection to the proxy using {} / {}", facts.protocol, facts.cipher));
    if (!facts.alpn.empty()) log_.note(fmt::format("ALPN: proxy accepted {}", facts.alpn));
    log_.note(fmt::format("Proxy certificate: {}, {}", facts.subject,
                          facts.verify_result == 0 ? "verified" : "not to be trusted"));
}

void teller::on_asking(moment const& now, viaduct::authority const& target)
{
    if (now.proxy.starts_with("socks"))
        return log_.note(fmt::format("{} connect to {}", socks_version(now.proxy), target.text()));
    target_ = target.text();
    is_announced_ = false;
    announce();
}

/// curl says it in front of each request, of those with another set of credentials as well.
void teller::announce()
{
    if (is_announced_) return;
    log_.note(fmt::format("Establishing HTTP proxy tunnel to {}", target_));
    is_announced_ = true;
}

std::string teller::user_of(moment const& now) const
{
    auto const& way = ways_[now.way];
    auto const& who = now.hop < way.size() ? way[now.hop].who : std::nullopt;
    return who ? fmt::format(" with user '{}'", who->user) : "";
}

void teller::on_authorizing(moment const& now, std::string_view scheme)
{
    announce();
    log_.note(fmt::format("Proxy auth using {}{}", scheme, user_of(now)));
}

void teller::on_request(moment const&, viaduct::redacted_request const& request)
{
    announce();
    is_announced_ = false;
    request_size_ += request.size();
    log_.sent(request.text());
}

void teller::on_answer(moment const&, std::string_view head, viaduct::connect_reply const& reply, error_code)
{
    if (!head.empty()) log_.received(head);
    if (reply.status != 407) return;
    auto const fields = reply.fields.list();
    if (fields.has_token("Transfer-Encoding", "chunked"))
        log_.note("Ignore chunked response-body");
    else if (auto const length = viaduct::content_length(fields))
        log_.note(fmt::format("Ignore {} bytes of response-body", *length));
}

void teller::on_reconnecting(moment const&)
{
    log_.note("Connect me again please");
}

void teller::on_failed(moment const&, viaduct::connect_failure const& what)
{
    auto const& detail = what.report.reply.auth_detail;
    if (!detail.empty()) log_.note(fmt::format("No answer to the proxy's challenge: {}", detail));
}

void teller::on_established(moment const&, viaduct::dial_report const& report)
{
    if (report.reply.status == 0) return;
    log_.note("CONNECT phase completed");
    log_.note(fmt::format("CONNECT tunnel established, response {}", report.reply.status));
}

} // namespace viaduct_curl
