#ifndef VIADUCT_IMPL_LOG_JSON_MEMBERS_HPP
#define VIADUCT_IMPL_LOG_JSON_MEMBERS_HPP

#include <viaduct/impl/log/json_writer.hpp>
#include <viaduct/log/error_name.hpp>
#include <viaduct/log/termination_state.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A member of the record, or of a part of it, and its names.
template <class Owner, class Type>
struct json_member
{
    Type Owner::*member;
    json_name name;
};

inline constexpr json_member<tunnel_record, std::string> json_texts[] = {
    {&tunnel_record::client, {"client", "source.address", "client.address"}},
    {&tunnel_record::client, {"", "source.ip", ""}},
    {&tunnel_record::connection, {"connection", "viaduct.connection.ip", "viaduct.connection.address"}},
    {&tunnel_record::local, {"local", "observer.ip", "network.local.address"}},
    {&tunnel_record::listener, {"listener", "viaduct.listener", "viaduct.listener"}},
    {&tunnel_record::method, {"method", "http.request.method", "http.request.method"}},
    {&tunnel_record::target, {"target", "destination.address", "viaduct.target"}},
    {&tunnel_record::user, {"user", "user.name", "user.name"}},
    {&tunnel_record::scheme, {"scheme", "viaduct.scheme", "viaduct.scheme"}},
    {&tunnel_record::rule, {"rule", "rule.name", "viaduct.rule"}},
    {&tunnel_record::reported, {"reported", "viaduct.reported", "viaduct.reported"}},
    {&tunnel_record::peer, {"peer", "viaduct.peer.ip", "viaduct.peer.address"}},
    {&tunnel_record::outgoing, {"outgoing", "viaduct.outgoing.ip", "viaduct.outgoing.address"}},
    {&tunnel_record::hierarchy, {"hierarchy", "viaduct.hierarchy", "viaduct.hierarchy"}},
    {&tunnel_record::parent, {"parent", "viaduct.parent", "viaduct.parent"}},
    {&tunnel_record::proxy_error, {"proxy_error", "viaduct.proxy_error", "viaduct.proxy_error"}},
    {&tunnel_record::content_type, {"content_type", "http.response.mime_type", "viaduct.content_type"}},
};

inline constexpr json_member<tls_of_client, std::string> json_tls_texts[] = {
    {&tls_of_client::cipher, {"tls_cipher", "tls.cipher", "tls.cipher"}},
    {&tls_of_client::server_name, {"sni", "tls.client.server_name", "tls.client.server_name"}},
    {&tls_of_client::subject, {"tls_subject", "tls.client.subject", "tls.client.subject"}},
};

inline constexpr json_member<tunnel_record, std::uint16_t> json_ports[] = {
    {&tunnel_record::client_port, {"client_port", "source.port", "client.port"}},
    {&tunnel_record::connection_port,
     {"connection_port", "viaduct.connection.port", "viaduct.connection.port"}},
    {&tunnel_record::local_port, {"local_port", "viaduct.local.port", "network.local.port"}},
    {&tunnel_record::peer_port, {"peer_port", "viaduct.peer.port", "viaduct.peer.port"}},
    {&tunnel_record::outgoing_port, {"outgoing_port", "viaduct.outgoing.port", "viaduct.outgoing.port"}},
};

inline constexpr json_member<tunnel_record, unsigned> json_numbers[] = {
    {&tunnel_record::status, {"status", "http.response.status_code", "http.response.status_code"}},
    {&tunnel_record::attempts, {"attempts", "viaduct.attempts", "viaduct.attempts"}},
};

inline constexpr json_member<tunnel_record, std::uint64_t> json_sizes[] = {
    {&tunnel_record::head_size, {"head_bytes", "http.request.bytes", "http.request.size"}},
    {&tunnel_record::answer_size, {"answer_bytes", "http.response.bytes", "http.response.size"}},
    {&tunnel_record::early_bytes, {"early_bytes", "viaduct.early_bytes", "viaduct.early_bytes"}},
};

