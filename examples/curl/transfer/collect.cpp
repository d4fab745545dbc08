#include "path/address_text.hpp"
#include "transfer/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <tuple>

// What a session learns for -w, from both halves of a request's life: its way and its transfer.

namespace viaduct_curl {
namespace {

[[nodiscard]] long get_long(CURL* from, CURLINFO what)
{
    long value = 0;
    curl_easy_getinfo(from, what, &value);
    return value;
}

[[nodiscard]] std::int64_t get_size(CURL* from, CURLINFO what)
{
    curl_off_t value = 0;
    curl_easy_getinfo(from, what, &value);
    return value;
}

[[nodiscard]] std::string get_text(CURL* from, CURLINFO what)
{
    char const* value = nullptr;
    curl_easy_getinfo(from, what, &value);
    return value ? value : "";
}

/// A time of libcurl's, which counts from `offset`; zero if it was not reached.
[[nodiscard]] report::duration get_time(CURL* from, CURLINFO what, report::duration offset)
{
    auto const microseconds = get_size(from, what);
    if (microseconds == 0) return {};
    return offset + std::chrono::microseconds{microseconds};
}

/// What a server that is busy asks for; it has no say beyond a few hours.
[[nodiscard]] std::chrono::seconds get_retry_after(CURL* from)
{
#if LIBCURL_VERSION_NUM >= 0x074200
    constexpr std::int64_t longest = 6 * 60 * 60;
    return std::chrono::seconds{std::clamp<std::int64_t>(get_size(from, CURLINFO_RETRY_AFTER), 0, longest)};
#else
    std::ignore = from;
    return {};
#endif
}

[[nodiscard]] std::string get_referer(CURL* from)
{
#if LIBCURL_VERSION_NUM >= 0x074c00
    return get_text(from, CURLINFO_REFERER);
#else
    std::ignore = from;
    return {};
#endif
}

[[nodiscard]] std::optional<std::int64_t> get_file_time(CURL* from)
{
    auto const seconds = get_size(from, CURLINFO_FILETIME_T);
    return seconds >= 0 ? std::optional{seconds} : std::nullopt;
}

[[nodiscard]] char const* version_name(long version)
{
    switch (version) {
    case CURL_HTTP_VERSION_1_0: return "1";
    case CURL_HTTP_VERSION_1_1: return "1.1";
    case CURL_HTTP_VERSION_2_0: return "2";
    case CURL_HTTP_VERSION_3: return "3";
    default: return "0";
    }
}

} // namespace

/// What the dial of the request under way has found out; times add up as libcurl's do.
void session::collect(path const& way)
{
    auto const& dialled = way.report();
    auto const since_start = [&](clock::duration at) {
        return at == at.zero() ? report::duration{} : report::duration{at + way.offset()};
    };
    report_.name_lookup += since_start(dialled.resolved);
    report_.connect += since_start(dialled.connected);
    report_.proxy_connect += since_start(dialled.secured);
    report_.tunnel += since_start(dialled.established);
    report_.connects += way.connects();
    report_.proxy_verify_result = dialled.tls.verify_result;
    if (!dialled.tls.protocol.empty())
        report_.proxy_tls = fmt::format("{} / {}", dialled.tls.protocol, dialled.tls.cipher);
    collect_attempts(way);
    if (dialled.connected == clock::duration::zero()) return;
    note_scheme();
    collect_addresses(way);
    if (way.request_size() > 0) collect_reply(way);
}

void session::collect_attempts(path const& way)
{
    for (auto const& one : way.report().attempts) {
        bool const is_connect = one.phase == viaduct::dial_phase::connect;
        report_.attempts.push_back({
            .phase = std::string{name_of(one.phase)},
            .hop = one.hop,
            .address = is_connect ? address_and_port(one.address) : "",
            .error = one.error ? one.error.message() : "",
            .scheme = one.scheme,
            .status = one.status,
            .at = one.at + way.offset() + (request_start_ - start_),
        });
    }
}

void session::collect_reply(path const& way)
{
    auto const& reply = way.report().reply;
    report_.connect_status = static_cast<long>(reply.status);
    report_.proxy_attempts += static_cast<long>(reply.attempts.size());
    if (!reply.attempts.empty()) report_.proxy_auth = reply.attempts.back().scheme;
    report_.connect_reason = reply.reason;
    report_.refusal_body = reply.body;
    report_.connect_fields.clear();
    for (auto const field : reply.fields)
        report_.connect_fields.emplace_back(field.name, field.value);
    report_.request_size += static_cast<std::int64_t>(way.request_size());
    report_.header_size += static_cast<std::int64_t>(reply.heads.size());
    report_.headers = static_cast<long>(std::distance(reply.fields.begin(), reply.fields.end()));
}

void session::collect_addresses(path const& way)
{
    auto const& dialled = way.report();
    report_.remote_ip = dialled.remote.address().to_string();
    report_.remote_port = dialled.remote.port();
    report_.local_ip = dialled.local.address().to_string();
    report_.local_port = dialled.local.port();
}

void session::collect(transfer const& t, clock::time_point began)
{
    auto* const from = t.handle();
    collect_head(from);
    report_.verify_result = get_long(from, CURLINFO_SSL_VERIFYRESULT);
    report_.content_type = get_text(from, CURLINFO_CONTENT_TYPE);
    report_.redirect_url = get_text(from, CURLINFO_REDIRECT_URL);
    report_.downloaded = get_size(from, CURLINFO_SIZE_DOWNLOAD_T);
    report_.uploaded = get_size(from, CURLINFO_SIZE_UPLOAD_T);
    report_.referer = get_referer(from);
    report_.header_size += get_long(from, CURLINFO_HEADER_SIZE);
    report_.request_size += get_long(from, CURLINFO_REQUEST_SIZE);
    report_.retry_after = get_retry_after(from);
    report_.condition_unmet = get_long(from, CURLINFO_CONDITION_UNMET) != 0;
    report_.file_time = get_file_time(from);
    collect_certificates(from);
    collect_times(from, began - request_start_);
    collect_rounds(from, began - start_);
    if (uses_tunnel_) return collect_tunnel(from);
    report_.connects += get_long(from, CURLINFO_NUM_CONNECTS);
    report_.connection_refused = get_long(from, CURLINFO_OS_ERRNO) == ECONNREFUSED;
    collect_connection(from);
}

/// Where nothing has come, what the redirect before it has said still stands, as in curl; a proxy's answer to
/// CONNECT takes the place of its status.
void session::collect_head(CURL* from)
{
    bool const has_come = report_.redirects == 0 || get_long(from, CURLINFO_HTTP_VERSION) != 0;
    report_.fields = answer_.fields();
    if (!no_tunnel_) report_.headers = static_cast<long>(report_.fields.size());
    if (has_come || has_dialled_) report_.status = get_long(from, CURLINFO_RESPONSE_CODE);
    if (has_come) report_.http_version = version_name(get_long(from, CURLINFO_HTTP_VERSION));
}

/// The same goes for the connection.
void session::collect_connection(CURL* from)
{
    auto const remote = get_text(from, CURLINFO_PRIMARY_IP);
    if (remote.empty()) return;
    report_.scheme = get_text(from, CURLINFO_SCHEME);
    report_.remote_ip = remote;
    report_.remote_port = get_long(from, CURLINFO_PRIMARY_PORT);
    report_.local_ip = get_text(from, CURLINFO_LOCAL_IP);
    report_.local_port = get_long(from, CURLINFO_LOCAL_PORT);
}

/// Times add up over the requests of a URL, each from its own start.
void session::collect_times(CURL* from, report::duration offset)
{
    report_.app_connect += get_time(from, CURLINFO_APPCONNECT_TIME_T, offset);
    report_.pre_transfer += get_time(from, CURLINFO_PRETRANSFER_TIME_T, offset);
    report_.start_transfer += get_time(from, CURLINFO_STARTTRANSFER_TIME_T, offset);
    if (has_dialled_) return;
    report_.name_lookup += get_time(from, CURLINFO_NAMELOOKUP_TIME_T, offset);
    report_.connect += get_time(from, CURLINFO_CONNECT_TIME_T, offset);
}

/// A request that is made again with credentials counts as a redirect, as libcurl counts it.
void session::collect_rounds(CURL* from, report::duration offset)
{
    auto const rounds = get_long(from, CURLINFO_REDIRECT_COUNT);
    if (rounds == 0) return;
    report_.redirects += rounds;
    report_.redirect = get_time(from, CURLINFO_REDIRECT_TIME_T, offset);
}

/// There is none before anybody is connected.
void session::note_scheme()
{
    report_.scheme = request_.to.is_https() ? "HTTPS" : "HTTP";
}

void session::collect_certificates(CURL* from)
{
    curl_certinfo* chain = nullptr;
    report_.certificates.clear();
    if (curl_easy_getinfo(from, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain) return;
    for (int i = 0; i < chain->num_of_certs; ++i) {
        auto& lines = report_.certificates.emplace_back();
        for (auto const* line = chain->certinfo[i]; line; line = line->next)
            lines.emplace_back(line->data);
    }
}

/// Where an earlier tunnel was used again, what is known of it.
void session::collect_tunnel(CURL* from)
{
    curl_socket_t used = CURL_SOCKET_BAD;
    curl_easy_getinfo(from, CURLINFO_ACTIVESOCKET, &used);
    auto const* const way = client_.open_tunnels().find(used);
    if (!way) return;
    note_scheme();
    collect_addresses(*way);
}

} // namespace viaduct_curl
