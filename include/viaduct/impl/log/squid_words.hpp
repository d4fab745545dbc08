#ifndef VIADUCT_IMPL_LOG_SQUID_WORDS_HPP
#define VIADUCT_IMPL_LOG_SQUID_WORDS_HPP

#include <viaduct/detail/system_code.hpp>
#include <viaduct/http/characters.hpp>
#include <viaduct/log/escape.hpp>
#include <viaduct/log/tunnel_record.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What Squid calls the things that a record tells.
namespace viaduct::detail {

/// Appends a number, filled up on its left.
inline void append_digits(std::string& line, std::uint64_t number, std::size_t width = 0, char fill = '0')
{
    std::array<char, 20> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    auto const size = static_cast<std::size_t>(end - digits.data());
    if (size < width) line.append(width - size, fill);
    line.append(digits.data(), size);
}

/// Appends a text that is ours; `-` for nothing.
inline void append_or_dash(std::string& line, std::string_view text)
{
    line.append(text.empty() ? std::string_view{"-"} : text);
}

[[nodiscard]] inline std::uint64_t to_microseconds(std::chrono::nanoseconds duration) noexcept
{
    auto const n = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    return n < 0 ? 0 : static_cast<std::uint64_t>(n);
}

/// From the complete head to the end, as Squid counts; from the accepted connection if there was no head.
[[nodiscard]] inline std::chrono::nanoseconds squid_elapsed(tunnel_record const& record) noexcept
{
    auto const head = record.times.head;
    return head < tunnel_record::duration::zero() ? record.elapsed : record.elapsed - head;
}

[[nodiscard]] constexpr std::string_view squid_tag(request_outcome outcome) noexcept
{
    switch (outcome) {
    case request_outcome::tunnel: return "TCP_TUNNEL";
    case request_outcome::denied: return "TCP_DENIED";
    case request_outcome::page: return "TCP_MISS"; // as of Squid's own pages
    default: return "NONE_NONE";
    }
}

[[nodiscard]] inline std::string_view squid_hierarchy(tunnel_record const& record) noexcept
{
    if (record.peer.empty()) return "HIER_NONE";
    if (record.hierarchy.empty()) return "HIER_DIRECT";
    return record.hierarchy; // not by ?:, which would copy it into a string that is gone by then
}

/// Whether the head was never complete; some of those are told so with a 408, where Squid says nothing.
[[nodiscard]] inline bool was_silent(tunnel_record const& record) noexcept
{
    return record.target.empty() && (record.status == 0 || record.status == 408);
}

/// Whether a query is part of a target; Squid's own formats leave it out, as it may hold secrets.
enum class squid_query : bool
{
    without,
    with
};

/// The target as Squid logs it: the host of a CONNECT in small letters, without the dot of an absolute name.
class squid_target
{
public:
    explicit squid_target(tunnel_record const& record, squid_query query = squid_query::without) noexcept
        : is_connect_{record.method == "CONNECT" && !record.target.empty()}
    {
        append(text_for(record));
        if (is_connect_) make_canonical();
        auto const mark = text().find('?'); // which stays
        if (query == squid_query::without && mark < size_) size_ = mark + 1;
    }

    [[nodiscard]] std::string_view text() const noexcept { return {octets_.data(), size_}; }

    /// Of a CONNECT; empty if there is no colon.
    [[nodiscard]] std::string_view host() const noexcept
    {
        auto const colon = text().rfind(':');
        return !is_connect_ || colon == std::string_view::npos ? std::string_view{} : text().substr(0, colon);
    }

