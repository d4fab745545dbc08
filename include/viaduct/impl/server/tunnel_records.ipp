#ifndef VIADUCT_IMPL_SERVER_TUNNEL_RECORDS_IPP
#define VIADUCT_IMPL_SERVER_TUNNEL_RECORDS_IPP

#include <viaduct/server/refusal.hpp>
#include <viaduct/server/tunnel_records.hpp>

namespace viaduct {
namespace detail {

inline void set_client(tunnel_record& record, net::ip::tcp::endpoint const& client)
{
    record.client = client.address().to_string();
    record.client_port = client.port();
}

inline void set_request(tunnel_record& record, connect_request const& head)
{
    record.method = head.method;
    record.target = head.target_text;
}

} // namespace detail

VIADUCT_DECL tunnel_record unread_record(net::ip::tcp::endpoint const& client,
                                         std::chrono::steady_clock::time_point accepted,
                                         connect_request const& head, error_code why)
{
    tunnel_record record;
    detail::set_client(record, client);
    // As in Squid's log: what was not a whole head, and got no answer, is nameless.
    if (head.answered_status != 0) detail::set_request(record, head);
    record.outcome = why == errc::method_not_connect ? request_outcome::denied : request_outcome::unread;
    record.status = head.answered_status;
    record.error = why;
    record.bytes_to_client = head.answer_size;
    if (head.answered_status != 0) {
        record.content_type = refusal::content_type;
        record.proxy_error = proxy_error_of(why);
    }
    end_record(record, accepted);
    return record;
}

VIADUCT_DECL tunnel_record begin_record(request const& request)
{
    tunnel_record record;
    detail::set_client(record, request.client());
    detail::set_request(record, request.head());
    return record;
}

VIADUCT_DECL void end_record(tunnel_record& record, std::chrono::steady_clock::time_point accepted)
{
    record.ended = std::chrono::system_clock::now();
    record.elapsed = std::chrono::steady_clock::now() - accepted;
}

} // namespace viaduct

#endif
