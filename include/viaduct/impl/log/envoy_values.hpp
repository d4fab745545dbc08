#ifndef VIADUCT_IMPL_LOG_ENVOY_VALUES_HPP
#define VIADUCT_IMPL_LOG_ENVOY_VALUES_HPP

#include <viaduct/http/characters.hpp>
#include <viaduct/http/status.hpp>
#include <viaduct/impl/log/envoy_flags.hpp>
#include <viaduct/impl/log/envoy_program.hpp>
#include <viaduct/log/error_name.hpp>

namespace viaduct::detail::envoy_values {

/// Without a PROXY header the connection's other end is the client.
inline std::string_view direct_endpoint(envoy_moment const& at)
{
    if (at.record.connection.empty())
        return endpoint<&tunnel_record::client, &tunnel_record::client_port>(at);
    return endpoint<&tunnel_record::connection, &tunnel_record::connection_port>(at);
}

inline std::string_view direct_address(envoy_moment const& at)
{
    return at.record.connection.empty() ? at.record.client : at.record.connection;
}

inline std::string_view direct_port(envoy_moment const& at)
{
    if (at.record.connection.empty()) return port<&tunnel_record::client, &tunnel_record::client_port>(at);
    return port<&tunnel_record::connection, &tunnel_record::connection_port>(at);
}

inline std::string_view time_of(envoy_moment const& at, log_time moment, bool local)
{
    if (at.piece.pattern.empty()) {
        auto const written = internet_time(moment);
        at.scratch.append(written.data(), written.data() + written.size());
    } else {
        at.piece.pattern.append(calendar_of(moment, local ? local_offset(moment) : 0), at.scratch);
    }
    return at.written();
}

template <bool Local>
std::string_view start_time(envoy_moment const& at)
{
    return time_of(at, start_of(at.record), Local);
}

template <bool Local>
std::string_view emit_time(envoy_moment const& at)
{
    return time_of(at, at.record.ended, Local);
}

inline std::string_view milliseconds(envoy_moment const& at, request_times::duration time)
{
    if (time < request_times::duration::zero()) return {};
    return number(
        at, static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()));
}

inline std::string_view duration(envoy_moment const& at)
{
    return milliseconds(at, at.record.elapsed);
}

/// Of the times within a request Envoy's TCP lines know nothing.
template <request_times::duration request_times::*Member>
std::string_view moment_of(envoy_moment const& at)
{
    return at.is_tcp() ? std::string_view{} : milliseconds(at, at.record.times.*Member);
}

inline std::string_view response_tx_duration(envoy_moment const& at)
{
    auto const& times = at.record.times;
    bool const known = !at.is_tcp() && times.first_from_upstream >= request_times::duration::zero();
    return known ? milliseconds(at, times.last_octet - times.first_from_upstream) : std::string_view{};
}

[[nodiscard]] inline std::uint64_t tunnel_octets_to_client(tunnel_record const& record) noexcept
{
    return record.bytes_to_client < record.answer_size ? 0 : record.bytes_to_client - record.answer_size;
}

inline std::string_view wire_received(envoy_moment const& at)
{
    return number(at, at.record.bytes_from_client + at.record.head_size);
}

template <std::uint64_t tunnel_record::*Member>
std::string_view count(envoy_moment const& at)
{
    return number(at, at.record.*Member);
}

inline std::string_view received(envoy_moment const& at)
{
    return at.is_tcp() ? wire_received(at) : number(at, at.record.bytes_from_client);
}

inline std::string_view from_upstream(envoy_moment const& at)
{
    return number(at, tunnel_octets_to_client(at.record));
}

inline std::string_view sent(envoy_moment const& at)
{
    return at.is_tcp() ? number(at, at.record.bytes_to_client) : from_upstream(at);
}

inline std::string_view attempts(envoy_moment const& at)
{
    return number(at, at.record.attempts);
}

inline std::string_view protocol(envoy_moment const& at)
{
    if (at.is_tcp() || at.record.method.empty()) return {};
    return at.record.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

inline std::string_view response_code(envoy_moment const& at)
{
    return number(at, at.is_tcp() ? 0 : at.record.status);
}

inline std::string_view response_code_details(envoy_moment const& at)
{
    if (at.is_tcp()) return {};
    if (is_success(at.record.status)) return "via_upstream";
    return at.record.proxy_error.empty() ? error_name(at.record.error) : at.record.proxy_error;
}

inline std::string_view termination_details(envoy_moment const& at)
{
    auto const& record = at.record;
    bool const ours = record.phase == request_phase::tunnel && record.ended_by == tunnel_party::proxy;
    return ours ? error_name(record.error) : std::string_view{};
}

template <errc First, errc Last>
std::string_view failure_of_tls(envoy_moment const& at)
{
    auto const ec = at.record.error;
    bool const it = ec.category() == viaduct_category() && ec.value() >= static_cast<int>(First) &&
                    ec.value() <= static_cast<int>(Last);
    return it ? error_name(ec) : std::string_view{};
}

inline std::string_view flags(envoy_moment const& at)
{
    return envoy_flag_of(at.record).letters;
}

inline std::string_view long_flags(envoy_moment const& at)
{
    return envoy_flag_of(at.record).words;
}

inline std::string_view cluster(envoy_moment const& at)
{
    return at.options.cluster.empty() ? at.record.parent : at.options.cluster;
}

inline std::string_view connection_id(envoy_moment const& at)
{
    auto const text = hex_of(at.record.id);
    at.scratch.append(text.data(), text.data() + text.size());
    return at.written();
}

inline std::string_view trace_id(envoy_moment const& at)
{
    return at.record.trace ? std::string_view{at.record.trace->trace_id} : std::string_view{};
}

inline std::string_view hosts_attempted(envoy_moment const& at)
{
    for (auto const& host : at.record.tried) {
        if (at.scratch.size() > 0) at.scratch.push_back(',');
        at.scratch.append(host.data(), host.data() + host.size());
    }
    return at.written();
}

inline std::string_view log_type(envoy_moment const& at)
{
    switch (at.record.event) {
    case record_event::start:
        return at.is_tcp() ? "TcpUpstreamConnected" : "DownstreamTunnelSuccessfullyEstablished";
    case record_event::progress: return at.is_tcp() ? "TcpPeriodic" : "DownstreamPeriodic";
    case record_event::end: break;
    }
    return at.is_tcp() ? "TcpConnectionEnd" : "DownstreamEnd";
}

inline std::string_view request_field(envoy_moment const& at, std::string_view name)
{
    using characters::iequals;
    if (name.empty()) return {};
    if (iequals(name, ":METHOD")) return at.record.method;
    if (iequals(name, ":AUTHORITY")) return at.record.target;
    return at.record.request_fields.find(name).value_or(std::string_view{});
}

inline std::string_view answer_field(envoy_moment const& at, std::string_view name)
{
    using characters::iequals;
    if (name.empty()) return {};
    if (iequals(name, ":STATUS")) return response_code(at);
    if (iequals(name, "Content-Type")) return at.record.content_type;
    return at.record.answer_fields.find(name).value_or(std::string_view{});
}

/// The first name of the argument that has a value.
template <std::string_view (*Field)(envoy_moment const&, std::string_view)>
std::string_view field(envoy_moment const& at)
{
    if (at.is_tcp()) return {};
    auto const value = Field(at, at.piece.text);
    return value.empty() ? Field(at, at.piece.other) : value;
}

inline constexpr envoy_value request = field<request_field>;
inline constexpr envoy_value answer = field<answer_field>;

} // namespace viaduct::detail::envoy_values

#endif
