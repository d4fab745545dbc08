#include "path/dial_failure.hpp"

#include "path/address_text.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/http/content_length.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <string>

namespace viaduct_curl {
namespace {

struct known_failure
{
    viaduct::errc cause;
    int exit_code;
    char const* message;
};

constexpr std::array known_failures{
    known_failure{viaduct::errc::handshake_timeout, CURLE_OPERATION_TIMEDOUT,
                  "Proxy CONNECT aborted due to timeout"},
    known_failure{viaduct::errc::proxy_closed, CURLE_RECV_ERROR, "Proxy CONNECT aborted"},
    known_failure{viaduct::errc::start_line_too_long, CURLE_RECV_ERROR, "CONNECT response too large"},
    known_failure{viaduct::errc::field_line_too_long, CURLE_RECV_ERROR, "CONNECT response too large"},
    known_failure{viaduct::errc::head_too_large, CURLE_RECV_ERROR, "Too large response headers"},
    known_failure{viaduct::errc::too_many_fields, CURLE_RECV_ERROR, "Too many response headers"},
    known_failure{viaduct::errc::too_many_interim_responses, CURLE_RECV_ERROR,
                  "Too many interim responses to CONNECT"},
    known_failure{viaduct::errc::invalid_character_in_head, CURLE_WEIRD_SERVER_REPLY,
                  "Control character in header"},
    known_failure{viaduct::errc::field_without_colon, CURLE_WEIRD_SERVER_REPLY, "Header without colon"},
    known_failure{viaduct::errc::bare_cr, CURLE_WEIRD_SERVER_REPLY, "Carriage return found in header"},
    known_failure{viaduct::errc::field_name_invalid, CURLE_WEIRD_SERVER_REPLY, "Invalid header name"},
    known_failure{viaduct::errc::line_folded, CURLE_WEIRD_SERVER_REPLY, "Invalid folded header"},
    known_failure{viaduct::errc::credentials_unavailable, CURLE_AUTH_ERROR,
                  "There are no credentials for what the proxy offers"},
    known_failure{viaduct::errc::credentials_invalid, CURLE_BAD_FUNCTION_ARGUMENT,
                  "The proxy's user name or password holds a character that cannot be sent"},
    known_failure{viaduct::errc::field_value_invalid, CURLE_BAD_FUNCTION_ARGUMENT,
                  "The User-Agent holds a character that cannot be sent"},
};

[[nodiscard]] bool is_not_http(viaduct::error_code why)
{
    return why == viaduct::errc::status_line_malformed || why == viaduct::errc::version_unsupported;
}

[[nodiscard]] bool is_timeout(viaduct::error_code why)
{
    return why == viaduct::errc::dial_timeout || why == viaduct::errc::resolve_timeout ||
           why == viaduct::errc::connect_timeout || why == viaduct::errc::tls_timeout;
}

/// The host and the port of the proxy, or of the target where there is none.
[[nodiscard]] std::string host_of(viaduct::dial_report const& report)
{
    if (report.hop == "direct") return address_and_port(report.remote);
    auto const start = report.hop.find("://");
    return start == std::string::npos ? report.hop : report.hop.substr(start + 3);
}

[[nodiscard]] std::string name_of(viaduct::dial_report const& report)
{
    auto const host = host_of(report);
    return host.substr(0, host.rfind(':'));
}

/// A length that is none, or that is contradicted: where the answer ends cannot be known.
[[nodiscard]] bool has_bad_length(viaduct::connect_reply const& reply)
{
    auto const fields = reply.fields.list();
    return reply.status != 0 && fields.find("Content-Length") && !viaduct::content_length(fields) &&
           !fields.find("Transfer-Encoding");
}

[[nodiscard]] failure describe_refusal(operation const& wanted, viaduct::error_code why,
                                       viaduct::connect_reply const& reply)
{
    if (has_bad_length(reply) && wanted.way.refused_exit == CURLE_COULDNT_CONNECT)
        return {CURLE_WEIRD_SERVER_REPLY, "Unsupported Content-Length value"};
    if (reply.status != 0) {
        if (wanted.answer.fail && reply.status >= 400)
            return {CURLE_HTTP_RETURNED_ERROR,
                    fmt::format("The requested URL returned error: {}", reply.status)};
        return {wanted.way.refused_exit, fmt::format("CONNECT tunnel failed, response {}", reply.status)};
    }
    if (is_not_http(why)) return {wanted.way.refused_exit, "CONNECT tunnel failed, response 0"};
    for (auto const& known : known_failures)
        if (why == known.cause) return {known.exit_code, known.message};
    bool const sending = why == viaduct::net::error::broken_pipe;
    if (sending) return {CURLE_SEND_ERROR, "Failed sending CONNECT to proxy"};
    return {CURLE_RECV_ERROR, fmt::format("Recv failure: {}", why.message())};
}

[[nodiscard]] failure describe_connect(viaduct::connect_failure const& what, std::chrono::milliseconds after)
{
    if (is_timeout(what.error))
        return {CURLE_OPERATION_TIMEDOUT,
                fmt::format("Connection timed out after {} milliseconds", after.count())};
    auto const host = host_of(what.report);
    return {CURLE_COULDNT_CONNECT, fmt::format("Failed to connect to {} port {} after {} ms: {}",
                                               name_of(what.report), host.substr(host.rfind(':') + 1),
                                               after.count(), curl_easy_strerror(CURLE_COULDNT_CONNECT))};
}

/// curl has two clocks, and each has its own words for a proxy that does not answer.
[[nodiscard]] failure describe_late_answer(operation const& wanted, std::chrono::milliseconds after)
{
    using namespace std::chrono_literals;
    bool const is_whole =
        wanted.max_time > 0ms && (wanted.connect_timeout == 0ms || wanted.max_time <= wanted.connect_timeout);
    if (!is_whole) return {CURLE_OPERATION_TIMEDOUT, "Proxy CONNECT aborted due to timeout"};
    return {CURLE_OPERATION_TIMEDOUT,
            fmt::format("Connection timed out after {} milliseconds", after.count())};
}

/// What TLS 1.3 tells when the client believes to be through.
[[nodiscard]] failure describe_late_tls(std::string const& detail)
{
    bool const is_unknown = detail.find("certificate required") != std::string::npos;
    return {CURLE_RECV_ERROR,
            fmt::format("Recv failure: {}{}", detail, is_unknown ? "; see --proxy-cert" : "")};
}

[[nodiscard]] failure describe_tls(viaduct::connect_failure const& what)
{
    if (is_timeout(what.error)) return {CURLE_OPERATION_TIMEDOUT, "SSL connection timeout"};
    if (what.error == viaduct::errc::tls_verification_failed)
        return {CURLE_PEER_FAILED_VERIFICATION, fmt::format("SSL certificate problem of the proxy {}: {}",
                                                            host_of(what.report), what.report.tls.detail)};
    return {CURLE_SSL_CONNECT_ERROR,
            fmt::format("TLS connect error with the proxy {}: {}", host_of(what.report),
                        what.report.tls.detail.empty() ? what.error.message() : what.report.tls.detail)};
}

} // namespace

failure describe(operation const& wanted, viaduct::connect_failure const& what,
                 std::chrono::milliseconds after)
{
    switch (what.report.phase) {
    case viaduct::dial_phase::resolve:
        if (is_timeout(what.error))
            return {CURLE_OPERATION_TIMEDOUT,
                    fmt::format("Resolving timed out after {} milliseconds", after.count())};
        if (what.report.hop == "direct")
            return {CURLE_COULDNT_RESOLVE_HOST, "Could not resolve the URL's host"};
        return {CURLE_COULDNT_RESOLVE_PROXY,
                fmt::format("Could not resolve proxy: {}", name_of(what.report))};
    case viaduct::dial_phase::connect: return describe_connect(what, after);
    case viaduct::dial_phase::secure: return describe_tls(what);
    default: break;
    }
    if (is_timeout(what.error)) return describe_late_answer(wanted, after);
    if (what.error == viaduct::errc::tls_handshake_failed) return describe_late_tls(what.report.tls.detail);
    if (what.report.hop.starts_with("socks"))
        return {CURLE_PROXY, fmt::format("{} through {}: {}", socks_version(what.report.hop),
                                         host_of(what.report), what.error.message())};
    return describe_refusal(wanted, what.error, what.report.reply);
}

} // namespace viaduct_curl
