#include "tell/json_report.hpp"

#include "tell/json_text.hpp"
#include "transfer/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <string_view>

namespace viaduct_curl {
namespace {

/// What may be told of a URL: all but who asks. An `@` behind its host is none of ours, unless nobody knows
/// where the host is.
[[nodiscard]] std::string shown(std::string const& url, report const& of)
{
    if (of.exit_code == CURLE_URL_MALFORMAT) return without_credentials(url);
    auto const scheme = url.find("://");
    auto const host = scheme == std::string::npos ? 0 : scheme + 3;
    auto const end = std::min(url.find_first_of("/?#", host), url.size());
    return without_credentials(url.substr(0, end)) + url.substr(end);
}

[[nodiscard]] std::string fields(std::vector<report::field> const& of)
{
    return json_list(of, [](report::field const& one) {
        return json_object{}.add_text("name", one.first).add_text("value", one.second).text();
    });
}

[[nodiscard]] std::string attempts(report const& r)
{
    return json_list(r.attempts, [](attempt_report const& one) {
        json_object made;
        made.add_text("phase", one.phase).add_text("hop", one.hop);
        if (!one.address.empty()) made.add_text("address", one.address);
        if (one.phase == "handshake")
            made.add_number("status", one.status).add_optional("scheme", one.scheme);
        return made.add_optional("error", one.error).add_seconds("at", one.at).text();
    });
}

/// The last answer to a CONNECT; null if none was sent.
[[nodiscard]] std::string connect(report const& r)
{
    if (r.proxy_attempts == 0) return "null";
    return json_object{}
        .add_number("status", r.connect_status)
        .add_text("reason", r.connect_reason)
        .add_optional("scheme", r.proxy_auth)
        .add_number("requests", r.proxy_attempts)
        .add("fields", fields(r.connect_fields))
        .add_optional("refusal", r.refusal_body)
        .text();
}

[[nodiscard]] std::string times(report const& r)
{
    return json_object{}
        .add_seconds("name_lookup", r.name_lookup)
        .add_seconds("connect", r.connect)
        .add_seconds("proxy_connect", r.proxy_connect)
        .add_seconds("tunnel", r.tunnel)
        .add_seconds("app_connect", r.app_connect)
        .add_seconds("pre_transfer", r.pre_transfer)
        .add_seconds("start_transfer", r.start_transfer)
        .add_seconds("redirect", r.redirect)
        .add_seconds("total", r.total)
        .text();
}

[[nodiscard]] std::string sizes(report const& r)
{
    return json_object{}
        .add_number("download", r.downloaded)
        .add_number("upload", r.uploaded)
        .add_number("headers", r.header_size)
        .add_number("requests", r.request_size)
        .text();
}

[[nodiscard]] std::string address(std::string const& ip, long port)
{
    return ip.empty() ? "null" : json_object{}.add_text("ip", ip).add_number("port", port).text();
}

[[nodiscard]] std::string tls(report const& r)
{
    return json_object{}
        .add_number("verify_result", r.verify_result)
        .add_number("proxy_verify_result", r.proxy_verify_result)
        .add_optional("proxy_session", r.proxy_tls)
        .text();
}

} // namespace

std::string json_report(report const& r)
{
    return json_object{}
        .add_text("url", shown(r.url, r))
        .add_text("effective_url", shown(r.effective_url, r))
        .add_number("url_number", r.number)
        .add_number("exit_code", r.exit_code)
        .add_optional("error", r.error)
        .add_optional("method", r.method)
        .add_number("status", r.status)
        .add_text("http_version", r.http_version)
        .add_optional("content_type", r.content_type)
        .add_optional("file", r.file_name)
        .add_number("redirects", r.redirects)
        .add_number("retries", r.retries)
        .add_number("connects", r.connects)
        .add_flag("proxy_used", r.proxy_used)
        .add("route", json_list(r.route, json_text))
        .add("connect", connect(r))
        .add("attempts", attempts(r))
        .add("times", times(r))
        .add("sizes", sizes(r))
        .add("remote", address(r.remote_ip, r.remote_port))
        .add("local", address(r.local_ip, r.local_port))
        .add("tls", tls(r))
        .text();
}

} // namespace viaduct_curl
