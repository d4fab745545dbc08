#ifndef VIADUCT_IMPL_LOG_SQUID_CODES_HPP
#define VIADUCT_IMPL_LOG_SQUID_CODES_HPP

#include <viaduct/impl/log/squid_values.hpp>

#include <array>
#include <string_view>

namespace viaduct::detail::squid {

// ---- the request

[[nodiscard]] inline squid_value target(source s) noexcept
{
    s.scratch.append(squid_target{s.record}.text());
    return put_together(s);
}

[[nodiscard]] inline squid_value whole_target(source s) noexcept
{
    s.scratch.append(squid_target{s.record, squid_query::with}.text());
    return put_together(s);
}

[[nodiscard]] inline squid_value read_method(source s) noexcept
{
    return was_read(s.record) ? text(s.record.method) : squid_value{};
}

[[nodiscard]] inline squid_value sent_target(source s) noexcept
{
    return was_read(s.record) ? whole_target(s) : squid_value{};
}

[[nodiscard]] inline squid_value domain_port(source s) noexcept
{
    auto const port = squid_target{s.record}.port();
    return was_read(s.record) && port != 0 ? number(port) : squid_value{};
}

[[nodiscard]] inline squid_value version(source s) noexcept
{
    return text(was_silent(s.record) ? "0.0" : s.record.minor_version == 0 ? "1.0" : "1.1");
}

[[nodiscard]] inline squid_value read_version(source s) noexcept
{
    return was_read(s.record) ? version(s) : squid_value{};
}

// ---- fields

[[nodiscard]] inline std::string_view trimmed(std::string_view text) noexcept
{
    auto const begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    auto const end = text.find_last_not_of(" \t\r\n");
    return end == std::string_view::npos ? std::string_view{} : text.substr(begin, end + 1 - begin);
}

/// Takes the next member off a list; commas separate as well, but for those within a quoted string.
[[nodiscard]] inline std::string_view next_member(std::string_view& list, char separator) noexcept
{
    bool quoted = false;
    std::size_t n = 0;
    for (; n < list.size() && (quoted || (list[n] != ',' && list[n] != separator)); ++n) {
        if (list[n] == '"') quoted = !quoted;
        if (list[n] == '\\' && quoted && n + 1 < list.size()) ++n;
    }
    auto const member = trimmed(list.substr(0, n));
    list.remove_prefix(std::min(n + 1, list.size()));
    return member;
}

/// The value of `KEY=VALUE` in a list.
[[nodiscard]] inline std::string_view value_of(std::string_view list, std::string_view key, char separator)
{
    while (!list.empty()) {
        auto const member = next_member(list, separator);
        if (member.size() > key.size() && member.substr(0, key.size()) == key && member[key.size()] == '=')
            return member.substr(key.size() + 1);
    }
    return {};
}

/// All fields of one name, joined, or what was asked for of them.
[[nodiscard]] inline squid_value field(source s, fields const& from)
{
    for (auto const& line : from) {
        if (!characters::iequals(line.name, s.piece.text)) continue;
        if (!s.scratch.view().empty()) s.scratch.append(", ");
        s.scratch.append(line.value);
    }
    if (!s.piece.has_element) return put_together(s);
    return text(value_of(s.scratch.view(), s.piece.element, s.piece.separator));
}

[[nodiscard]] inline squid_value request_field(source s)
{
    if (s.piece.has_argument) return field(s, s.record.request_fields);
    s.scratch.append(s.record.request_fields.block());
    return put_together(s);
}

[[nodiscard]] inline squid_value answer_field(source s)
{
    if (s.piece.has_argument) return field(s, s.record.answer_fields);
    auto const status = s.record.status;
    if (status < 100 || status > 999) return {};
    char const digits[] = {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
                           static_cast<char>('0' + status % 10)};
    for (std::string_view const part :
         {std::string_view{"HTTP/1.1 "}, std::string_view{digits, 3}, std::string_view{" "},
          reason_phrase(status), std::string_view{"\r\n"}, std::string_view{s.record.answer_fields.block()},
          std::string_view{"\r\n"}})
        s.scratch.append(part);
    return put_together(s);
}

/// What a PROXY header said of the client, if it said something else than the connection.
[[nodiscard]] inline squid_value proxy_header(source s)
{
    auto const& r = s.record;
    bool const had_one = !r.connection.empty() && !r.client.empty() &&
                         (r.connection != r.client || r.connection_port != r.client_port);
    if (!had_one || s.piece.has_element) return {};
    if (s.piece.text == ":src_addr") return text(r.client);
    return s.piece.text == ":src_port" ? number(r.client_port) : squid_value{};
}

// ---- who it was, and what became of it

[[nodiscard]] inline squid_value login(source s) noexcept
{
    return s.record.scheme == "TLS" ? squid_value{} : text(s.record.user);
}

[[nodiscard]] inline squid_value tls_user(source s) noexcept
{
    return s.record.scheme == "TLS" ? text(s.record.user) : squid_value{};
}

[[nodiscard]] inline squid_value credentials(source s) noexcept
{
    return text(s.record.user.empty() ? "" : "***");
}

[[nodiscard]] inline squid_value status(source s) noexcept
{
    return number(s.record.status);
}

/// What a parent has answered; nobody else answers a CONNECT.
[[nodiscard]] inline squid_value received_status(source s) noexcept
{
    return s.record.parent.empty() || s.record.status != 200 ? squid_value{} : number(200);
}

[[nodiscard]] inline squid_value content_type(source s) noexcept
{
    return text(s.record.content_type.empty() ? std::string_view{"-"} : s.record.content_type);
}

[[nodiscard]] inline squid_value received(source s) noexcept
{
    return number(s.record.head_size + s.record.bytes_from_client);
}

[[nodiscard]] inline squid_value traffic(source s) noexcept
{
    return number(s.record.head_size + s.record.bytes_from_client + s.record.bytes_to_client);
}

[[nodiscard]] inline squid_value tag(source s) noexcept
{
    return text(squid_tag(s.record.outcome));
}
[[nodiscard]] inline squid_value hierarchy(source s) noexcept
{
    return text(squid_hierarchy(s.record));
}
[[nodiscard]] inline squid_value error(source s) noexcept
{
    return text(squid_error(s.record));
}

[[nodiscard]] inline squid_value error_detail(source s)
{
    auto const value = squid_errno(s.record);
    if (value == 0) return text(squid_error(s.record) == "ERR_CLIENT_GONE" ? "WITH_CLIENT" : "");
    std::array<char, 12> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    s.scratch.append("errno=");
    s.scratch.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
    return put_together(s);
}

/// `TLS/1.3`, for OpenSSL's `TLSv1.3` and `TLSv1`.
[[nodiscard]] inline squid_value tls_version(source s) noexcept
{
    std::string_view const protocol = s.record.tls.protocol;
    auto const v = protocol.find('v');
    if (v == std::string_view::npos) return text(protocol);
    s.scratch.append(protocol.substr(0, v));
    s.scratch.append("/");
    s.scratch.append(protocol.substr(v + 1));
    if (protocol.find('.') == std::string_view::npos) s.scratch.append(".0");
    return put_together(s);
}

[[nodiscard]] inline squid_value line_number(source s) noexcept
{
    return number(s.line);
}
[[nodiscard]] inline squid_value octet(source s) noexcept
{
    return text(s.piece.text);
}

inline constexpr std::string_view percent_sign = "%";
inline constexpr std::string_view no_address = "::";
inline constexpr std::string_view no_method = "NONE";
inline constexpr std::string_view no_outcome = "ICAP_ERR_UNKNOWN";

} // namespace viaduct::detail::squid

#endif
