#ifndef VIADUCT_IMPL_SERVER_TUNNEL_RECORDS_IPP
#define VIADUCT_IMPL_SERVER_TUNNEL_RECORDS_IPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/server/parents.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/tunnel_records.hpp>

namespace viaduct {
namespace detail {

inline void set_client(tunnel_record& record, net::ip::tcp::endpoint const& client)
{
    record.client = to_text(client.address());
    record.client_port = client.port();
}

/// What the answer said, if it was a refusal.
inline void set_refusal(tunnel_record& record, error_code why)
{
    if (record.status < 300) return;
    record.content_type = refusal::content_type;
    record.proxy_error = viaduct::proxy_error_of(why);
}

inline void set_times(tunnel_record& record, std::chrono::steady_clock::time_point accepted)
{
    record.ended = std::chrono::system_clock::now();
    record.elapsed = std::chrono::steady_clock::now() - accepted;
}

} // namespace detail

VIADUCT_DECL tunnel_record unread_record(net::ip::tcp::endpoint const& client,
                                         std::chrono::steady_clock::time_point accepted,
                                         connect_request const& head, error_code why)
{
    tunnel_record record;
    detail::set_client(record, client);
    record.status = head.answered_status;
    if (record.status != 0) { // as in Squid's log: what was not a whole head, and got no answer, is nameless
        record.method = head.method;
        record.target = head.target_text;
    }
    record.outcome = why == errc::method_not_connect ? request_outcome::denied : request_outcome::unread;
    record.error = why;
    record.bytes_to_client = head.answer_size;
    detail::set_refusal(record, why);
    detail::set_times(record, accepted);
    return record;
}

VIADUCT_DECL tunnel_facts::tunnel_facts(request const& asked)
    : client{asked.client()},
      target{asked.head().target_text},
      accepted{asked.accepted()}
{}

VIADUCT_DECL void tunnel_facts::on_direct()
{
    hierarchy = viaduct::hierarchy::direct;
    peer = {};
    parent.clear();
}

VIADUCT_DECL void tunnel_facts::on_refused(refusal const& answer)
{
    status = answer.status;
    proxy_error = answer.proxy_error;
    has_content = !answer.content.empty();
    refused = std::chrono::steady_clock::now();
}

VIADUCT_DECL tunnel_record tunnel_facts::record(error_code why) const
{
    tunnel_record record;
    detail::set_client(record, client);
    record.method = "CONNECT";
    record.target = target;
    record.user = user;
    record.scheme = scheme;
    record.rule = rule;
    record.reported = reported;
    record.parent = parent;
    record.outcome = outcome;
    record.status = status;
    if (peer.port() != 0) {
        record.peer = detail::to_text(peer.address());
        record.hierarchy = hierarchy;
    }
    record.error = why;
    record.bytes_to_client = bytes_to_client;
    record.bytes_from_client = bytes_from_client;
    record.proxy_error = proxy_error;
    if (has_content) record.content_type = refusal::content_type;
    detail::set_times(record, accepted);
    if (refused > accepted)
        record.elapsed = refused - accepted; // not the time that the client was given to go
    return record;
}

} // namespace viaduct

#endif