inline constexpr json_member<tunnel_record, std::uint64_t> json_octets[] = {
    {&tunnel_record::bytes_to_client, {"bytes_to_client", "destination.bytes", "viaduct.bytes_to_client"}},
    {&tunnel_record::bytes_from_client, {"bytes_from_client", "source.bytes", "viaduct.bytes_from_client"}},
};

inline constexpr json_member<request_times, request_times::duration> json_times[] = {
    {&request_times::head, {"head_ms", "viaduct.head_ms", "viaduct.head_ms"}},
    {&request_times::decided, {"decided_ms", "viaduct.decided_ms", "viaduct.decided_ms"}},
    {&request_times::connected, {"connected_ms", "viaduct.connected_ms", "viaduct.connected_ms"}},
    {&request_times::answered, {"answered_ms", "viaduct.answered_ms", "viaduct.answered_ms"}},
    {&request_times::first_from_client,
     {"first_from_client_ms", "viaduct.first_from_client_ms", "viaduct.first_from_client_ms"}},
    {&request_times::first_from_upstream,
     {"first_from_upstream_ms", "viaduct.first_from_upstream_ms", "viaduct.first_from_upstream_ms"}},
    {&request_times::last_octet, {"last_octet_ms", "viaduct.last_octet_ms", "viaduct.last_octet_ms"}},
    {&request_times::lookup, {"lookup_ms", "viaduct.lookup_ms", "viaduct.lookup_ms"}},
    {&request_times::connect, {"connect_ms", "viaduct.connect_ms", "viaduct.connect_ms"}},
};

[[nodiscard]] constexpr std::string_view word_of(record_event event) noexcept
{
    constexpr std::string_view words[] = {"end", "start", "progress"};
    return words[static_cast<unsigned>(event)];
}

[[nodiscard]] constexpr std::string_view word_of(request_outcome outcome) noexcept
{
    constexpr std::string_view words[] = {"unread", "denied", "tunnel", "page"};
    return words[static_cast<unsigned>(outcome)];
}

[[nodiscard]] constexpr std::string_view word_of(request_phase phase) noexcept
{
    constexpr std::string_view words[] = {"arrival",    "decision",  "resolving",
                                          "connecting", "answering", "tunnel"};
    return words[static_cast<unsigned>(phase)];
}

/// Nothing for nobody.
[[nodiscard]] constexpr std::string_view word_of(tunnel_party party) noexcept
{
    constexpr std::string_view words[] = {"", "client", "upstream", "proxy"};
    return words[static_cast<unsigned>(party)];
}

/// A target in its two parts, as far as it has them; the brackets of an address are left out.
struct target_parts
{
    std::string_view host{};
    std::uint16_t port = 0;
};

[[nodiscard]] inline target_parts split_target(std::string_view target) noexcept
{
    auto const colon = target.rfind(':');
    if (colon == target.npos) return {target};
    target_parts parts{target.substr(0, colon)};
    auto const* const end = target.data() + target.size();
    auto const read = std::from_chars(target.data() + colon + 1, end, parts.port);
    if (read.ec != std::errc{} || read.ptr != end) return {target};
    if (parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']')
        parts.host = parts.host.substr(1, parts.host.size() - 2);
    return parts;
}

/// A member with the key that it has in one dialect.
template <class Owner, class Type>
struct keyed_member
{
    Type Owner::*member;
    json_key key;
};

/// Everything that the three formats have in common, with the names of one of them.
class json_members
{
public:
    explicit json_members(json_dialect dialect) : dialect_{dialect} {}

    void append(tunnel_record const& record, std::string& line) const
    {
        for (auto const& [member, key] : texts_)
            key.text(line, record.*member);
        for (auto const& [member, key] : ports_)
            key.count(line, record.*member);
        for (auto const& [member, key] : numbers_)
            key.count(line, record.*member);
        for (auto const& [member, key] : octets_)
            key.number(line, record.*member);
        for (auto const& [member, key] : sizes_)
            key.count(line, record.*member);
        append_tls(record.tls, line);
        append_derived(record, line);
        for (auto const& [member, key] : times_)
            key.milliseconds(line, record.times.*member);
        resolved_.list(line, record.resolved);
        tried_.list(line, record.tried);
        request_fields_.list(line, record.request_fields);
        answer_fields_.list(line, record.answer_fields);
    }

private:
    template <class Owner, class Type, std::size_t N>
    [[nodiscard]] std::vector<keyed_member<Owner, Type>> keyed(json_member<Owner, Type> const (&table)[N],
                                                               json_type type) const
    {
        std::vector<keyed_member<Owner, Type>> out;
        for (auto const& row : table)
            if (json_key key{dialect_, type, row.name}; key.has_place())
                out.push_back({row.member, std::move(key)});
        return out;
    }

