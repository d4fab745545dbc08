#ifndef VIADUCT_IMPL_LOG_SQUID_VALUES_HPP
#define VIADUCT_IMPL_LOG_SQUID_VALUES_HPP

#include <viaduct/detail/squid_piece.hpp>
#include <viaduct/http/status.hpp>
#include <viaduct/impl/log/squid_encoding.hpp>
#include <viaduct/impl/log/squid_times.hpp>

#include <array>
#include <ctime>
#include <string_view>

/// What the codes of a logformat stand for.
namespace viaduct::detail::squid {

using source = squid_source const&;
using kind = squid_value::kind;

[[nodiscard]] inline squid_value text(std::string_view what) noexcept
{
    return {what.empty() ? kind::absent : kind::text, what.substr(0, escape::max_text)};
}

[[nodiscard]] inline squid_value number(std::uint64_t what) noexcept
{
    return {kind::number, {}, what};
}

/// Milliseconds; absent if it never came to that.
[[nodiscard]] inline squid_value time(std::chrono::nanoseconds what) noexcept
{
    if (what < what.zero()) return {};
    return {kind::milliseconds, {}, to_microseconds(what)};
}

/// What was put together, whole: only the room for it limits it.
[[nodiscard]] inline squid_value put_together(source s) noexcept
{
    return {s.scratch.view().empty() ? kind::absent : kind::text, s.scratch.view()};
}

[[nodiscard]] inline bool was_read(tunnel_record const& record) noexcept
{
    return record.outcome != request_outcome::unread;
}

[[nodiscard]] inline squid_value absent(source) noexcept
{
    return {};
}
[[nodiscard]] inline squid_value zero(source) noexcept
{
    return number(0);
}

/// A text that is always the same.
template <auto const& Text>
[[nodiscard]] squid_value always(source) noexcept
{
    return text(Text);
}

/// A text of the record's.
template <auto Member>
[[nodiscard]] squid_value member(source s) noexcept
{
    return text(s.record.*Member);
}

template <auto Member>
[[nodiscard]] squid_value tls(source s) noexcept
{
    return text(s.record.tls.*Member);
}

template <auto Member>
[[nodiscard]] squid_value count(source s) noexcept
{
    return number(s.record.*Member);
}

/// The port behind an address, if there is one.
template <auto Address, auto Port>
[[nodiscard]] squid_value port(source s) noexcept
{
    return (s.record.*Address).empty() ? squid_value{} : number(s.record.*Port);
}

// ---- the connection

[[nodiscard]] inline squid_value listening_address(source s) noexcept
{
    return was_read(s.record) ? text(s.record.local) : squid_value{};
}

[[nodiscard]] inline squid_value listening_port(source s) noexcept
{
    return was_read(s.record) && !s.record.local.empty() ? number(s.record.local_port) : squid_value{};
}

[[nodiscard]] inline squid_value eui48(source s) noexcept // unknown, but an address has one
{
    if (!was_read(s.record) || s.record.client.find(':') != std::string::npos) return {};
    return text("00:00:00:00:00:00");
}

[[nodiscard]] inline squid_value eui64(source s) noexcept
{
    if (!was_read(s.record) || s.record.client.find(':') == std::string::npos) return {};
    return text("00-00-00-00-00-00-00-00");
}

[[nodiscard]] inline squid_value eui(source s) noexcept
{
    auto const value = eui48(s);
    return value.what == kind::absent ? eui64(s) : value;
}

[[nodiscard]] inline squid_value client_mark(source s) noexcept
{
    return text(s.record.client.empty() ? "" : "0x0");
}

[[nodiscard]] inline squid_value server_mark(source s) noexcept
{
    return text(s.record.peer.empty() ? "" : "0x0");
}

/// Squid tells of a connection that failed that it was bound to no address.
[[nodiscard]] inline squid_value outgoing(source s) noexcept
{
    bool const failed = !s.record.peer.empty() && s.record.status != 200;
    if (!failed || !s.record.outgoing.empty()) return text(s.record.outgoing);
    return text(s.record.peer.find(':') == std::string::npos ? "0.0.0.0" : "::");
}

[[nodiscard]] inline squid_value outgoing_port(source s) noexcept
{
    return outgoing(s).what == kind::absent ? squid_value{} : number(s.record.outgoing_port);
}

[[nodiscard]] inline squid_value domain(source s) noexcept
{
    if (!was_read(s.record)) return {};
    s.scratch.append(squid_target{s.record}.host());
    return put_together(s);
}

[[nodiscard]] inline squid_value server_name(source s) noexcept
{
    if (s.record.peer.empty()) return text("-");
    return s.record.parent.empty() ? domain(s) : text(s.record.parent);
}

// ---- time

[[nodiscard]] inline std::uint64_t since_epoch(source s) noexcept
{
    return to_microseconds(s.record.ended.time_since_epoch());
}

[[nodiscard]] inline squid_value seconds(source s) noexcept
{
    return number(since_epoch(s) / 1'000'000);
}

[[nodiscard]] inline squid_value subseconds(source s) noexcept
{
    return number(since_epoch(s) % 1'000'000 / squid_divisor(s.piece));
}

[[nodiscard]] inline squid_value started(source s) noexcept
{
    auto const elapsed = to_microseconds(squid_elapsed(s.record));
    return {kind::seconds, {}, since_epoch(s) - std::min(since_epoch(s), elapsed)};
}

[[nodiscard]] inline squid_value elapsed(source s) noexcept
{
    return time(squid_elapsed(s.record));
}

template <bool Local>
[[nodiscard]] squid_value date(source s)
{
    if (s.piece.has_argument) {
        std::array<char, 1024> room{};
        auto const parts = broken_down(s.record.ended, Local);
        auto const* const wish = s.piece.text.c_str();
        s.scratch.append({room.data(), std::strftime(room.data(), room.size(), wish, &parts)});
    } else {
        s.scratch.append(httpd_time{s.record.ended, Local}.text());
    }
    auto value = put_together(s);
    value.ours = true;
    return value;
}

[[nodiscard]] inline squid_value lookup(source s) noexcept
{
    return time(s.record.times.lookup < s.record.times.lookup.zero()
                    ? std::chrono::nanoseconds{-1}
                    : std::chrono::floor<std::chrono::milliseconds>(s.record.times.lookup));
}

/// From the first attempt to connect to the end.
[[nodiscard]] inline squid_value with_peers(source s) noexcept
{
    auto const& times = s.record.times;
    if (times.connect < times.connect.zero() || s.record.peer.empty()) return {};
    if (times.connected < times.connected.zero()) return time(times.connect);
    return time(std::max(s.record.elapsed - times.connected + times.connect, times.connect));
}

[[nodiscard]] inline squid_value first_answer(source s) noexcept
{
    auto const sent = s.record.times.first_from_client;
    auto const answered = s.record.times.first_from_upstream;
    auto const never = request_times::never;
    if (sent == never && answered == never) return {};
    bool const both = sent != never && answered != never;
    return time(both && answered > sent ? answered - sent : never.zero());
}

} // namespace viaduct::detail::squid

#endif
