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

/// Where it came from, and when.
inline void set_arrival(tunnel_record& record, connection_facts const& from, connect_request const& head)
{
    record.id = next_request_id();
    set_connection(record, from.client, from.listener, from.tls);
    set_endpoint(record.connection, record.connection_port, from.peer);
    set_endpoint(record.local, record.local_port, from.local);
    record.head_size = head.head_size;
    if (!head.complete) return;
    record.request_fields = without_secrets(head.fields.list());
    record.trace = trace_of(head.fields);
    record.times.head = since(from.accepted, head.read_at);
}

} // namespace detail

VIADUCT_DECL tunnel_record page_record(connection_facts const& from, connect_request const& head)
{
    tunnel_record record;
    detail::set_arrival(record, from, head);
    record.method = head.method;
    record.target = target_without_user(std::string_view{head.target_text}.substr(
        0, head.target_text.find('?'))); // a query may hold anything
    record.minor_version = head.minor_version;
    record.outcome = request_outcome::denied; // unless it turns out otherwise
    record.phase = request_phase::decision;
    record.ended_by = tunnel_party::proxy;
    detail::set_end(record, from.accepted);
    return record;
}

VIADUCT_DECL tunnel_record unread_record(connection_facts const& from, connect_request const& head,
                                         error_code why)
{
    tunnel_record record;
    detail::set_arrival(record, from, head);
    record.status = head.answered_status;
    if (record.status != 0) { // as in Squid's log: what was not a whole head, and got no answer, is nameless
        record.method = head.method;
        record.target = target_without_user(head.target_text);
        record.minor_version = head.minor_version;
        record.times.answered = detail::since(from.accepted, head.read_at);
    }
    bool const is_other_method = why == errc::method_not_connect || why == errc::method_not_allowed;
    record.outcome = is_other_method ? request_outcome::denied : request_outcome::unread;
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