    [[nodiscard]] json_key key(json_name const& name, json_type type = json_type::text) const
    {
        return {dialect_, type, name};
    }

    void append_tls(tls_of_client const& tls, std::string& line) const
    {
        if (tls.protocol.empty()) return;
        std::string_view version = tls.protocol;
        if (dialect_ != json_dialect::flat && version.starts_with("TLSv")) version.remove_prefix(4);
        tls_version_.text(line, version);
        tls_name_.word(line, "tls");
        for (auto const& [member, key] : tls_texts_)
            key.text(line, tls.*member);
    }

    void append_derived(tunnel_record const& record, std::string& line) const
    {
        if (!record.method.empty()) http_.word(line, record.minor_version == 0 ? "1.0" : "1.1");
        id_.word(line, view_of(hex_of(record.id)));
        outcome_.word(line, word_of(record.outcome));
        phase_.word(line, word_of(record.phase));
        ended_by_.word(line, word_of(record.ended_by));
        error_.text(line, error_name(record.error));
        state_.word(line, termination_state(record));
        if (agent_.has_place())
            agent_.text(line, record.request_fields.find("User-Agent").value_or(std::string_view{}));
    }

    json_dialect dialect_;
    std::vector<keyed_member<tunnel_record, std::string>> texts_ = keyed(json_texts, json_type::text);
    std::vector<keyed_member<tls_of_client, std::string>> tls_texts_ = keyed(json_tls_texts, json_type::text);
    std::vector<keyed_member<tunnel_record, std::uint16_t>> ports_ = keyed(json_ports, json_type::number);
    std::vector<keyed_member<tunnel_record, unsigned>> numbers_ = keyed(json_numbers, json_type::number);
    std::vector<keyed_member<tunnel_record, std::uint64_t>> octets_ = keyed(json_octets, json_type::number);
    std::vector<keyed_member<tunnel_record, std::uint64_t>> sizes_ = keyed(json_sizes, json_type::number);
    std::vector<keyed_member<request_times, request_times::duration>> times_ =
        keyed(json_times, json_type::milliseconds);
    json_key tls_version_ = key({"tls", "tls.version", "tls.protocol.version"});
    json_key tls_name_ = key({"", "tls.version_protocol", "tls.protocol.name"});
    json_key http_ = key({"http", "http.version", "network.protocol.version"});
    json_key id_ = key({"id", "event.id", "viaduct.id"});
    json_key outcome_ = key({"outcome", "viaduct.outcome", "viaduct.outcome"});
    json_key phase_ = key({"phase", "viaduct.phase", "viaduct.phase"});
    json_key ended_by_ = key({"ended_by", "viaduct.ended_by", "viaduct.ended_by"});
    json_key error_ = key({"error", "error.code", "error.type"});
    json_key state_ = key({"state", "viaduct.state", "viaduct.state"});
    json_key agent_ = key({"", "user_agent.original", "user_agent.original"});
    json_key resolved_ = key({"resolved", "dns.resolved_ip", "viaduct.resolved"}, json_type::list);
    json_key tried_ = key({"tried", "viaduct.tried", "viaduct.tried"}, json_type::list);
    json_key request_fields_ =
        key({"request_fields", "viaduct.request_fields", "viaduct.request_fields"}, json_type::list);
    json_key answer_fields_ =
        key({"answer_fields", "viaduct.answer_fields", "viaduct.answer_fields"}, json_type::list);
};

} // namespace viaduct::detail

#endif
