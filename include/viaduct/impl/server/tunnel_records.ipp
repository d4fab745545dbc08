#ifndef VIADUCT_IMPL_SERVER_TUNNEL_RECORDS_IPP
#define VIADUCT_IMPL_SERVER_TUNNEL_RECORDS_IPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/request_id.hpp>
#include <viaduct/http/redaction.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/tunnel_records.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

using steady_time = std::chrono::steady_clock::time_point;

/// An endpoint's two halves, unless it is nobody's.
inline void set_endpoint(std::string& address, std::uint16_t& port, net::ip::tcp::endpoint const& from)
{
    if (from.port() == 0) return;
    address = to_text(from.address());
    port = from.port();
}

/// Who is there, and what was spoken before HTTP.
inline void set_connection(tunnel_record& record, net::ip::tcp::endpoint const& client,
                           std::shared_ptr<std::string const> const& listener,
                           std::shared_ptr<tls_client_facts const> const& tls)
{
    record.client = to_text(client.address());
    record.client_port = client.port();
    if (listener) record.listener = *listener;
    if (tls) record.tls = {tls->protocol, tls->cipher, tls->server_name, tls->subject};
}

inline void set_end(tunnel_record& record, steady_time accepted)
{
    record.ended = std::chrono::system_clock::now();
    record.elapsed = std::chrono::steady_clock::now() - accepted;
}

/// Leaves out of a refused request's time what its client was given to go, or to ask again.
inline void set_end_back(tunnel_record& record, tunnel_record::duration answered)
{
    auto const late = record.elapsed - answered;
    record.ended -= std::chrono::duration_cast<std::chrono::system_clock::duration>(late);
    record.elapsed = answered;
}

[[nodiscard]] inline request_times::duration since(steady_time accepted, steady_time then)
{
    return then == steady_time{} ? request_times::never : then - accepted;
}

[[nodiscard]] inline std::optional<trace_context> trace_of(fields const& head)
{
    auto const value = head.find("traceparent");
    return value ? parse_traceparent(*value) : std::nullopt;
}

[[nodiscard]] inline std::vector<std::string> to_texts(std::vector<net::ip::address> const& addresses)
{
    std::vector<std::string> texts;
    for (auto const& each : addresses)
        texts.push_back(to_text(each));
    return texts;
}

/// Who is to blame that no valid head came: a client that left, or we, who did not want what it sent.
[[nodiscard]] inline tunnel_party who_ended_arrival(error_code why, unsigned answered)
{
    bool const left = why == errc::client_closed_before_head || why == net::error::connection_reset ||
                      why == net::error::eof;
    return left && answered == 0 ? tunnel_party::client : tunnel_party::proxy;
}

