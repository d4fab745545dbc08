#ifndef VIADUCT_IMPL_SERVER_TUNNEL_FACTS_IPP
#define VIADUCT_IMPL_SERVER_TUNNEL_FACTS_IPP

#include <viaduct/detail/request_id.hpp>
#include <viaduct/http/redaction.hpp>
#include <viaduct/impl/server/record_parts.hpp>
#include <viaduct/server/tunnel_facts.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

/// Leaves out of a refused request's time what its client was given to go, or to ask again.
inline void set_end_back(tunnel_record& record, tunnel_record::duration answered)
{
    auto const late = record.elapsed - answered;
    record.ended -= std::chrono::duration_cast<std::chrono::system_clock::duration>(late);
    record.elapsed = answered;
}

[[nodiscard]] inline std::vector<std::string> to_texts(std::vector<net::ip::address> const& addresses)
{
    std::vector<std::string> texts;
    for (auto const& each : addresses)
        texts.push_back(to_text(each));
    return texts;
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
    answer_content = static_cast<std::uint32_t>(answer.content_length());
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
