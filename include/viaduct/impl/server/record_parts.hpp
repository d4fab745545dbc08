#ifndef VIADUCT_IMPL_SERVER_RECORD_PARTS_HPP
#define VIADUCT_IMPL_SERVER_RECORD_PARTS_HPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/net/tls_client_facts.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace viaduct::detail {

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

[[nodiscard]] inline request_times::duration since(steady_time accepted, steady_time then)
{
    return then == steady_time{} ? request_times::never : then - accepted;
}

[[nodiscard]] inline std::optional<trace_context> trace_of(fields const& head)
{
    auto const value = head.find("traceparent");
    return value ? parse_traceparent(*value) : std::nullopt;
}

} // namespace viaduct::detail

#endif
