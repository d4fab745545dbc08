#ifndef VIADUCT_IMPL_LOG_CALENDAR_HPP
#define VIADUCT_IMPL_LOG_CALENDAR_HPP

#include <viaduct/log/tunnel_record.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace viaduct::detail {

using log_time = std::chrono::system_clock::time_point;

/// A moment as people write it, in a zone that is `offset` seconds east of Greenwich.
struct calendar_time
{
    std::int64_t epoch = 0; ///< Seconds since 1970, in UTC.
    int offset = 0;
    int year = 1970;
    unsigned month = 1;
    unsigned day = 1;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    unsigned weekday = 4;  ///< From Sunday.
    unsigned year_day = 0; ///< From the first of January.
    unsigned nanoseconds = 0;
};

[[nodiscard]] inline calendar_time calendar_of(log_time moment, int offset = 0) noexcept
{
    using namespace std::chrono;
    auto const seconds_in_utc = floor<seconds>(moment);
    auto const there = seconds_in_utc + seconds{offset};
    auto const midnight = floor<days>(there);
    year_month_day const date{midnight};
    hh_mm_ss<seconds> const clock{there - midnight};
    calendar_time out;
    out.epoch = seconds_in_utc.time_since_epoch().count();
    out.offset = offset;
    out.year = static_cast<int>(date.year());
    out.month = static_cast<unsigned>(date.month());
    out.day = static_cast<unsigned>(date.day());
    out.hour = static_cast<unsigned>(clock.hours().count());
    out.minute = static_cast<unsigned>(clock.minutes().count());
    out.second = static_cast<unsigned>(clock.seconds().count());
    out.weekday = weekday{midnight}.c_encoding();
    out.year_day = static_cast<unsigned>((midnight - sys_days{date.year() / January / 1}).count());
    out.nanoseconds = static_cast<unsigned>(duration_cast<nanoseconds>(moment - seconds_in_utc).count());
    return out;
}

/// How far east of Greenwich this machine's clock is at a moment, in seconds.
[[nodiscard]] inline int local_offset(log_time moment) noexcept
{
    auto const at = std::chrono::system_clock::to_time_t(moment);
    std::tm local{};
#if defined(_WIN32)
    if (::localtime_s(&local, &at) != 0) return 0;
#else
    if (::localtime_r(&at, &local) == nullptr) return 0;
#endif
    auto const utc = calendar_of(std::chrono::system_clock::from_time_t(at));
    auto const days = local.tm_year + 1900 != utc.year ? (local.tm_year + 1900 < utc.year ? -1 : 1)
                                                       : local.tm_yday - static_cast<int>(utc.year_day);
    auto const of_day = [](int hour, int minute, int second) { return (hour * 60 + minute) * 60 + second; };
    return days * 86400 + of_day(local.tm_hour, local.tm_min, local.tm_sec) -
           of_day(static_cast<int>(utc.hour), static_cast<int>(utc.minute), static_cast<int>(utc.second));
}

/// When the request of a record began; never before 1970, whatever the record says.
[[nodiscard]] inline log_time start_of(tunnel_record const& record) noexcept
{
    using length = log_time::duration;
    auto const most = std::max(record.ended.time_since_epoch(), length::zero());
    return record.ended -
           std::clamp(std::chrono::duration_cast<length>(record.elapsed), length::zero(), most);
}

/// Writes a number with so many digits, from the right end of a place.
inline void put_digits(char* to, unsigned value, std::size_t width) noexcept
{
    for (; width > 0; value /= 10)
        to[--width] = static_cast<char>('0' + value % 10);
}

/// `2018-12-07T10:38:02.841Z`: RFC 3339 in UTC, to the millisecond.
[[nodiscard]] inline std::array<char, 24> internet_time(log_time moment) noexcept
{
    auto const at = calendar_of(moment);
    std::array<char, 24> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                              '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
    put_digits(text.data(), static_cast<unsigned>(at.year), 4);
    put_digits(text.data() + 5, at.month, 2);
    put_digits(text.data() + 8, at.day, 2);
    put_digits(text.data() + 11, at.hour, 2);
    put_digits(text.data() + 14, at.minute, 2);
    put_digits(text.data() + 17, at.second, 2);
    put_digits(text.data() + 20, at.nanoseconds / 1'000'000, 3);
    return text;
}

/// A string takes a pair of pointers by way of a copy, and other buffers take nothing else.
inline void append_text(std::string& to, std::string_view text)
{
    to.append(text);
}

template <class Buffer>
void append_text(Buffer& to, std::string_view text)
{
    to.append(text.data(), text.data() + text.size());
}

/// Appends a decimal number to a string or a buffer.
template <class Text, class Number>
void append_number(Text& text, Number value)
{
    std::array<char, 24> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    append_text(text, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

/// 16 hexadecimal digits.
[[nodiscard]] inline std::array<char, 16> hex_of(std::uint64_t value) noexcept
{
    std::array<char, 16> text{};
    for (std::size_t i = text.size(); i > 0; value >>= 4U)
        text[--i] = "0123456789abcdef"[value & 0xfU];
    return text;
}

template <std::size_t N>
[[nodiscard]] std::string_view view_of(std::array<char, N> const& text) noexcept
{
    return {text.data(), text.size()};
}

inline constexpr std::string_view month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

} // namespace viaduct::detail

#endif
