#ifndef VIADUCT_IMPL_LOG_ENVOY_COMMANDS_HPP
#define VIADUCT_IMPL_LOG_ENVOY_COMMANDS_HPP

#include <viaduct/impl/log/envoy_values.hpp>

#include <string_view>

namespace viaduct::detail {

/// What may stand in the parentheses of a command.
enum class envoy_argument : unsigned char
{
    none,
    time,        ///< May be there: a pattern.
    optional,    ///< May be there, and means nothing here.
    required,    ///< Must be there, and means nothing here.
    fields,      ///< Must be there: one name, or two.
    environment, ///< Must be there: the name of a variable.
};

struct envoy_command
{
    std::string_view name;
    envoy_value value;
    envoy_argument argument = envoy_argument::none;
};

namespace envoy_values {

using record = tunnel_record;
inline constexpr envoy_value client = endpoint<&record::client, &record::client_port>;
inline constexpr envoy_value client_port = port<&record::client, &record::client_port>;
inline constexpr envoy_value local = endpoint<&record::local, &record::local_port>;
inline constexpr envoy_value local_port = port<&record::local, &record::local_port>;
inline constexpr envoy_value peer = endpoint<&record::peer, &record::peer_port>;
inline constexpr envoy_value peer_port = port<&record::peer, &record::peer_port>;
inline constexpr envoy_value outgoing = endpoint<&record::outgoing, &record::outgoing_port>;
inline constexpr envoy_value outgoing_port = port<&record::outgoing, &record::outgoing_port>;
inline constexpr envoy_value client_tls = failure_of_tls<errc::client_tls_failed, errc::client_tls_timeout>;
inline constexpr envoy_value proxy_tls = failure_of_tls<errc::tls_unavailable, errc::tls_option_invalid>;

/// Those that a tunnel has a value for, sometimes at least.
inline constexpr envoy_command commands[] = {
    {"START_TIME", start_time<false>, envoy_argument::time},
    {"START_TIME_LOCAL", start_time<true>, envoy_argument::time},
    {"EMIT_TIME", emit_time<false>, envoy_argument::time},
    {"EMIT_TIME_LOCAL", emit_time<true>, envoy_argument::time},
    {"REQ", request, envoy_argument::fields},
    {"REQ_WITHOUT_QUERY", request, envoy_argument::fields},
    {"RESP", answer, envoy_argument::fields},
    {"PROTOCOL", protocol},
    {"RESPONSE_CODE", response_code},
    {"RESPONSE_CODE_DETAILS", response_code_details, envoy_argument::optional},
    {"RESPONSE_FLAGS", flags},
    {"RESPONSE_FLAGS_LONG", long_flags},
    {"CONNECTION_TERMINATION_DETAILS", termination_details},
    {"UPSTREAM_TRANSPORT_FAILURE_REASON", proxy_tls},
    {"DOWNSTREAM_TRANSPORT_FAILURE_REASON", client_tls},
    {"BYTES_RECEIVED", received},
    {"BYTES_SENT", sent},
    {"REQUEST_HEADERS_BYTES", count<&record::head_size>},
    {"RESPONSE_HEADERS_BYTES", count<&record::answer_head>},
    {"DOWNSTREAM_WIRE_BYTES_RECEIVED", wire_received},
    {"DOWNSTREAM_WIRE_BYTES_SENT", count<&record::bytes_to_client>},
    {"DOWNSTREAM_HEADER_BYTES_RECEIVED", count<&record::head_size>},
    {"DOWNSTREAM_HEADER_BYTES_SENT", count<&record::answer_head>},
    {"UPSTREAM_WIRE_BYTES_RECEIVED", from_upstream},
    {"UPSTREAM_WIRE_BYTES_SENT", count<&record::bytes_from_client>},
    {"DURATION", duration},
    {"REQUEST_DURATION", moment_of<&request_times::head>},
    {"RESPONSE_DURATION", moment_of<&request_times::first_from_upstream>},
    {"RESPONSE_TX_DURATION", response_tx_duration},
    {"UPSTREAM_CONNECTION_POOL_READY_DURATION", moment_of<&request_times::connected>},
    {"UPSTREAM_HOST", peer},
    {"UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT", hosts_attempted},
    {"UPSTREAM_CLUSTER", cluster},
    {"UPSTREAM_CLUSTER_RAW", cluster},
    {"UPSTREAM_REMOTE_ADDRESS", peer},
    {"UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", text<&record::peer>},
    {"UPSTREAM_REMOTE_PORT", peer_port},
    {"UPSTREAM_LOCAL_ADDRESS", outgoing},
    {"UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", text<&record::outgoing>},
    {"UPSTREAM_LOCAL_PORT", outgoing_port},
    {"UPSTREAM_REQUEST_ATTEMPT_COUNT", attempts},
    {"DOWNSTREAM_REMOTE_ADDRESS", client},
    {"DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", text<&record::client>},
    {"DOWNSTREAM_REMOTE_PORT", client_port},
    {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS", direct_endpoint},
    {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", direct_address},
    {"DOWNSTREAM_DIRECT_REMOTE_PORT", direct_port},
    {"DOWNSTREAM_LOCAL_ADDRESS", local},
    {"DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", text<&record::local>},
    {"DOWNSTREAM_LOCAL_PORT", local_port},
    {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS", local},
    {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT", text<&record::local>},
    {"DOWNSTREAM_DIRECT_LOCAL_PORT", local_port},
    {"REQUESTED_SERVER_NAME", tls<&tls_of_client::server_name>, envoy_argument::optional},
    {"DOWNSTREAM_PEER_SUBJECT", tls<&tls_of_client::subject>},
    {"DOWNSTREAM_TLS_CIPHER", tls<&tls_of_client::cipher>},
    {"DOWNSTREAM_TLS_VERSION", tls<&tls_of_client::protocol>},
    {"ROUTE_NAME", option<&envoy_options::route>},
    {"FILTER_CHAIN_NAME", text<&record::listener>},
    {"HOSTNAME", option<&envoy_options::hostname>},
    {"CONNECTION_ID", connection_id},
    {"STREAM_ID", connection_id},
    {"TRACE_ID", trace_id},
    {"ACCESS_LOG_TYPE", log_type},
    {"ENVIRONMENT", nothing, envoy_argument::environment},
};

/// Those that never have one.
inline constexpr envoy_command empty_commands[] = {
    {"TRAILER", nothing, envoy_argument::required},
    {"DYNAMIC_METADATA", nothing, envoy_argument::required},
    {"CLUSTER_METADATA", nothing, envoy_argument::required},
    {"UPSTREAM_METADATA", nothing, envoy_argument::required},
    {"METADATA", nothing, envoy_argument::required},
    {"FILTER_STATE", nothing, envoy_argument::required},
    {"UPSTREAM_FILTER_STATE", nothing, envoy_argument::required},
    {"CEL", nothing, envoy_argument::required},
    {"QUERY_PARAM", nothing, envoy_argument::required},
    {"QUERY_PARAMS", nothing, envoy_argument::optional},
    {"COMMON_DURATION", nothing, envoy_argument::required},
    {"GRPC_STATUS", nothing, envoy_argument::optional},
    {"PATH", nothing, envoy_argument::optional},
    {"COALESCE", nothing, envoy_argument::required},
    {"GRPC_STATUS_NUMBER", nothing},
    {"VIRTUAL_CLUSTER_NAME", nothing},
    {"UPSTREAM_PROTOCOL", nothing},
    {"REQUEST_TX_DURATION", nothing},
    {"RESPONSE_TRAILERS_BYTES", nothing},
    {"UPSTREAM_HEADER_BYTES_SENT", nothing},
    {"UPSTREAM_HEADER_BYTES_RECEIVED", nothing},
    {"UPSTREAM_HOST_NAME", nothing},
    {"UPSTREAM_HOST_NAME_WITHOUT_PORT", nothing},
    {"UPSTREAM_HOSTS_ATTEMPTED", nothing},
    {"UPSTREAM_HOST_NAMES_ATTEMPTED", nothing},
    {"UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT", nothing},
    {"UPSTREAM_CONNECTION_ID", nothing},
    {"UPSTREAM_CONNECTION_IDS_ATTEMPTED", nothing},
    {"UPSTREAM_LOCAL_CLOSE_REASON", nothing},
    {"UPSTREAM_DETECTED_CLOSE_TYPE", nothing},
    {"DOWNSTREAM_LOCAL_CLOSE_REASON", nothing},
    {"DOWNSTREAM_DETECTED_CLOSE_TYPE", nothing},
    {"DOWNSTREAM_LOCAL_URI_SAN", nothing},
    {"DOWNSTREAM_LOCAL_DNS_SAN", nothing},
    {"DOWNSTREAM_LOCAL_IP_SAN", nothing},
    {"DOWNSTREAM_LOCAL_EMAIL_SAN", nothing},
    {"DOWNSTREAM_LOCAL_OTHERNAME_SAN", nothing},
    {"DOWNSTREAM_LOCAL_SUBJECT", nothing},
    {"DOWNSTREAM_PEER_URI_SAN", nothing},
    {"DOWNSTREAM_PEER_DNS_SAN", nothing},
    {"DOWNSTREAM_PEER_IP_SAN", nothing},
    {"DOWNSTREAM_PEER_EMAIL_SAN", nothing},
    {"DOWNSTREAM_PEER_OTHERNAME_SAN", nothing},
    {"DOWNSTREAM_PEER_ISSUER", nothing},
    {"DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1", nothing},
    {"DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256", nothing},
    {"DOWNSTREAM_PEER_CHAIN_SERIALS", nothing},
    {"DOWNSTREAM_PEER_FINGERPRINT_1", nothing},
    {"DOWNSTREAM_PEER_FINGERPRINT_256", nothing},
    {"DOWNSTREAM_PEER_SERIAL", nothing},
    {"DOWNSTREAM_PEER_CERT", nothing},
    {"DOWNSTREAM_PEER_CERT_V_START", nothing, envoy_argument::time},
    {"DOWNSTREAM_PEER_CERT_V_END", nothing, envoy_argument::time},
    {"DOWNSTREAM_TLS_SESSION_ID", nothing},
    {"UPSTREAM_LOCAL_URI_SAN", nothing},
    {"UPSTREAM_LOCAL_DNS_SAN", nothing},
    {"UPSTREAM_LOCAL_IP_SAN", nothing},
    {"UPSTREAM_LOCAL_SUBJECT", nothing},
    {"UPSTREAM_PEER_URI_SAN", nothing},
    {"UPSTREAM_PEER_DNS_SAN", nothing},
    {"UPSTREAM_PEER_IP_SAN", nothing},
    {"UPSTREAM_PEER_SUBJECT", nothing},
    {"UPSTREAM_PEER_ISSUER", nothing},
    {"UPSTREAM_PEER_CERT", nothing},
    {"UPSTREAM_PEER_CERT_V_START", nothing, envoy_argument::time},
    {"UPSTREAM_PEER_CERT_V_END", nothing, envoy_argument::time},
    {"UPSTREAM_TLS_SESSION_ID", nothing},
    {"UPSTREAM_TLS_CIPHER", nothing},
    {"UPSTREAM_TLS_VERSION", nothing},
    {"TLS_JA3_FINGERPRINT", nothing},
    {"TLS_JA4_FINGERPRINT", nothing},
    {"LOCAL_REPLY_BODY", nothing},
    {"UNIQUE_ID", nothing},
    {"SPAN_ID", nothing},
    {"CUSTOM_FLAGS", nothing},
};

} // namespace envoy_values
} // namespace viaduct::detail

#endif
