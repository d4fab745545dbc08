#ifndef VIADUCT_LOG_JSON_LINES_HPP
#define VIADUCT_LOG_JSON_LINES_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/record_format.hpp>

namespace viaduct {

/**
 * @file
 * Records as JSON, one object a line (RFC 8259). Each of these formats writes every member of a record that
 * is set, so all of them wish for everything. What holds for all:
 *
 * - empty text, empty lists, a time that never came, a port, a status or a size of 0 are left out, but the
 *   octets of both directions are always there;
 * - numbers are numbers; times whose names end in `_ms` are milliseconds with three decimals;
 * - all text is escaped by `escape::json`, so octets that are not UTF-8 become U+FFFD;
 * - fields of heads are lists of `Name: value`;
 * - errors are `error_name`s, and `state` is the `termination_state`;
 * - a loss of records is an object, too.
 */

/// Short names, for `jq`: most of them are those of `tunnel_record`.
/**
 * `time` (RFC 3339, when the record was made), `event`, `id`, `trace_id`, `span_id`, `sampled`, `client`,
 * `client_port`, `connection`, `connection_port`, `local`, `local_port`, `listener`, `tls`, `tls_cipher`,
 * `sni`, `tls_subject`, `method`, `target`, `http` (`1.1`), `request_fields`, `head_bytes`, `user`, `scheme`,
 * `rule`, `reported`, `outcome`, `resolved`, `tried`, `attempts`, `peer`, `peer_port`, `outgoing`,
 * `outgoing_port`, `hierarchy`, `parent`, `status`, `proxy_error`, `content_type`, `answer_fields`,
 * `answer_bytes`, `head_ms`, `decided_ms`, `connected_ms`, `answered_ms`, `first_from_client_ms`,
 * `first_from_upstream_ms`, `last_octet_ms`, `lookup_ms`, `connect_ms`, `bytes_to_client`,
 * `bytes_from_client`, `early_bytes`, `phase`, `ended_by`, `error`, `state`, `elapsed_ms`.
 *
 * A loss: `{"event":"loss","lost":12}`.
 */
[[nodiscard]] VIADUCT_DECL record_format_ptr json_flat();

/// The names of the Elastic Common Schema (8.11), with dots in them, as its logging libraries write them.
/**
 * The client is `source`, the target `destination`: `.domain` if it is a name, and `.ip` with the address
 * that it was reached by, unless through a parent. `event.duration` is in nanoseconds, as ECS has it. What
 * ECS has no name for stands under `viaduct.`. An address with a zone is left out of members that must be
 * addresses.
 */
[[nodiscard]] VIADUCT_DECL record_format_ptr json_ecs();

/// One log record of OpenTelemetry in an ExportLogsServiceRequest, as OTLP/HTTP takes it and as the file
/// receiver of its collector reads it.
/**
 * Attributes have the names of OpenTelemetry's semantic conventions, where there are such, else names under
 * `viaduct.`. As OTLP demands, integers of 64 bits are strings. The trace and the span are the client's.
 * Severity is INFO for what went well, WARN for a refusal or a failure, ERROR where a thing of ours is short
 * or broken.
 */
[[nodiscard]] VIADUCT_DECL record_format_ptr json_otlp();

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/json_lines.ipp>
#endif

#endif