    /// Of a CONNECT; 0 if there is none.
    [[nodiscard]] std::uint16_t port() const noexcept
    {
        std::uint16_t number = 0;
        auto const digits = text().substr(std::min(host().size() + 1, size_));
        auto const end = digits.data() + digits.size();
        auto const read = std::from_chars(digits.data(), end, number);
        return is_connect_ && read.ec == std::errc{} && read.ptr == end ? number : std::uint16_t{0};
    }

private:
    /// What it could not read has names in Squid; a request line that is too long as well as too many fields.
    [[nodiscard]] static std::string_view text_for(tunnel_record const& record) noexcept
    {
        bool const unread = record.outcome == request_outcome::unread;
        if (unread && (record.status == 414 || record.status == 431)) return "error:request-too-large";
        if (!record.target.empty()) return record.target;
        return was_silent(record) ? "error:transaction-end-before-headers" : "error:invalid-request";
    }

    void append(std::string_view text) noexcept
    {
        size_ = std::min(text.size(), octets_.size());
        std::copy_n(text.begin(), size_, octets_.begin());
    }

    void make_canonical() noexcept
    {
        auto const end = octets_.begin() + static_cast<std::ptrdiff_t>(size_);
        std::transform(octets_.begin(), end, octets_.begin(), characters::to_lower);
        auto const host_size = host().size();
        if (host_size < 2 || octets_[host_size - 1] != '.') return;
        auto const dot = octets_.begin() + static_cast<std::ptrdiff_t>(host_size) - 1;
        std::copy(dot + 1, end, dot);
        --size_;
    }

    bool is_connect_;
    std::array<char, escape::max_text> octets_; // of them as many are set as there are
    std::size_t size_ = 0;
};

/// Appends what Squid's `%[` makes of a text; and if it is to be one column, `%XX` for blanks and quotes.
inline void append_in_brackets(std::string& line, std::string_view text, bool column)
{
    constexpr std::string_view digits = "0123456789abcdef"; // in small letters, as Squid does it here alone
    for (char const c : text) {
        auto const octet = static_cast<unsigned char>(c);
        if (c == '\r' || c == '\n' || c == '\\') {
            line += '\\';
            line += c == '\r' ? 'r' : c == '\n' ? 'n' : '\\';
        } else if (octet < 0x20U || octet >= 0x7fU || c == '%' || c == '[' || c == ']' ||
                   (column && (c == ' ' || c == '"' || c == '\''))) {
            line += '%';
            line += digits[octet >> 4U];
            line += digits[octet & 0xfU];
        } else {
            line += c;
        }
    }
}

/// A user in Squid's own formats.
inline void append_squid_user(std::string& line, std::string_view user)
{
    if (user.empty()) line += '-';
    append_in_brackets(line, user.substr(0, escape::max_text), true);
}

/// Squid's name for what went wrong; empty if nothing did that it has a name for.
[[nodiscard]] inline std::string_view squid_error(tunnel_record const& record) noexcept
{
    bool const late = record.error == errc::head_timeout || record.error == errc::proxy_header_timeout ||
                      record.error == errc::client_tls_timeout;
    if (record.status == 407) return "ERR_CACHE_ACCESS_DENIED";
    switch (record.outcome) {
    case request_outcome::denied: return "ERR_ACCESS_DENIED";
    case request_outcome::page: return {};
    case request_outcome::tunnel:
        if (record.status < 300) return {};
        if (record.error == errc::parent_unavailable) return "ERR_CANNOT_FORWARD"; // nobody was asked
        return record.peer.empty() ? "ERR_DNS_FAIL" : "ERR_CONNECT_FAIL";
    default:
        if (late) return record.method.empty() ? "ERR_REQUEST_START_TIMEOUT" : "ERR_REQUEST_PARSE_TIMEOUT";
        return record.status == 0 ? "ERR_CLIENT_GONE" : std::string_view{};
    }
}

/// The value of `errno` behind that; 0 without.
[[nodiscard]] inline int squid_errno(tunnel_record const& record) noexcept
{
    auto const& error = record.error;
    if (squid_error(record).empty()) return 0;
    bool const late =
        error == errc::connect_timeout || error == errc::target_timeout || error == errc::dial_timeout;
    if (late) return ETIMEDOUT;
    return is_system_error(error, error.value()) ? error.value() : 0;
}

} // namespace viaduct::detail

#endif
