#ifndef VIADUCT_TESTS_FUZZ_ANY_RECORD_HPP
#define VIADUCT_TESTS_FUZZ_ANY_RECORD_HPP

#include <viaduct/log/escape.hpp>
#include <viaduct/log/tunnel_record.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace fuzz {

/// Hands out a fuzzer's octets piece by piece; zeros when there are none left.
class octets
{
public:
    explicit octets(std::string_view all) noexcept : rest_{all} {}

    template <class Number>
    [[nodiscard]] Number number()
    {
        Number value{};
        auto const n = std::min(sizeof value, rest_.size());
        std::memcpy(&value, rest_.data(), n);
        rest_.remove_prefix(n);
        return value;
    }

    /// As long as its first octet says; the longest ones again and again, until they are longer than what
    /// gets into a line.
    [[nodiscard]] std::string text()
    {
        constexpr std::size_t long_one = 0xf0;
        auto const said = number<std::uint8_t>();
        auto const n = std::min<std::size_t>(said, rest_.size());
        std::string piece{rest_.substr(0, n)};
        rest_.remove_prefix(n);
        if (said < long_one || piece.empty()) return piece;
        std::string text;
        while (text.size() < 2 * viaduct::escape::max_text)
            text += piece;
        return text;
    }

    template <class Enum>
    [[nodiscard]] Enum one_of(Enum last)
    {
        return static_cast<Enum>(number<std::uint8_t>() % (static_cast<unsigned>(last) + 1U));
    }

    [[nodiscard]] std::chrono::steady_clock::duration duration()
    {
        return std::chrono::steady_clock::duration{number<std::int64_t>() >> 8U};
    }

private:
    std::string_view rest_;
};

/// Fields as a head could bring them: whatever a parser would not have let through is left out.
inline void add_field(viaduct::fields& to, std::string_view name, std::string_view value)
{
    if (viaduct::is_field_value(value)) to.add(name, value);
}

/// What says little by itself: numbers, and what a parser has made of a text.
inline void set_rest(viaduct::tunnel_record& r, octets& in)
{
    r.trace = viaduct::parse_traceparent(in.text());
    r.minor_version = in.number<std::uint8_t>() % 2;
    for (auto* const time : {&r.times.last_octet, &r.times.connect})
        *time = in.duration();
    for (auto* const size : {&r.head_size, &r.answer_size, &r.answer_head, &r.early_bytes})
        *size = in.number<std::uint64_t>();
    for (auto* const port :
         {&r.client_port, &r.connection_port, &r.local_port, &r.peer_port, &r.outgoing_port})
        *port = in.number<std::uint16_t>();
    r.attempts = in.number<std::uint16_t>();
}

/// Any record at all, with hostile text wherever somebody outside has a say.
[[nodiscard]] inline viaduct::tunnel_record any_record(std::string_view input)
{
    octets in{input};
    viaduct::tunnel_record r;
    r.event = in.one_of(viaduct::record_event::progress);
    r.outcome = in.one_of(viaduct::request_outcome::tunnel);
    r.phase = in.one_of(viaduct::request_phase::tunnel);
    r.ended_by = in.one_of(viaduct::tunnel_party::proxy);
    r.status = in.number<std::uint16_t>() % 1000U;
    r.id = in.number<std::uint64_t>();
    for (auto* const text :
         {&r.method, &r.target, &r.user, &r.scheme, &r.listener, &r.rule, &r.reported, &r.parent,
          &r.proxy_error, &r.tls.protocol, &r.tls.cipher, &r.tls.server_name, &r.tls.subject})
        *text = in.text();
    auto const present = in.number<std::uint8_t>();
    if (present & 1U)
        r.client = r.connection = r.local = "2001:db8::1"; // addresses and literals are always ours
    if (present & 2U) r.peer = r.outgoing = "203.0.113.9";
    if (present & 4U) r.hierarchy = "HIER_DIRECT";
    if (present & 8U) r.content_type = "text/plain";
    for (char const* const name : {"User-Agent", "Referer", "Host", "X-Forwarded-For", "X-Request-Id"})
        add_field(r.request_fields, name, in.text());
    add_field(r.answer_fields, "Retry-After", in.text());
    r.resolved.assign(present >> 6U, "203.0.113.9");
    r.tried = r.resolved;
    r.bytes_to_client = in.number<std::uint64_t>();
    r.bytes_from_client = in.number<std::uint64_t>();
    r.ended = std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(in.duration())};
    r.elapsed = in.duration();
    for (auto* const time : {&r.times.head, &r.times.decided, &r.times.connected, &r.times.answered,
                             &r.times.first_from_client, &r.times.first_from_upstream, &r.times.lookup})
        *time = in.duration();
    r.error = static_cast<viaduct::errc>(in.number<std::uint8_t>());
    set_rest(r, in);
    return r;
}

} // namespace fuzz

#endif
