#ifndef VIADUCT_IMPL_SERVER_TUNNEL_RECORDS_IPP
#define VIADUCT_IMPL_SERVER_TUNNEL_RECORDS_IPP

#include <viaduct/detail/request_id.hpp>
#include <viaduct/http/redaction.hpp>
#include <viaduct/impl/server/record_parts.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/tunnel_records.hpp>

namespace viaduct {
namespace detail {

/// Who is to blame that no valid head came: a client that left, or we, who did not want what it sent.
[[nodiscard]] inline tunnel_party who_ended_arrival(error_code why, unsigned answered)
{
    bool const left = why == errc::client_closed_before_head || why == net::error::connection_reset ||
                      why == net::error::eof;
    return left && answered == 0 ? tunnel_party::client : tunnel_party::proxy;
}

} // namespace detail

VIADUCT_DECL tunnel_record unread_record(connection_facts const& from, connect_request const& head,
                                         error_code why)
{
    tunnel_record record;
    record.id = detail::next_request_id();
    detail::set_connection(record, from.client, from.listener, from.tls);
    detail::set_endpoint(record.connection, record.connection_port, from.peer);
    detail::set_endpoint(record.local, record.local_port, from.local);
    record.status = head.answered_status;
    if (record.status != 0) { // as in Squid's log: what was not a whole head, and got no answer, is nameless
        record.method = head.method;
        record.target = target_without_user(head.target_text);
        record.minor_version = head.minor_version;
        record.times.answered = detail::since(from.accepted, head.read_at);
    }
    record.head_size = head.head_size;
    if (head.complete) {
        record.request_fields = without_secrets(head.fields.list());
        record.trace = detail::trace_of(head.fields);
        record.times.head = detail::since(from.accepted, head.read_at);
    }
    record.outcome = why == errc::method_not_connect ? request_outcome::denied : request_outcome::unread;
    record.ended_by = detail::who_ended_arrival(why, head.answered_status);
    record.error = why;
    record.answer_size = record.bytes_to_client = head.answer_size;
    record.answer_head = head.answer_size - head.answer_content;
    if (record.status >= 300) {
        record.content_type = refusal::content_type;
        record.proxy_error = proxy_error_of(why);
    }
    detail::set_end(record, from.accepted);
    return record;
}

} // namespace viaduct

#endif
