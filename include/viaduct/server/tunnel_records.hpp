#ifndef VIADUCT_SERVER_TUNNEL_RECORDS_HPP
#define VIADUCT_SERVER_TUNNEL_RECORDS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/server/request.hpp>

#include <chrono>

namespace viaduct {

/// The record of a connection that brought no valid request.
[[nodiscard]] VIADUCT_DECL tunnel_record unread_record(net::ip::tcp::endpoint const& client,
                                                       std::chrono::steady_clock::time_point accepted,
                                                       connect_request const& head, error_code why);

/// The beginning of the record of a valid request: who wants to go where.
[[nodiscard]] VIADUCT_DECL tunnel_record begin_record(request const& request);

/// Sets the times of a record that is complete otherwise.
VIADUCT_DECL void end_record(tunnel_record& record, std::chrono::steady_clock::time_point accepted);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/tunnel_records.ipp>
#endif

#endif
