#ifndef VIADUCT_SERVER_TUNNEL_RECORDS_HPP
#define VIADUCT_SERVER_TUNNEL_RECORDS_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/server/connection_facts.hpp>

namespace viaduct {

/// The record of a connection that brought no valid request; for a CONNECT see `tunnel_facts`.
[[nodiscard]] VIADUCT_DECL tunnel_record unread_record(connection_facts const& from,
                                                       connect_request const& head, error_code why);

/// The record of a request for a page of the proxy's own, as far as it is known before its answer.
[[nodiscard]] VIADUCT_DECL tunnel_record page_record(connection_facts const& from,
                                                     connect_request const& head);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/tunnel_records.ipp>
#endif

#endif