inline void set_rare(tunnel_record& record, rare_facts const& facts)
{
    record.user = facts.user;
    record.scheme = facts.scheme;
    record.parent = facts.parent;
    record.proxy_error = facts.proxy_error;
    record.trace = facts.trace;
    record.request_fields = facts.request_fields;
    record.answer_fields = facts.answer_fields;
    record.resolved = to_texts(facts.resolved);
    record.tried = to_texts(facts.tried);
    set_endpoint(record.connection, record.connection_port, facts.connection);
    set_endpoint(record.local, record.local_port, facts.local);
    set_endpoint(record.outgoing, record.outgoing_port, facts.outgoing);
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
        record.target = head.target_text;
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

VIADUCT_DECL tunnel_facts::tunnel_facts(request const& asked, record_wishes wanted)
    : client{asked.client()},
      target{asked.head().target_text},
      listener{asked.connection().listener},
      tls{asked.connection().tls},
      accepted{asked.accepted()},
      id{detail::next_request_id()},
      head_size{static_cast<std::uint32_t>(asked.head().head_size)},
      wishes{wanted},
      minor_version{asked.head().minor_version != 0}
{
    auto const read = asked.head().read_at;
    if (read != detail::steady_time{}) times.head = short_time{read - accepted};
    if (wishes.fields) rare().request_fields = without_secrets(asked.head().fields.list());
    if (wishes.addresses) rare().local = asked.connection().local;
    if (asked.connection().peer != client) rare().connection = asked.connection().peer;
    if (auto trace = detail::trace_of(asked.head().fields)) rare().trace = std::move(trace);
}

VIADUCT_DECL rare_facts& tunnel_facts::rare()
{
    if (!more) more = std::make_unique<rare_facts>();
    return *more;
}

/// What cannot be reached is the upstream's fault, unless we did not want to reach it.
VIADUCT_DECL void tunnel_facts::on_refused(refusal const& answer, error_code why)
{
    bool const sought = phase == request_phase::resolving || phase == request_phase::connecting;
    bool const is_parents = !answer.next_hop.empty();
    bool const is_ours = !is_parents && (why == errc::destination_prohibited || answer.status < 500);
    ended_by = sought && !is_ours ? tunnel_party::upstream : tunnel_party::proxy;
    bool const allowed = static_cast<bool>(times.decided);
    if (!allowed) on_allowed(); // it was decided, all the same
    if (!allowed || (answer.status < 500 && !is_parents)) outcome = request_outcome::denied;
    status = static_cast<std::uint16_t>(answer.status);
    if (wishes.fields) rare().answer_fields = answer.fields;
    if (!answer.proxy_error.empty()) rare().proxy_error = answer.proxy_error;
    answer_content = static_cast<std::uint32_t>(answer.content.size());
    times.answered = since_accepted();
}

VIADUCT_DECL void tunnel_facts::on_accepted(std::size_t octets)
{
    phase = request_phase::answering;
    status = 200;
    answer_size = static_cast<std::uint32_t>(octets);
}

VIADUCT_DECL void tunnel_facts::on_open(net::ip::tcp::socket const& from_client)
{
    phase = request_phase::tunnel;
    times.answered = since_accepted();
    bytes_to_client = answer_size;
    error_code ignored;
    if (wishes.early) early_bytes = from_client.available(ignored);
}

/// Nobody else gives up a request, or keeps a 200 from arriving.
VIADUCT_DECL void tunnel_facts::on_end(error_code why)
{
    if (ended_by != tunnel_party::nobody) return;
    ended_by = why == net::error::operation_aborted ? tunnel_party::proxy : tunnel_party::client;
}

VIADUCT_DECL void tunnel_facts::on_relayed(relay_result const& result)
{
    auto const side = result.broken != relay_side::none ? result.broken : result.first_to_end;
    bool const is_ours = result.end == relay_end::timed_out || result.end == relay_end::cancelled;
    if (is_ours || side == relay_side::none)
        ended_by = tunnel_party::proxy;
    else
        ended_by = side == relay_side::a ? tunnel_party::client : tunnel_party::upstream;
}

VIADUCT_DECL tunnel_record tunnel_facts::record(record_event event, error_code why) const
{
    tunnel_record record;
    record.event = event;
    record.id = id;
    detail::set_connection(record, client, listener, tls);
    detail::set_endpoint(record.connection, record.connection_port, client); // unless it is rare
    record.method = "CONNECT";
    record.target = target;
    record.minor_version = minor_version ? 1 : 0;
    record.head_size = head_size;
    record.rule = rule;
    record.reported = reported;
    record.outcome = outcome;
    record.phase = phase;
    record.ended_by = ended_by;
    record.attempts = attempts;
    record.status = status;
    if (peer.port() != 0) {
        detail::set_endpoint(record.peer, record.peer_port, peer);
        record.hierarchy = hierarchy;
    }
    record.error = why;
    record.answer_size = answer_size;
    record.answer_head = answer_size - std::min(answer_content, answer_size);
    record.bytes_to_client = bytes_to_client + progress.b_to_a;
    record.bytes_from_client = progress.a_to_b;
    record.early_bytes = early_bytes;
    if (answer_content != 0) record.content_type = refusal::content_type;
    record.times.head = times.head.get();
    record.times.decided = times.decided.get();
    record.times.connected = times.connected.get();
    record.times.answered = times.answered.get();
    record.times.lookup = times.lookup.get();
    record.times.connect = times.connect.get();
    record.times.first_from_client = detail::since(accepted, progress.first_a_to_b);
    record.times.first_from_upstream = detail::since(accepted, progress.first_b_to_a);
    record.times.last_octet = detail::since(accepted, progress.last);
    if (more) detail::set_rare(record, *more);
    detail::set_end(record, accepted);
    if (status >= 300 && times.answered) detail::set_end_back(record, times.answered.get());
    return record;
}

} // namespace viaduct

#endif
