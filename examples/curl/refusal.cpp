#include "refusal.hpp"

#include <viaduct/detail/asio.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>

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
    known_failure{viaduct::errc::credentials_invalid, CURLE_BAD_FUNCTION_ARGUMENT,
                  "The proxy's user name or password holds a character that cannot be sent"},
    known_failure{viaduct::errc::field_value_invalid, CURLE_BAD_FUNCTION_ARGUMENT,
                  "The User-Agent holds a character that cannot be sent"},
};

[[nodiscard]] bool is_not_http(viaduct::error_code why)
{
    return why == viaduct::errc::status_line_malformed || why == viaduct::errc::version_unsupported;
}

} // namespace

failure describe_refusal(command_line const& command, viaduct::error_code why,
                         viaduct::connect_reply const& reply)
{
    if (reply.status != 0) {
        if (command.fail && reply.status >= 400)
            return {CURLE_HTTP_RETURNED_ERROR,
                    fmt::format("The requested URL returned error: {}", reply.status)};
        return {command.refused_exit, fmt::format("CONNECT tunnel failed, response {}", reply.status)};
    }
    if (is_not_http(why)) return {command.refused_exit, "CONNECT tunnel failed, response 0"};
    for (auto const& known : known_failures)
        if (why == known.cause) return {known.exit_code, known.message};
    bool const sending = why == viaduct::net::error::broken_pipe;
    if (sending) return {CURLE_SEND_ERROR, "Failed sending CONNECT to proxy"};
    return {CURLE_RECV_ERROR, fmt::format("Recv failure: {}", why.message())};
}

} // namespace viaduct_curl
